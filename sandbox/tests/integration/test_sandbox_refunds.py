"""Refunds: full, partial, pending, failed; and their effect on the balance."""

import pytest
import stripe
from sandbox_server import PURCHASE, Running

AFTER_REFUND = ["refund.created", "charge.refunded", "refund.updated", "charge.refund.updated"]


def paid(sandbox: Running, card: str = "4242424242424242") -> str:
    intent: str = sandbox.pay(sandbox.session().id, card)["payment_intent"]["id"]
    return intent


def test_a_full_refund(sandbox: Running) -> None:
    refund = sandbox.client.v1.refunds.create(
        {"payment_intent": paid(sandbox), "reason": "requested_by_customer"}
    )
    assert (refund.status, refund.amount, refund.reason) == ("succeeded", 1990, "requested_by_customer")
    assert sandbox.types(after=PURCHASE) == AFTER_REFUND
    charge = sandbox.client.v1.charges.retrieve(str(refund.charge), {"expand": ["refunds"]})
    assert (charge.refunded, charge.amount_refunded) == (True, 1990)
    assert charge.refunds is not None
    assert [one.id for one in charge.refunds.data] == [refund.id]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sandbox.client.v1.refunds.create({"charge": charge.id})
    assert caught.value.code == "charge_already_refunded"


def test_partial_refunds_add_up_and_only_the_last_one_makes_it_refunded(sandbox: Running) -> None:
    intent = paid(sandbox)
    first = sandbox.client.v1.refunds.create({"payment_intent": intent, "amount": 990})
    charge = sandbox.client.v1.charges.retrieve(str(first.charge))
    assert (charge.refunded, charge.amount_refunded) == (False, 990)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount") as caught:
        sandbox.client.v1.refunds.create({"payment_intent": intent, "amount": 1001})
    assert caught.value.param == "amount"
    sandbox.client.v1.refunds.create({"payment_intent": intent})
    assert sandbox.client.v1.charges.retrieve(charge.id).refunded is True
    assert [r.amount for r in sandbox.client.v1.refunds.list({"payment_intent": intent}).data] == [1000, 990]


def test_failed_refund_restores_the_charge(sandbox: Running) -> None:
    refund = sandbox.client.v1.refunds.create({"payment_intent": paid(sandbox)})
    sandbox.control(f"refunds/{refund.id}/fail", {"reason": "lost_or_stolen_card"})
    failed = sandbox.client.v1.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "lost_or_stolen_card")
    charge = sandbox.client.v1.charges.retrieve(str(refund.charge))
    assert (charge.refunded, charge.amount_refunded) == (False, 0)
    assert sandbox.types(after=PURCHASE)[4:] == ["refund.failed", "refund.updated", "charge.refund.updated"]
    assert (
        sandbox.client.v1.refunds.create({"payment_intent": str(refund.payment_intent)}).status == "succeeded"
    )


def test_pending_refund_is_canceled_or_settles_automatically(sandbox: Running) -> None:
    cancelled = sandbox.client.v1.refunds.create({"payment_intent": paid(sandbox, "4000000000007726")})
    assert cancelled.status == "pending"
    assert sandbox.client.v1.refunds.cancel(cancelled.id).status == "canceled"
    assert sandbox.client.v1.charges.retrieve(str(cancelled.charge)).amount_refunded == 0
    settled = sandbox.client.v1.refunds.create({"payment_intent": paid(sandbox, "4000000000007726")})
    sandbox.control("clock", {"advance": 10})
    assert sandbox.client.v1.refunds.retrieve(settled.id).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.client.v1.refunds.cancel(settled.id)


def test_refund_failure_card_fails_automatically(sandbox: Running) -> None:
    refund = sandbox.client.v1.refunds.create({"payment_intent": paid(sandbox, "4000000000005126")})
    assert refund.status == "succeeded"
    sandbox.control("clock", {"advance": 10})
    assert sandbox.client.v1.refunds.retrieve(refund.id).status == "failed"


def test_balance_includes_fees_and_refunds(sandbox: Running) -> None:
    refund = sandbox.client.v1.refunds.create({"payment_intent": paid(sandbox), "amount": 500})
    charge = sandbox.client.v1.charges.retrieve(str(refund.charge), {"expand": ["balance_transaction"]})
    taken = charge.balance_transaction
    assert isinstance(taken, stripe.BalanceTransaction)
    assert (taken.amount, taken.fee, taken.net, taken.type) == (1990, 88, 1902, "charge")
    assert sum(detail.amount for detail in taken.fee_details) == taken.fee
    given = sandbox.client.v1.balance_transactions.retrieve(str(refund.balance_transaction))
    assert (given.amount, given.fee, given.net, given.source) == (-500, 0, -500, refund.id)
    listed = sandbox.client.v1.balance_transactions.list({"type": "refund"})
    assert [one.id for one in listed.data] == [given.id]


def test_impossible_refunds_are_refused(sandbox: Running) -> None:
    declined = sandbox.pay(sandbox.session().id, "4000000000000002")["payment_intent"]
    refunds = sandbox.client.v1.refunds
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        refunds.create({"payment_intent": declined["id"]})
    with pytest.raises(stripe.InvalidRequestError, match="has not succeeded"):
        refunds.create({"charge": declined["latest_charge"]})
    with pytest.raises(stripe.InvalidRequestError, match="payment_intent or charge"):
        refunds.create({})
    with pytest.raises(stripe.InvalidRequestError, match="No such charge"):
        refunds.create({"charge": "ch_none"})
