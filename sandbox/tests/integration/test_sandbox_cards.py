"""Payment methods, setup intents, setup mode, and payment intents confirmed with the API."""

import pytest
import stripe
from sandbox_outcomes import CHARGED
from sandbox_server import Running

EXPIRY = {"exp_month": 12, "exp_year": 2034}


def customer(sandbox: Running) -> str:
    return sandbox.client.v1.customers.create({"email": "a@example.com"}).id


def test_setup_mode_saves_the_card(sandbox: Running) -> None:
    owner = customer(sandbox)
    session = sandbox.session(
        mode="setup",
        line_items=None,
        payment_intent_data=None,
        customer=owner,
        setup_intent_data={"metadata": {"u": "1"}},
    )
    assert (session.amount_total, session.payment_status) == (None, "no_payment_required")
    assert "Save card" in sandbox.http.get(f"/c/pay/{session.id}").text
    done = sandbox.pay(session.id)
    assert done["status"] == "succeeded"
    assert sandbox.types()[1:] == [
        "setup_intent.created",
        "payment_method.attached",
        "setup_intent.succeeded",
        "checkout.session.completed",
    ]
    intent = sandbox.client.v1.setup_intents.retrieve(str(session.setup_intent))
    assert (intent.status, intent.customer) == ("succeeded", owner)
    assert intent.metadata is not None
    assert intent.metadata["u"] == "1"
    methods = sandbox.client.v1.customers.payment_methods.list(owner)
    assert [one.id for one in methods.data] == [intent.payment_method]
    assert methods.data[0].card is not None
    assert (methods.data[0].card.brand, methods.data[0].card.last4) == ("visa", "4242")


def test_setup_mode_declines_and_authenticates(sandbox: Running) -> None:
    session = sandbox.session(
        mode="setup", line_items=None, payment_intent_data=None, customer=customer(sandbox)
    )
    declined = sandbox.pay(session.id, "4000000000000002")
    assert (declined["status"], declined["error"]["decline_code"]) == ("declined", "generic_decline")
    assert sandbox.pay(session.id, "4000000000003220", three_d_secure="fail")["status"] == "declined"
    assert sandbox.pay(session.id, "4000000000000341")["status"] == "succeeded", "it fails only when charged"


def test_a_card_is_attached_listed_made_default_and_detached(sandbox: Running) -> None:
    owner, v1 = customer(sandbox), sandbox.client.v1
    method = v1.payment_methods.attach("pm_card_mastercard", {"customer": owner})
    assert [one.id for one in v1.payment_methods.list({"customer": owner}).data] == [method.id]
    chosen = v1.customers.update(owner, {"invoice_settings": {"default_payment_method": method.id}})
    assert chosen.invoice_settings is not None
    assert chosen.invoice_settings.default_payment_method == method.id
    changed = v1.payment_methods.update(
        method.id, {"card": {"exp_year": 2040}, "billing_details": {"name": "A"}}
    )
    assert changed.card is not None
    assert (changed.card.exp_year, changed.card.exp_month, changed.billing_details.name) == (2040, 12, "A")
    assert v1.payment_methods.detach(method.id).customer is None
    assert v1.payment_methods.list({"customer": owner}).data == []
    after = v1.customers.retrieve(owner)
    assert after.invoice_settings is not None
    assert after.invoice_settings.default_payment_method is None
    with pytest.raises(stripe.InvalidRequestError, match="not attached"):
        v1.payment_methods.detach(method.id)
    assert sandbox.types()[1:] == [
        "payment_method.attached",
        "customer.updated",
        "payment_method.updated",
        "payment_method.detached",
    ]


def test_a_declined_card_is_not_attached(sandbox: Running) -> None:
    owner, v1 = customer(sandbox), sandbox.client.v1
    with pytest.raises(stripe.CardError) as caught:
        v1.payment_methods.attach("pm_card_chargeDeclined", {"customer": owner})
    assert caught.value.code == "card_declined"
    method = v1.payment_methods.create({"type": "card", "card": {"number": "4242424242424242", **EXPIRY}})
    v1.payment_methods.attach(method.id, {"customer": owner})
    with pytest.raises(stripe.InvalidRequestError, match="already been attached"):
        v1.payment_methods.attach(method.id, {"customer": customer(sandbox)})
    with pytest.raises(stripe.CardError, match="non test card") as refused:
        v1.payment_methods.create({"type": "card", "card": {"number": "4111111111111111", **EXPIRY}})
    assert "4111" not in str(refused.value.http_body)


def test_an_intent_is_confirmed_with_a_ready_made_card(sandbox: Running) -> None:
    intents = sandbox.client.v1.payment_intents
    paid = intents.create(
        {"amount": 1000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    )
    assert (paid.status, paid.amount_received) == ("succeeded", 1000)
    assert sandbox.types() == ["payment_intent.created", *CHARGED]
    waiting = intents.create({"amount": 1000, "currency": "usd"})
    assert waiting.status == "requires_payment_method"
    with pytest.raises(stripe.CardError) as caught:
        intents.confirm(waiting.id, {"payment_method": "pm_card_visa_chargeDeclined"})
    assert (caught.value.code, caught.value.http_status) == ("card_declined", 402)
    assert caught.value.error is not None
    assert caught.value.error.decline_code == "generic_decline"
    kept = intents.retrieve(waiting.id)
    assert kept.last_payment_error is not None, "the failed attempt is recorded"
    asked = intents.confirm(
        waiting.id, {"payment_method": "pm_card_threeDSecure2Required", "return_url": "https://a.example/r"}
    )
    assert asked.status == "requires_action"
    assert asked.next_action is not None
    assert asked.next_action.redirect_to_url is not None
    bank = sandbox.http.post(str(asked.next_action.redirect_to_url.url), data={"outcome": "complete"})
    assert bank.headers["location"].startswith("https://a.example/r")
    assert intents.retrieve(waiting.id).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError):
        intents.confirm(waiting.id, {"payment_method": "pm_card_visa"})


