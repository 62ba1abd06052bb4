"""Bank debits: a completed session is not yet paid."""

import pytest
import stripe
from sandbox_outcomes import CHARGED, REFUSED
from sandbox_server import Running

SUCCEEDS, FAILS = "DE89370400440532013000", "DE62370400440532013001"


@pytest.mark.parametrize(
    ("account", "ending", "status"),
    [
        (SUCCEEDS, [*CHARGED, "checkout.session.async_payment_succeeded"], "paid"),
        (FAILS, [*REFUSED, "checkout.session.async_payment_failed"], "unpaid"),
    ],
)
def test_a_bank_debit_settles_after_three_minutes(
    sandbox: Running, account: str, ending: list[str], status: str
) -> None:
    session = sandbox.session()
    done = sandbox.pay(session.id, account)
    assert (done["session"]["status"], done["session"]["payment_status"]) == ("complete", "unpaid")
    begun = sandbox.types()
    assert begun == [
        "payment_intent.created",
        "charge.pending",
        "payment_intent.processing",
        "checkout.session.completed",
    ]
    sandbox.control("clock", {"advance": 181})
    assert sandbox.types()[4:] == ending
    assert sandbox.client.v1.checkout.sessions.retrieve(session.id).payment_status == status


@pytest.mark.parametrize(
    ("outcome", "status"), [("succeed", "succeeded"), ("fail", "requires_payment_method")]
)
def test_control_settles_a_bank_debit(sandbox: Running, outcome: str, status: str) -> None:
    intent = sandbox.pay(sandbox.session().id, SUCCEEDS)["payment_intent"]["id"]
    sandbox.control(f"payment_intents/{intent}/settle", {"outcome": outcome})
    found = sandbox.client.v1.payment_intents.retrieve(intent, {"expand": ["latest_charge"]})
    assert found.status == status
    assert isinstance(found.latest_charge, stripe.Charge)
    assert (found.latest_charge.balance_transaction is not None) is (status == "succeeded")
    assert sandbox.http.post(f"/_sandbox/payment_intents/{intent}/settle").status_code == 400, "only once"
    sandbox.control("clock", {"advance": 300})
    assert sandbox.client.v1.payment_intents.retrieve(intent).status == status


def test_payment_page_accepts_a_bank_account(sandbox: Running) -> None:
    session = sandbox.session()
    path = f"/c/pay/{session.id}"
    form = {"email": "a@example.com", "name": "Anna", "iban": "DE89 3704 0044 0532 0130 00"}
    wrong = sandbox.http.post(path, data={**form, "iban": "DE00 1234 1234 1234 1234 12"})
    assert wrong.status_code == 200
    assert sandbox.http.post(path, data=form).status_code == 303
    assert sandbox.client.v1.checkout.sessions.retrieve(session.id).payment_status == "unpaid"


def test_bank_debit_cannot_start_a_subscription(sandbox: Running) -> None:
    session = sandbox.session(mode="setup", line_items=None, payment_intent_data=None)
    answer = sandbox.http.post(f"/_sandbox/checkout/sessions/{session.id}/pay", json={"card": SUCCEEDS})
    assert answer.status_code == 400
