"""Payment intents without Checkout: authorization and capture, bank debits, changes."""

from typing import Any

import pytest
import stripe
from sandbox_outcomes import REFUSED
from sandbox_server import Running

DAY = 24 * 3600


def hold(sandbox: Running, card: str = "pm_card_visa") -> stripe.PaymentIntent:
    """An intent with an authorized amount."""
    return sandbox.client.v1.payment_intents.create(
        {
            "amount": 2000,
            "currency": "usd",
            "capture_method": "manual",
            "payment_method": card,
            "confirm": True,
        }
    )


def charge_of(sandbox: Running, intent: stripe.PaymentIntent) -> stripe.Charge:
    return sandbox.client.v1.charges.retrieve(str(intent.latest_charge))


def test_authorized_amount_is_captured(sandbox: Running) -> None:
    held = hold(sandbox)
    assert (held.status, held.amount_capturable, held.amount_received) == ("requires_capture", 2000, 0)
    charge = charge_of(sandbox, held)
    assert (charge.status, charge.captured, charge.balance_transaction) == ("succeeded", False, None)
    assert sandbox.types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
    ]
    done = sandbox.client.v1.payment_intents.capture(held.id)
    assert (done.status, done.amount_capturable, done.amount_received) == ("succeeded", 0, 2000)
    charge = charge_of(sandbox, held)
    assert (charge.captured, charge.amount_captured) == (True, 2000)
    moved = sandbox.client.v1.balance_transactions.retrieve(str(charge.balance_transaction))
    assert (moved.amount, moved.fee, moved.net) == (2000, 88, 1912)
    assert sandbox.types()[3:] == ["charge.captured", "payment_intent.succeeded"]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sandbox.client.v1.payment_intents.capture(held.id)
    assert caught.value.code == "payment_intent_unexpected_state"


def test_only_the_captured_part_can_be_refunded(sandbox: Running) -> None:
    held = hold(sandbox)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sandbox.client.v1.payment_intents.capture(held.id, {"amount_to_capture": 2001})
    assert (caught.value.param, caught.value.code) == ("amount_to_capture", "amount_too_large")
    done = sandbox.client.v1.payment_intents.capture(held.id, {"amount_to_capture": 1500})
    assert done.amount_received == 1500
    refund = sandbox.client.v1.refunds.create({"payment_intent": held.id})
    assert refund.amount == 1500
    assert charge_of(sandbox, held).refunded is True


def test_a_charge_is_captured_by_its_own_id(sandbox: Running) -> None:
    held = hold(sandbox)
    charge = sandbox.client.v1.charges.capture(str(held.latest_charge), {"amount": 500})
    assert (charge.captured, charge.amount_captured) == (True, 500)
    assert sandbox.client.v1.payment_intents.retrieve(held.id).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sandbox.client.v1.charges.capture(charge.id)
    assert caught.value.code == "charge_already_captured"


def test_canceling_releases_the_authorized_amount(sandbox: Running) -> None:
    held = hold(sandbox)
    for how in ({"payment_intent": held.id}, {"charge": str(held.latest_charge)}):
        with pytest.raises(stripe.InvalidRequestError):
            sandbox.client.v1.refunds.create(how)  # type: ignore[arg-type]
    gone = sandbox.client.v1.payment_intents.cancel(held.id)
    assert (gone.status, gone.amount_capturable) == ("canceled", 0)
    assert charge_of(sandbox, held).refunded is True
    assert sandbox.client.v1.balance_transactions.list().data == []
    assert sandbox.types()[3:] == ["charge.refunded", "payment_intent.canceled"]


def test_authorization_expires_after_seven_days(sandbox: Running) -> None:
    held = hold(sandbox)
    sandbox.control("clock", {"advance": 7 * DAY - 60})
    assert sandbox.client.v1.payment_intents.retrieve(held.id).status == "requires_capture"
    sandbox.control("clock", {"advance": 61})
    assert sandbox.client.v1.payment_intents.retrieve(held.id).status == "canceled"
    assert sandbox.types()[3:] == ["charge.expired", "payment_intent.canceled"]


def test_session_is_unpaid_until_its_authorized_amount_is_captured(sandbox: Running) -> None:
    session = sandbox.session(payment_intent_data={"capture_method": "manual"})
    done = sandbox.pay(session.id)
    assert (done["status"], done["session"]["payment_status"]) == ("succeeded", "unpaid")
    sandbox.client.v1.payment_intents.capture(done["payment_intent"]["id"])
    assert sandbox.client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_declined_card_authorizes_nothing(sandbox: Running) -> None:
    with pytest.raises(stripe.CardError) as caught:
        hold(sandbox, "pm_card_chargeDeclined")
    assert caught.value.code == "card_declined"
    assert sandbox.types()[1:] == REFUSED