def test_an_idempotent_decline_is_replayed_and_charged_once(sandbox: Running) -> None:
    intent = sandbox.client.v1.payment_intents.create({"amount": 1000, "currency": "usd"})
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            sandbox.client.v1.payment_intents.confirm(
                intent.id, {"payment_method": "pm_card_chargeDeclined"}, {"idempotency_key": "once"}
            )
    assert len(sandbox.client.v1.charges.list().data) == 1


def test_off_session_payment_that_requires_authentication_is_declined(sandbox: Running) -> None:
    with pytest.raises(stripe.CardError) as caught:
        sandbox.client.v1.payment_intents.create(
            {
                "amount": 1000,
                "currency": "usd",
                "payment_method": "pm_card_authenticationRequired",
                "confirm": True,
                "off_session": True,
            }
        )
    assert caught.value.code == "authentication_required"


def test_setup_intents_are_created_and_confirmed_with_the_api(sandbox: Running) -> None:
    owner, setups = customer(sandbox), sandbox.client.v1.setup_intents
    done = setups.create({"customer": owner, "payment_method": "pm_card_visa", "confirm": True})
    assert done.status == "succeeded"
    assert [one.id for one in setups.list({"customer": owner}).data] == [done.id]
    with pytest.raises(stripe.CardError):
        setups.create({"payment_method": "pm_card_chargeDeclined", "confirm": True})
    waiting = setups.create({"customer": owner})
    assert setups.update(waiting.id, {"metadata": {"a": "b"}}).metadata is not None
    assert setups.cancel(waiting.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        setups.confirm(waiting.id, {"payment_method": "pm_card_visa"})


def test_purchase_can_save_the_card(sandbox: Running) -> None:
    owner = customer(sandbox)
    session = sandbox.session(customer=owner, payment_intent_data={"setup_future_usage": "off_session"})
    sandbox.pay(session.id)
    assert len(sandbox.client.v1.payment_methods.list({"customer": owner}).data) == 1


@pytest.mark.parametrize("amount", [0, 49, 100_000_000])
def test_amounts_that_cannot_be_charged(sandbox: Running, amount: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sandbox.client.v1.payment_intents.create({"amount": amount, "currency": "usd"})
    assert caught.value.param == "amount"


@pytest.mark.parametrize(
    ("version", "types", "status"),
    [
        (None, "card", 200),
        (None, "ideal", 400),
        ("2026-10-28.endive", "card", 400),
        ("2026-08-26.dahlia", "card", 400),
        ("2027-01-01.x", "card", 400),
    ],
)
def test_only_callers_without_a_version_may_send_payment_method_types(
    sandbox: Running, version: str | None, types: str, status: int
) -> None:
    form = {"amount": "1000", "currency": "usd", "payment_method_types[]": types}
    headers = {"Authorization": "Bearer sk_test_x"} | ({} if version is None else {"Stripe-Version": version})
    assert sandbox.http.post("/v1/payment_intents", data=form, headers=headers).status_code == status


def test_older_api_versions_are_refused_and_the_supported_ones_named(sandbox: Running) -> None:
    headers = {"Authorization": "Bearer sk_test_x", "Stripe-Version": "2026-08-26.dahlia"}
    error = sandbox.http.get("/v1/customers", headers=headers).json()["error"]
    assert error["message"].startswith("Invalid Stripe API version: 2026-08-26.dahlia.")
    assert "2026-10-28.endive" in error["message"]


def test_a_customer_comes_with_a_card(sandbox: Running) -> None:
    made = sandbox.client.v1.customers.create(
        {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
    )
    methods = sandbox.client.v1.payment_methods.list({"customer": made.id}).data
    assert made.invoice_settings is not None
    assert [one.id for one in methods] == [made.invoice_settings.default_payment_method]
    with pytest.raises(stripe.InvalidRequestError, match="Attach it first"):
        sandbox.client.v1.customers.create({"invoice_settings": {"default_payment_method": methods[0].id}})


def test_shipping_address_is_stored_with_the_payment(sandbox: Running) -> None:
    shipping: dict[str, object] = {"name": "Anna", "address": {"line1": "Street 1", "country": "SE"}}
    session = sandbox.session(payment_intent_data={"shipping": shipping})
    intent = sandbox.pay(session.id)["payment_intent"]
    assert intent["shipping"]["address"]["line1"] == "Street 1"
    charge = sandbox.client.v1.charges.retrieve(intent["latest_charge"])
    assert charge.shipping is not None
    assert charge.shipping.name == "Anna"


def test_payment_pages_api_pays_a_session(sandbox: Running) -> None:
    session = sandbox.session()
    auth = {"Authorization": "Bearer sk_test_x"}
    path = f"/v1/payment_pages/{session.id}"
    assert sandbox.http.get(path, headers=auth).json()["session_id"] == session.id
    wrong = sandbox.http.post(f"{path}/confirm", data={"expected_amount": "1"}, headers=auth)
    assert wrong.status_code == 400
    declined = {"payment_method": "pm_card_chargeDeclined", "expected_amount": "1990"}
    assert sandbox.http.post(f"{path}/confirm", data=declined, headers=auth).status_code == 402
    paid = {"payment_method": "pm_card_visa", "expected_amount": "1990"}
    assert sandbox.http.post(f"{path}/confirm", data=paid, headers=auth).json()["state"] == "succeeded"
    assert sandbox.client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
