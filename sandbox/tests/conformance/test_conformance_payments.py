"""Payment intents, charges, balance transactions, refunds and disputes, with Stripe's test cards."""

from typing import Any

import pytest
import stripe
from conformance import Account, ids
from sandbox_outcomes import DECLINES, Decline


def charge_of(account: Account, intent: stripe.PaymentIntent) -> stripe.Charge:
    return account.v1.charges.retrieve(str(intent.latest_charge), {"expand": ["balance_transaction"]})


def test_a_card_pays(account: Account) -> None:
    intent = account.pay(metadata={"order_id": "ord_1"}, description="A course")
    assert (intent.status, intent.amount, intent.amount_received) == ("succeeded", 2000, 2000)
    assert (intent.next_action, intent.last_payment_error) == (None, None)
    assert str(intent.client_secret).startswith(f"{intent.id}_secret_")
    charge = charge_of(account, intent)
    assert (charge.status, charge.paid, charge.captured, charge.refunded) == ("succeeded", True, True, False)
    assert (charge.payment_intent, charge.metadata["order_id"]) == (intent.id, "ord_1")
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.card is not None
    assert charge.payment_method_details.card.last4 == "4242"
    moved = account.eventually(
        "the balance transaction", lambda: charge_of(account, intent).balance_transaction
    )
    assert isinstance(moved, stripe.BalanceTransaction)
    assert (moved.type, moved.amount, moved.source) == ("charge", 2000, charge.id)
    assert moved.fee > 0
    assert moved.net == moved.amount - moved.fee == 2000 - sum(fee.amount for fee in moved.fee_details)
    assert ids(account.v1.charges.list({"payment_intent": intent.id}).data) == [charge.id]
    account.in_order(
        ("payment_intent.created", intent.id),
        ("charge.succeeded", charge.id),
        ("payment_intent.succeeded", intent.id),
    )


@pytest.mark.parametrize("card", DECLINES, ids=lambda card: card.method)
def test_a_card_is_declined(account: Account, card: Decline) -> None:
    with pytest.raises(stripe.CardError) as caught:
        account.pay(card.method)
    error = caught.value
    assert (error.http_status, error.code) == (402, card.code)
    assert error.error is not None
    assert error.error.type == "card_error"
    if card.code != "processing_error":
        assert error.error.decline_code == card.decline_code
    intent = account.v1.payment_intents.retrieve(error.error.payment_intent.id)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.code == card.code
    failed = account.v1.charges.retrieve(str(intent.latest_charge))
    assert (failed.status, failed.paid, failed.failure_code) == ("failed", False, card.code)
    account.in_order(("charge.failed", failed.id), ("payment_intent.payment_failed", intent.id))
    assert account.v1.payment_intents.cancel(intent.id).status == "canceled"


