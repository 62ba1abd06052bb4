"""Publishable keys: which operations a page in a browser may use, and which fields it sees."""

from typing import Any

import httpx
import pytest
from sandbox_server import Running

KEY = "pk_test_shop"
CARD = {
    "type": "card",
    "card[number]": "4242424242424242",
    "card[exp_month]": "12",
    "card[exp_year]": "2034",
    "card[cvc]": "123",
}


def post(sandbox: Running, path: str, form: dict[str, str], **headers: str) -> httpx.Response:
    return sandbox.http.post(f"/v1/{path}", data={"key": KEY, **form}, headers=headers)


def get(sandbox: Running, path: str, **query: str) -> httpx.Response:
    return sandbox.http.get(f"/v1/{path}", params={"key": KEY, **query})


def intent(sandbox: Running, **changes: Any) -> Any:
    customer = sandbox.client.v1.customers.create({"email": "a@example.com"}).id
    return sandbox.client.v1.payment_intents.create(
        {"amount": 1990, "currency": "usd", "customer": customer, "metadata": {"margin": "70 %"}, **changes}
    )


def confirm(sandbox: Running, made: Any, card: str) -> httpx.Response:
    """The answer to a page that confirms the intent with this card."""
    form = {"client_secret": made.client_secret, "payment_method": card}
    return post(sandbox, f"payment_intents/{made.id}/confirm", form)


def test_client_secret_shows_an_intent_without_private_fields(sandbox: Running) -> None:
    made = intent(sandbox)
    seen = get(sandbox, f"payment_intents/{made.id}", client_secret=made.client_secret)
    assert seen.status_code == 200
    assert seen.json()["amount"] == 1990
    assert seen.json()["status"] == "requires_payment_method"
    assert {"metadata", "customer", "latest_charge"}.isdisjoint(seen.json())
    assert seen.headers["access-control-allow-origin"] == "*"


def test_a_key_in_the_header_is_the_same(sandbox: Running) -> None:
    made = intent(sandbox)
    answer = sandbox.http.get(
        f"/v1/payment_intents/{made.id}",
        params={"client_secret": made.client_secret},
        headers={"Authorization": f"Bearer {KEY}"},
    )
    assert "metadata" not in answer.json()
    assert "access-control-allow-origin" not in answer.headers, "headers are for programs"


@pytest.mark.parametrize("secret", ["", "x", "pi_1_secret_2", "é" * 50, "x" * 4000])
@pytest.mark.parametrize("path", ["", "/confirm"])
def test_wrong_client_secret_is_refused(sandbox: Running, secret: str, path: str) -> None:
    made = intent(sandbox, payment_method="pm_card_visa")
    url = f"payment_intents/{made.id}{path}"
    ask = (lambda **form: post(sandbox, url, form)) if path else (lambda **form: get(sandbox, url, **form))
    wrong = ask(client_secret=secret)
    assert wrong.status_code == 400
    assert wrong.json()["error"]["param"] == "client_secret"
    assert made.client_secret not in wrong.text
    assert ask().json()["error"]["message"] == "Missing required param: client_secret."
    other = intent(sandbox)
    assert "does not match" in ask(client_secret=other.client_secret).json()["error"]["message"]
    assert sandbox.client.v1.payment_intents.retrieve(made.id).status == "requires_confirmation"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "customers"),
        ("GET", "payment_intents"),
        ("GET", "events"),
        ("POST", "payment_intents"),
        ("POST", "refunds"),
        ("POST", "checkout/sessions"),
        ("GET", "payment_methods/pm_1"),
        ("DELETE", "customers/cus_1"),
    ],
)
def test_everything_else_needs_a_secret_key(sandbox: Running, method: str, path: str) -> None:
    answer = sandbox.http.request(method, f"/v1/{path}", params={"key": KEY})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "secret_key_required"


@pytest.mark.parametrize("key", ["sk_test_x", "pk_live_x", "pk_test_", "pk_test_é", "pk_", "", "x"])
def test_key_parameter_must_be_a_publishable_test_key(sandbox: Running, key: str) -> None:
    made = intent(sandbox)
    answer = get(sandbox, f"payment_intents/{made.id}", key=key, client_secret=made.client_secret)
    assert answer.status_code == 401


def test_decline_shows_the_page_only_public_fields(sandbox: Running) -> None:
    made = intent(sandbox)
    answer = confirm(sandbox, made, "pm_card_chargeDeclinedInsufficientFunds")
    error = answer.json()["error"]
    assert (answer.status_code, error["decline_code"]) == (402, "insufficient_funds")
    assert error["payment_intent"]["last_payment_error"]["payment_method"]["card"]["last4"] == "9995"
    assert "metadata" not in error["payment_intent"]
    assert "70 %" not in answer.text


def test_an_expansion_shows_no_customer(sandbox: Running) -> None:
    made = intent(sandbox)
    answer = get(
        sandbox,
        f"payment_intents/{made.id}",
        **{"client_secret": made.client_secret, "expand[0]": "customer"},
    )
    assert "a@example.com" not in answer.text
    assert "customer" not in answer.json()


def test_card_numbers_come_only_from_the_sandbox_s_own_frames(sandbox: Running) -> None:
    for headers in ({}, {"Origin": "http://127.0.0.1:9"}, {"Sec-Fetch-Site": "same-site"}):
        answer = post(sandbox, "payment_methods", CARD, **headers)
        assert answer.status_code == 400, headers
        assert "Elements" in answer.json()["error"]["message"]
    answer = post(sandbox, "payment_methods", CARD, Origin=sandbox.url)
    assert answer.json()["card"]["last4"] == "4242"
    assert "4242424242424242" not in answer.text


@pytest.mark.parametrize("number", ["4111111111111111", "4242424242424241", "1", "x" * 30])
def test_a_number_that_is_no_test_card_is_refused_and_not_repeated(sandbox: Running, number: str) -> None:
    answer = post(sandbox, "payment_methods", {**CARD, "card[number]": number}, Origin=sandbox.url)
    assert answer.status_code == 402
    assert answer.json()["error"]["code"] in ("card_declined", "incorrect_number")
    assert number not in answer.json()["error"]["message"]


def test_three_d_secure_can_be_finished_with_the_client_secret(sandbox: Running) -> None:
    made = intent(sandbox)
    waiting = confirm(sandbox, made, "pm_card_threeDSecure2Required").json()
    assert waiting["status"] == "requires_action"
    path, complete = f"payment_pages/{made.id}/authenticate", {"outcome": "complete"}
    assert post(sandbox, path, {**complete, "client_secret": "x"}).status_code == 400
    assert post(sandbox, path, {"outcome": "maybe", "client_secret": made.client_secret}).status_code == 400
    done = post(sandbox, path, {**complete, "client_secret": made.client_secret})
    assert done.json()["status"] == "succeeded"
    again = post(sandbox, path, {**complete, "client_secret": made.client_secret})
    assert again.json()["error"]["code"] == "payment_intent_unexpected_state"
