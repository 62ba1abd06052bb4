"""One-time purchases, seen by stripe-python and by a webhook endpoint."""

import pytest
import stripe
from sandbox_outcomes import ATTACHES_THEN_DECLINES, CHARGED, DECLINES, REFUSED, Decline
from sandbox_server import SECRET, Running, line

PAID = ["payment_intent.created", *CHARGED, "checkout.session.completed"]


def test_paid_session_emits_four_events(sandbox: Running) -> None:
    session = sandbox.session()
    assert session.status == "open"
    assert session.payment_status == "unpaid"
    assert session.payment_intent is None
    assert session.amount_total == 1990

    result = sandbox.pay(session.id, email="anna@example.com", name="Anna")

    assert result["status"] == "succeeded"
    assert result["acknowledged"] is True
    assert result["redirect_url"] == f"https://shop.example/thanks?session={session.id}"
    assert sandbox.types() == PAID
    paid = sandbox.client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge"]}
    )
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.client_reference_id == "ord_1"
    assert paid.customer_details is not None
    assert paid.customer_details.email == "anna@example.com"
    intent = paid.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert intent.amount_received == 1990
    assert intent.metadata["order_id"] == "ord_1"
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert intent.latest_charge.metadata["order_id"] == "ord_1"
    assert intent.latest_charge.billing_details.email == "anna@example.com"


def test_every_webhook_carries_a_signature_that_stripe_python_accepts(sandbox: Running) -> None:
    sandbox.pay(sandbox.session().id)
    sandbox.receiver.wait_for(4)
    for delivery in sandbox.receiver.received:
        event = stripe.Webhook.construct_event(delivery.body, delivery.signature, SECRET)
        assert event.api_version == "2026-10-28.endive"
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.WebhookSignature.verify_header(delivery.body.decode(), delivery.signature, "whsec_other")
    completed = next(d.event for d in sandbox.receiver.received if d.event["type"] == PAID[-1])
    assert completed["data"]["object"]["metadata"] == {"order_id": "ord_1"}
    assert "line_items" not in completed["data"]["object"]


@pytest.mark.parametrize("card", [*DECLINES, ATTACHES_THEN_DECLINES], ids=lambda card: card.number)
def test_a_declined_card_leaves_the_session_open_for_another(sandbox: Running, card: Decline) -> None:
    session = sandbox.session()
    declined = sandbox.pay(session.id, card.number)
    assert declined["status"] == "declined"
    assert (declined["error"]["code"], declined["error"]["decline_code"]) == (card.code, card.decline_code)
    assert sandbox.types() == ["payment_intent.created", *REFUSED]
    intent = sandbox.client.v1.payment_intents.retrieve(declined["payment_intent"]["id"])
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.decline_code == card.decline_code
    assert sandbox.client.v1.checkout.sessions.retrieve(session.id).status == "open"

    again = sandbox.pay(session.id)

    assert again["status"] == "succeeded"
    assert again["payment_intent"]["id"] == intent.id, "a retry pays the same intent"
    assert sandbox.types()[3:] == PAID[1:]
    charges = sandbox.client.v1.charges.list({"payment_intent": intent.id})
    assert [charge.status for charge in charges.data] == ["succeeded", "failed"]


def test_three_d_secure_precedes_the_charge(sandbox: Running) -> None:
    session = sandbox.session()
    asked = sandbox.pay(session.id, "4000000000003220", three_d_secure="leave")
    assert asked["status"] == "requires_action"
    assert asked["payment_intent"]["next_action"]["redirect_to_url"]["url"].startswith(sandbox.url)
    assert sandbox.types() == ["payment_intent.created", "payment_intent.requires_action"]

    sandbox.control(f"payment_intents/{asked['payment_intent']['id']}/authenticate", {"outcome": "complete"})

    assert sandbox.types() == [PAID[0], "payment_intent.requires_action", *PAID[1:]]
    paid = sandbox.client.v1.checkout.sessions.retrieve(session.id)
    assert paid.payment_status == "paid"


def test_session_stays_open_after_failed_three_d_secure(sandbox: Running) -> None:
    session = sandbox.session()
    failed = sandbox.pay(session.id, "4000002500003155", three_d_secure="fail")
    assert failed["status"] == "declined"
    assert failed["error"]["code"] == "payment_intent_authentication_failure"
    assert sandbox.types()[-1] == "payment_intent.payment_failed"
    assert sandbox.client.v1.charges.list().data == []
    assert sandbox.pay(session.id)["status"] == "succeeded"


def test_a_card_can_decline_after_three_d_secure(sandbox: Running) -> None:
    declined = sandbox.pay(sandbox.session().id, "4000008400001629")
    assert declined["status"] == "declined"
    assert sandbox.types() == ["payment_intent.created", "payment_intent.requires_action", *REFUSED]