def debit(sandbox: Running, iban: str, **changes: Any) -> stripe.PaymentIntent:
    """An intent confirmed with a bank debit."""
    method = sandbox.client.v1.payment_methods.create(
        {
            "type": "sepa_debit",
            "sepa_debit": {"iban": iban},
            "billing_details": {"name": "Bo", "email": "bo@example.com"},
        }
    )
    params: Any = {
        "amount": 2000,
        "currency": "eur",
        "payment_method": method.id,
        "confirm": True,
        "mandate_data": {"customer_acceptance": {"type": "offline"}},
        **changes,
    }
    return sandbox.client.v1.payment_intents.create(params)


@pytest.mark.parametrize(
    ("iban", "status", "last"),
    [
        ("AT32 1904 3002 3547 3204", "succeeded", "payment_intent.succeeded"),
        ("AT861904300235473202", "requires_payment_method", "payment_intent.payment_failed"),
    ],
)
def test_a_bank_debit_is_processing_before_it_ends(
    sandbox: Running, iban: str, status: str, last: str
) -> None:
    intent = debit(sandbox, iban)
    assert intent.status == "processing"
    assert sandbox.types()[-1] == "payment_intent.processing"
    sandbox.control("clock", {"advance": 180})
    assert sandbox.client.v1.payment_intents.retrieve(intent.id).status == status
    assert sandbox.types()[-1] == last


def test_bank_debit_refuses_capture_and_unknown_accounts(sandbox: Running) -> None:
    for iban, param in (("DE00", "sepa_debit[iban]"), ("GB82WEST12345698765432", "sepa_debit[iban]")):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            debit(sandbox, iban)
        assert caught.value.param == param
        assert iban not in str(caught.value)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sandbox.client.v1.payment_methods.create(
            {"type": "sepa_debit", "sepa_debit": {"iban": "DE89370400440532013000"}}
        )
    assert (caught.value.param, caught.value.code) == ("billing_details[name]", "parameter_missing")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        debit(sandbox, "DE89370400440532013000", capture_method="manual")
    assert caught.value.param == "capture_method"


def test_intent_can_be_changed_until_it_is_charged(sandbox: Running) -> None:
    intents = sandbox.client.v1.payment_intents
    customer = sandbox.client.v1.customers.create({"name": "A"}).id
    intent = intents.create({"amount": 500, "currency": "usd"})
    changed = intents.update(
        intent.id,
        {"amount": 700, "currency": "eur", "customer": customer, "payment_method": "pm_card_visa"},
    )
    assert (changed.amount, changed.currency, changed.customer) == (700, "eur", customer)
    assert changed.status == "requires_confirmation"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        intents.update(intent.id, {"amount": 1})
    assert (caught.value.param, caught.value.code) == ("amount", "amount_too_small")
    assert intents.confirm(intent.id).amount_received == 700
    with pytest.raises(stripe.InvalidRequestError) as caught:
        intents.update(intent.id, {"amount": 800})
    assert caught.value.code == "payment_intent_unexpected_state"
    assert intents.update(intent.id, {"description": "Thanks"}).description == "Thanks"


def test_money_is_pending_for_two_days_and_then_available(sandbox: Running) -> None:
    assert sandbox.client.v1.balance.retrieve().available[0].amount == 0
    sandbox.pay(sandbox.session().id)
    moved = sandbox.client.v1.balance_transactions.list().data[0]
    balance = sandbox.client.v1.balance.retrieve()
    assert (moved.status, moved.net) == ("pending", 1902)
    assert (balance.pending[0].amount, balance.available[0].amount) == (1902, 0)
    sandbox.control("clock", {"advance": 3 * DAY})
    balance = sandbox.client.v1.balance.retrieve()
    assert (balance.pending[0].amount, balance.available[0].amount) == (0, 1902)
    assert sandbox.client.v1.balance_transactions.retrieve(moved.id).status == "available"
    assert sandbox.types()[-1] == "balance.available"


def test_money_of_the_bypass_card_is_available_immediately(sandbox: Running) -> None:
    sandbox.pay(sandbox.session().id, "4000000000000077")
    sandbox.control("clock", {"advance": 1})
    assert sandbox.client.v1.balance.retrieve().available[0].amount == 1902
