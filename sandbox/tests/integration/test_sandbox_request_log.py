"""The request log: requests of clients, with sensitive data masked."""

import pytest
from sandbox_server import Running

AUTH = {"Authorization": "Bearer sk_test_x"}


def log(sandbox: Running, limit: int = 100) -> list[dict[str, object]]:
    answer = sandbox.http.get("/_sandbox/requests", params={"limit": limit})
    found: list[dict[str, object]] = answer.json()["data"]
    return found


def test_requests_are_listed_newest_first_with_their_answer(sandbox: Running) -> None:
    sandbox.client.v1.customers.create({"metadata": {"a": "b"}}, {"idempotency_key": "k1"})
    sandbox.http.get("/v1/customers/cus_x?expand[]=subscriptions", headers=AUTH)
    sandbox.http.get("/v1/customers")
    assert [(e["method"], e["path"], e["status"]) for e in log(sandbox)] == [
        ("GET", "/v1/customers", 401),
        ("GET", "/v1/customers/cus_x", 404),
        ("POST", "/v1/customers", 200),
    ]
    made = log(sandbox)[2]
    assert (made["params"], made["idempotency_key"]) == ({"metadata": {"a": "b"}}, "k1")
    assert made["stripe_version"] == "2026-10-28.endive"
    assert log(sandbox)[1]["params"] == {"expand": {"0": "subscriptions"}}
    assert len(log(sandbox, 1)) == 1
    assert sandbox.http.get("/_sandbox/requests?limit=1001").status_code == 400
    sandbox.reset()
    assert log(sandbox) == []


@pytest.mark.parametrize(
    "form",
    [
        "type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2034&card[cvc]=q8z-",
        "type=card&card%5Bnumber%5D=4242424242424242&card%5Bcvc%5D=q8z-",
        "type=sepa_debit&sepa_debit[iban]=DE89370400440532013000",
    ],
)
def test_a_card_or_account_is_masked(sandbox: Running, form: str) -> None:
    headers = AUTH | {"Content-Type": "application/x-www-form-urlencoded"}
    sandbox.http.post("/v1/payment_methods", content=form, headers=headers)
    shown = sandbox.http.get("/_sandbox/requests").text
    for secret in ("4242424242424242", "q8z-", "DE89370400440532013000"):
        assert secret not in shown
    assert "***" in shown


def test_malformed_or_large_forms_have_no_parameters(sandbox: Running) -> None:
    headers = AUTH | {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (b"a[=1", b"\xff=1", b"name=" + b"x" * 30_000):
        sandbox.http.post("/v1/customers", content=body, headers=headers)
    assert [entry["params"] for entry in log(sandbox)] == [None, None, None]
