"""Disputes, inquiries and early fraud warnings."""

import pytest
import stripe
from sandbox_server import PURCHASE, Running


def charge(sandbox: Running, card: str = "4242424242424242") -> str:
    found: str = sandbox.pay(sandbox.session().id, card)["payment_intent"]["latest_charge"]
    return found


def test_dispute_withdraws_the_money_and_winning_it_reinstates_it(sandbox: Running) -> None:
    disputed = charge(sandbox)
    opened = sandbox.control(f"charges/{disputed}/dispute", {"reason": "product_not_received"})
    dispute = sandbox.client.v1.disputes.retrieve(opened["id"])
    assert (dispute.status, dispute.reason, dispute.amount) == (
        "needs_response",
        "product_not_received",
        1990,
    )
    taken = dispute.balance_transactions[0]
    assert (taken.amount, taken.fee, taken.net) == (-1990, 1500, -3490)
    assert sandbox.client.v1.charges.retrieve(disputed).disputed is True
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sandbox.client.v1.refunds.create({"charge": disputed})
    assert caught.value.code == "charge_disputed"
    answered = sandbox.client.v1.disputes.update(
        dispute.id, {"evidence": {"product_description": "A course"}}
    )
    assert (answered.status, answered.evidence_details.submission_count) == ("under_review", 1)
    sandbox.control(f"disputes/{dispute.id}/close", {"outcome": "won"})
    won = sandbox.client.v1.disputes.retrieve(dispute.id)
    assert won.status == "won"
    assert sum(moved.net for moved in won.balance_transactions) == 0
    assert sandbox.types(after=PURCHASE) == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]


def test_dispute_is_accepted_as_lost(sandbox: Running) -> None:
    opened = sandbox.control(f"charges/{charge(sandbox)}/dispute")
    assert sandbox.client.v1.disputes.close(opened["id"]).status == "lost"
    assert sandbox.types(after=PURCHASE)[-1] == "charge.dispute.closed"
    with pytest.raises(stripe.InvalidRequestError, match="can no longer be changed"):
        sandbox.client.v1.disputes.close(opened["id"])


def test_an_inquiry_moves_no_money(sandbox: Running) -> None:
    disputed = charge(sandbox)
    opened = sandbox.control(f"charges/{disputed}/dispute", {"inquiry": True})
    assert opened["status"] == "warning_needs_response"
    assert opened["balance_transactions"] == []
    sandbox.control(f"disputes/{opened['id']}/close", {"outcome": "won"})
    assert sandbox.client.v1.disputes.retrieve(opened["id"]).status == "warning_closed"
    assert sandbox.types(after=PURCHASE) == ["charge.dispute.created", "charge.dispute.closed"]
    assert sandbox.client.v1.refunds.create({"charge": disputed}).status == "succeeded"


@pytest.mark.parametrize(("said", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
def test_evidence_decides_the_dispute_of_the_always_disputed_card(
    sandbox: Running, said: str, status: str
) -> None:
    disputed = charge(sandbox, "4000000000000259")
    sandbox.control("clock", {"advance": 1})
    dispute = sandbox.client.v1.disputes.list({"charge": disputed}).data[0]
    assert dispute.reason == "fraudulent"
    decided = sandbox.client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": said}})
    assert decided.status == status


def test_inquiry_card_opens_an_inquiry(sandbox: Running) -> None:
    disputed = charge(sandbox, "4000000000001976")
    sandbox.control("clock", {"advance": 1})
    assert sandbox.client.v1.disputes.list({"charge": disputed}).data[0].status == "warning_needs_response"


def test_control_creates_an_early_fraud_warning(sandbox: Running) -> None:
    suspected = charge(sandbox)
    warning = sandbox.control(f"charges/{suspected}/early_fraud_warning")
    found = sandbox.client.v1.radar.early_fraud_warnings.retrieve(warning["id"])
    assert (found.charge, found.actionable) == (suspected, True)
    assert sandbox.types(after=PURCHASE) == ["radar.early_fraud_warning.created"]


def test_a_dispute_over_a_part_withdraws_and_reinstates_that_part(sandbox: Running) -> None:
    disputed = charge(sandbox)
    opened = sandbox.control(f"charges/{disputed}/dispute", {"amount": 500})
    sandbox.control(f"disputes/{opened['id']}/close", {"outcome": "won"})
    found = sandbox.client.v1.disputes.retrieve(opened["id"])
    assert (found.amount, [moved.amount for moved in found.balance_transactions]) == (500, [-500, 500])


def test_impossible_disputes_are_refused(sandbox: Running) -> None:
    disputed = charge(sandbox)
    for amount in (0, -1, 1991, "x"):
        refused = sandbox.http.post(f"/_sandbox/charges/{disputed}/dispute", json={"amount": amount})
        assert refused.status_code == 400
    assert sandbox.http.post(f"/_sandbox/charges/{disputed}/dispute", json={"reason": "x"}).status_code == 400
    assert sandbox.http.post("/_sandbox/charges/ch_x/dispute").status_code == 404
    sandbox.control(f"charges/{disputed}/dispute")
    assert sandbox.http.post(f"/_sandbox/charges/{disputed}/dispute").status_code == 400


def test_dispute_of_a_disputed_card_exists_immediately(sandbox: Running) -> None:
    for _ in range(5):
        intent = sandbox.client.v1.payment_intents.create(
            {"amount": 900, "currency": "usd", "payment_method": "pm_card_createDispute", "confirm": True}
        )
        assert len(sandbox.client.v1.disputes.list({"payment_intent": intent.id}).data) == 1