def test_unknown_card_number_is_refused_and_not_stored(sandbox: Running) -> None:
    session = sandbox.session()
    refused = sandbox.pay(session.id, "4111111111111111")
    assert refused["status"] == "declined"
    assert "non test card" in refused["error"]["message"]
    assert sandbox.types() == []
    dump = "\n".join(sandbox.app.state.server.sandbox.store.db.iterdump())
    assert "4111111111111111" not in dump
    assert sandbox.pay(session.id)["status"] == "succeeded"
    dump = "\n".join(sandbox.app.state.server.sandbox.store.db.iterdump())
    assert "4242424242424242" not in dump, "not even a test card's number is stored"


def test_free_session_completes_without_an_intent(sandbox: Running) -> None:
    session = sandbox.session(line_items=[line(0)])
    assert session.payment_status == "no_payment_required"
    done = sandbox.pay(session.id, None)
    assert done["status"] == "succeeded"
    assert done["session"]["payment_status"] == "no_payment_required"
    assert done["session"]["payment_intent"] is None
    assert sandbox.types() == ["checkout.session.completed"]


def test_an_expired_session_can_no_longer_be_paid(sandbox: Running) -> None:
    session = sandbox.client.v1.checkout.sessions.expire(sandbox.session().id)
    assert (session.status, session.url) == ("expired", None)
    assert sandbox.types() == ["checkout.session.expired"]
    answer = sandbox.http.post(
        f"/_sandbox/checkout/sessions/{session.id}/pay", json={"card": "4242424242424242"}
    )
    assert answer.status_code == 400
    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        sandbox.client.v1.checkout.sessions.expire(session.id)


def test_abandoned_session_expires_automatically(sandbox: Running) -> None:
    now = sandbox.http.get("/_sandbox/clock").json()["now"]
    session = sandbox.session(expires_at=now + 1800)
    sandbox.control("clock", {"advance": 1700})
    assert sandbox.client.v1.checkout.sessions.retrieve(session.id).status == "open"
    sandbox.control("clock", {"advance": 101})
    assert sandbox.client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert sandbox.types() == ["checkout.session.expired"]


def test_recovery_url_creates_a_session_with_the_same_lines(sandbox: Running) -> None:
    old = sandbox.session(after_expiration={"recovery": {"enabled": True}})
    expired = sandbox.client.v1.checkout.sessions.expire(old.id)
    assert expired.after_expiration is not None
    assert expired.after_expiration.recovery is not None
    page = sandbox.http.get(expired.after_expiration.recovery.url or "")
    assert page.status_code == 303
    new_id = page.headers["location"].rsplit("/", 1)[1]
    new = sandbox.client.v1.checkout.sessions.retrieve(new_id)
    assert new.recovered_from == old.id
    assert new.metadata == old.metadata
    assert sandbox.pay(new_id)["status"] == "succeeded"


def test_customer_is_created_only_on_request(sandbox: Running) -> None:
    assert sandbox.pay(sandbox.session().id)["session"]["customer"] is None
    made = sandbox.pay(sandbox.session(customer_creation="always").id, email="bo@example.com")
    customer = sandbox.client.v1.customers.retrieve(made["session"]["customer"])
    assert customer.email == "bo@example.com"
    assert made["payment_intent"]["customer"] == customer.id
    existing = sandbox.client.v1.customers.create({"email": "known@example.com", "name": "Kim"})
    session = sandbox.session(customer=existing.id)
    assert sandbox.pay(session.id)["session"]["customer_details"]["email"] == "known@example.com"


def test_line_items_are_listed_and_expanded(sandbox: Running) -> None:
    session = sandbox.session(line_items=[line(1000, name="A"), line(500, name="B", quantity=3)])
    assert session.amount_total == 2500
    listed = sandbox.client.v1.checkout.sessions.line_items.list(session.id, {"limit": 1})
    assert listed.has_more is True
    assert [item.description for item in listed.auto_paging_iter()] == ["A", "B"]
    expanded = sandbox.client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["line_items.data.price.product"]}
    )
    assert expanded.line_items is not None
    assert [item.amount_total for item in expanded.line_items.data] == [1000, 1500]
    product = expanded.line_items.data[0].price.product  # type: ignore[union-attr]
    assert isinstance(product, stripe.Product)
    assert product.name == "A"


def test_prices_in_several_currencies(sandbox: Running) -> None:
    product = sandbox.client.v1.products.create({"name": "Course"})
    price = sandbox.client.v1.prices.create(
        {
            "product": product.id,
            "currency": "usd",
            "unit_amount": 1000,
            "currency_options": {"eur": {"unit_amount": 900}, "jpy": {"unit_amount": 1500}},
        }
    )
    items = [{"price": price.id, "quantity": 1}]
    assert sandbox.session(line_items=items).amount_total == 1000
    euros = sandbox.session(line_items=items, currency="eur")
    assert (euros.amount_total, euros.currency) == (900, "eur")
    yen = sandbox.pay(sandbox.session(line_items=items, currency="jpy").id)
    assert yen["payment_intent"]["amount"] == 1500
    with pytest.raises(stripe.InvalidRequestError, match="not available in gbp"):
        sandbox.session(line_items=items, currency="gbp")


def test_the_terms_are_accepted_by_paying(sandbox: Running) -> None:
    session = sandbox.session(consent_collection={"terms_of_service": "required"})
    assert sandbox.pay(session.id)["session"]["consent"]["terms_of_service"] == "accepted"