def test_a_declined_intent_is_paid_with_another_card(account: Account) -> None:
    intent = account.v1.payment_intents.create(
        {
            "amount": 2000,
            "currency": "usd",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    assert intent.status == "requires_payment_method"
    with pytest.raises(stripe.CardError):
        account.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_chargeDeclined"})
    changed = account.v1.payment_intents.update(intent.id, {"amount": 2500, "metadata": {"try": "2"}})
    assert changed.amount == 2500
    paid = account.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert (paid.status, paid.amount_received) == ("succeeded", 2500)
    statuses = [charge.status for charge in account.v1.charges.list({"payment_intent": intent.id}).data]
    assert statuses == ["succeeded", "failed"]


def test_three_d_secure_requires_action(account: Account) -> None:
    intent = account.v1.payment_intents.create(
        {
            "amount": 2000,
            "currency": "usd",
            "payment_method": "pm_card_threeDSecure2Required",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True},
            "return_url": "https://shop.example/back",
        }
    )
    assert intent.status == "requires_action"
    assert intent.next_action is not None
    assert intent.next_action.type == "redirect_to_url"
    assert intent.latest_charge is None
    account.event("payment_intent.requires_action", intent.id)
    cancelled = account.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    account.event("payment_intent.canceled", intent.id)


def test_operations_that_the_intent_s_status_forbids_are_refused(account: Account) -> None:
    intent = account.pay()
    for attempt in (
        lambda: account.v1.payment_intents.cancel(intent.id),
        lambda: account.v1.payment_intents.confirm(intent.id),
        lambda: account.v1.payment_intents.capture(intent.id),
    ):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            attempt()
        assert caught.value.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        ({"amount": 10}, "amount", "amount_too_small"),
        ({"amount": -5}, "amount", "parameter_invalid_integer"),
        ({"amount": "many"}, "amount", "parameter_invalid_integer"),
        ({"currency": "xyz"}, "currency", None),
        ({"customer": "cus_nobody"}, "customer", "resource_missing"),
        ({"payment_method": "pm_nothing"}, "payment_method", "resource_missing"),
        ({"payment_method_types": ["card"]}, "payment_method_types", "parameter_unknown"),
    ],
)
def test_invalid_intent_parameters_are_refused(
    account: Account, params: dict[str, Any], param: str, code: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.pay(**params)
    assert (caught.value.http_status, caught.value.param) == (400, param)
    if code is not None:
        assert caught.value.code == code


def test_authorized_amount_is_captured_in_part(account: Account) -> None:
    held = account.pay(capture_method="manual")
    assert (held.status, held.amount_capturable, held.amount_received) == ("requires_capture", 2000, 0)
    assert charge_of(account, held).captured is False
    done = account.v1.payment_intents.capture(held.id, {"amount_to_capture": 1500})
    assert (done.status, done.amount_capturable, done.amount_received) == ("succeeded", 0, 1500)
    charge = charge_of(account, held)
    assert (charge.captured, charge.amount_captured) == (True, 1500)
    account.in_order(
        ("payment_intent.amount_capturable_updated", held.id),
        ("charge.captured", charge.id),
        ("payment_intent.succeeded", held.id),
    )
    let_go = account.pay(capture_method="manual")
    assert account.v1.payment_intents.cancel(let_go.id).status == "canceled"


def test_partial_refunds_add_up_to_a_full_refund(account: Account) -> None:
    intent = account.pay()
    part = account.v1.refunds.create(
        {
            "payment_intent": intent.id,
            "amount": 700,
            "reason": "requested_by_customer",
            "metadata": {"a": "b"},
        }
    )
    assert (part.amount, part.status, part.payment_intent) == (700, "succeeded", intent.id)
    charge = charge_of(account, intent)
    assert (charge.amount_refunded, charge.refunded) == (700, False)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.refunds.create({"payment_intent": intent.id, "amount": 1301})
    assert caught.value.param == "amount"
    rest = account.v1.refunds.create({"charge": charge.id})
    assert rest.amount == 1300
    assert charge_of(account, intent).refunded is True
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.refunds.create({"payment_intent": intent.id})
    assert caught.value.code == "charge_already_refunded"
    assert ids(account.v1.refunds.list({"payment_intent": intent.id}).data) == [rest.id, part.id]
    assert account.v1.refunds.update(part.id, {"metadata": {"a": "c"}}).metadata["a"] == "c"
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.refunds.cancel(rest.id)
    account.event("refund.created", part.id)
    assert account.event("charge.refunded", charge.id).data.object["amount_refunded"] in (700, 2000)


def test_a_refund_that_fails(account: Account) -> None:
    intent = account.pay("pm_card_refundFail")
    refund = account.v1.refunds.create({"payment_intent": intent.id})

    def failed() -> stripe.Refund | None:
        found = account.v1.refunds.retrieve(refund.id)
        return found if found.status == "failed" else None

    found = account.eventually("the refund's failure", failed)
    assert found.failure_reason is not None
    assert found.failure_balance_transaction is not None
    account.event("refund.failed", refund.id)


def test_a_refund_needs_a_payment(account: Account) -> None:
    for params in ({}, {"payment_intent": "pi_nothing"}, {"charge": "ch_nothing"}):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            account.v1.refunds.create(params)  # type: ignore[arg-type]
        assert caught.value.http_status in (400, 404)


def dispute_of(account: Account, method: str) -> tuple[stripe.Charge, stripe.Dispute]:
    """A payment with this card, and the dispute that follows it."""
    intent = account.pay(method)

    def look() -> stripe.Dispute | None:
        found = account.v1.disputes.list({"payment_intent": intent.id}).data
        return found[0] if found else None

    return charge_of(account, intent), account.eventually("the dispute", look)


def test_dispute_with_evidence_is_won(account: Account) -> None:
    charge, dispute = dispute_of(account, "pm_card_createDispute")
    assert (dispute.charge, dispute.amount, dispute.reason) == (charge.id, 2000, "fraudulent")
    assert dispute.status == "needs_response"
    assert charge_of_id(account, charge.id).disputed is True
    account.in_order(("charge.dispute.created", dispute.id), ("charge.dispute.funds_withdrawn", dispute.id))
    noted = account.v1.disputes.update(
        dispute.id, {"evidence": {"customer_name": "Kim"}, "submit": False, "metadata": {"a": "b"}}
    )
    assert (noted.evidence.customer_name, noted.metadata["a"]) == ("Kim", "b")
    account.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})

    def won() -> bool:
        return account.v1.disputes.retrieve(dispute.id).status == "won"

    account.eventually("the bank's decision", won)
    account.in_order(("charge.dispute.funds_reinstated", dispute.id), ("charge.dispute.closed", dispute.id))


def test_dispute_is_accepted_as_lost(account: Account) -> None:
    _, dispute = dispute_of(account, "pm_card_createDisputeProductNotReceived")
    assert dispute.reason == "product_not_received"
    closed = account.v1.disputes.close(dispute.id)
    assert closed.status == "lost"
    account.event("charge.dispute.closed", dispute.id)
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.disputes.close(dispute.id)


def test_an_inquiry_moves_no_money(account: Account) -> None:
    _, inquiry = dispute_of(account, "pm_card_createDisputeInquiry")
    assert inquiry.status == "warning_needs_response"
    assert inquiry.balance_transactions == []
    assert inquiry.is_charge_refundable is True


def charge_of_id(account: Account, id_: str) -> stripe.Charge:
    return account.v1.charges.retrieve(id_)
