"""The customer portal, through the API and in a browser without JavaScript."""

from typing import Any

import pytest
import stripe
from sandbox_server import Running

CARD = {"number": "5555 5555 5555 4444", "expiry": "12/34", "cvc": "123"}


class Portal:
    """A customer with a subscription, and an open portal session."""

    def __init__(self, sandbox: Running, **features: Any) -> None:
        self.sandbox, v1 = sandbox, sandbox.client.v1
        self.v1 = v1
        self.customer = v1.customers.create({"email": "a@example.com", "name": "Anna"}).id
        method = v1.payment_methods.attach("pm_card_visa", {"customer": self.customer}).id
        v1.customers.update(self.customer, {"invoice_settings": {"default_payment_method": method}})
        self.product = v1.products.create({"name": "All courses"}).id
        self.monthly, self.yearly = self.price(2000, "month"), self.price(20000, "year")
        self.subscription = v1.subscriptions.create(
            {"customer": self.customer, "items": [{"price": self.monthly}]}
        ).id
        switch: Any = {
            "enabled": True,
            "default_allowed_updates": ["price"],
            "products": [{"product": self.product, "prices": [self.monthly, self.yearly]}],
        }
        chosen: Any = {"subscription_update": switch, **features}
        self.configuration = v1.billing_portal.configurations.create({"features": chosen}).id
        session = v1.billing_portal.sessions.create(
            {
                "customer": self.customer,
                "return_url": "https://shop.example/account",
                "configuration": self.configuration,
            }
        )
        self.path = session.url.removeprefix(sandbox.url)

    def price(self, amount: int, interval: str) -> str:
        return self.sandbox.price(amount, interval, self.product)

    def page(self) -> str:
        answer = self.sandbox.http.get(self.path)
        assert answer.status_code == 200
        return answer.text

    def act(self, action: str, **form: str) -> str | None:
        """Submit a form; returns the page if there is an error, else None."""
        answer = self.sandbox.http.post(f"{self.path}/{action}", data=form)
        return None if answer.status_code == 303 else answer.text

    def found(self) -> stripe.Subscription:
        return self.v1.subscriptions.retrieve(self.subscription)

    def types(self) -> list[str]:
        return [event.type for event in self.v1.events.list({"limit": 3}).data][::-1]


def test_the_portal_shows_subscription_cards_and_invoices(sandbox: Running) -> None:
    page = Portal(sandbox).page()
    for text in (
        "All courses",
        "20.00 USD per month",
        "Visa •••• 4242",
        "paid",
        "https://shop.example/account",
    ):
        assert text in page


def test_customer_cancels_and_resumes(sandbox: Running) -> None:
    portal = Portal(sandbox)
    assert portal.act("cancel", id=portal.subscription) is None
    assert portal.found().cancel_at_period_end is True
    assert "Keep subscription" in portal.page()
    assert portal.act("resume", id=portal.subscription) is None
    assert portal.found().cancel_at_period_end is False


def test_configuration_controls_cancellation(sandbox: Running) -> None:
    at_once = Portal(sandbox, subscription_cancel={"enabled": True, "mode": "immediately"})
    assert at_once.act("cancel", id=at_once.subscription) is None
    assert at_once.found().status == "canceled"
    forbidden = Portal(sandbox, subscription_cancel={"enabled": False})
    assert "does not offer this" in (forbidden.act("cancel", id=forbidden.subscription) or "")
    assert forbidden.found().status == "active"


def test_customer_switches_to_an_offered_plan(sandbox: Running) -> None:
    portal = Portal(sandbox)
    other = portal.price(1, "month")
    assert "not available" in (portal.act("switch", id=portal.subscription, price=other) or "")
    assert portal.act("switch", id=portal.subscription, price=portal.yearly) is None
    assert portal.found()["items"].data[0].price.id == portal.yearly


def test_a_new_card_becomes_the_default(sandbox: Running) -> None:
    portal = Portal(sandbox)
    assert portal.act("add-card", **CARD) is None
    assert portal.types() == ["payment_method.attached", "setup_intent.succeeded", "customer.updated"]
    assert "Mastercard •••• 4444" in portal.page()
    listed = portal.v1.payment_methods.list({"customer": portal.customer}).data
    old = next(method for method in listed if method.card is not None and method.card.brand == "visa")
    assert portal.act("default-card", id=old.id) is None
    assert portal.act("remove-card", id=old.id) is None
    assert len(portal.v1.payment_methods.list({"customer": portal.customer}).data) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"number": "4000 0000 0000 0002"}, "declined"),
        ({"number": "4111 1111 1111 1111"}, "non test card"),
        ({"expiry": "1"}, "expiration date"),
    ],
)
def test_declined_card_is_reported_and_not_saved(
    sandbox: Running, change: dict[str, str], message: str
) -> None:
    portal = Portal(sandbox)
    page = portal.act("add-card", **{**CARD, **change}) or ""
    assert message in page
    assert len(portal.v1.payment_methods.list({"customer": portal.customer}).data) == 1


def test_customer_cannot_change_objects_of_another_customer(sandbox: Running) -> None:
    mine, other = Portal(sandbox), Portal(sandbox)
    assert "no longer exists" in (mine.act("cancel", id=other.subscription) or "")
    assert other.found().cancel_at_period_end is False
    assert sandbox.http.get("/p/session/bps_none").status_code == 404
    assert sandbox.http.post(f"{mine.path}/explode").status_code == 404


def test_configurations_by_the_api(sandbox: Running) -> None:
    v1 = sandbox.client.v1
    customer = v1.customers.create({"email": "a@example.com"}).id
    session = v1.billing_portal.sessions.create({"customer": customer})
    default = v1.billing_portal.configurations.retrieve(str(session.configuration))
    assert default.is_default is True
    again = v1.billing_portal.sessions.create({"customer": customer})
    assert again.configuration == default.id
    changed = v1.billing_portal.configurations.update(
        default.id, {"features": {"invoice_history": {"enabled": False}}}
    )
    assert changed.features.invoice_history.enabled is False
    assert changed.features.subscription_cancel.enabled is True
    assert [one.id for one in v1.billing_portal.configurations.list().data] == [default.id]
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        v1.billing_portal.sessions.create({"customer": "cus_x"})


def test_portal_explains_a_cancellation_or_switch_first(sandbox: Running) -> None:
    reasons: Any = {"enabled": True, "options": ["too_expensive", "other"]}
    portal = Portal(sandbox, subscription_cancel={"enabled": True, "cancellation_reason": reasons})
    http, ask = sandbox.http, f"{portal.path}/confirm"
    page = http.get(f"{ask}/cancel", params={"id": portal.subscription}).text
    assert "You can use it until" in page
    assert "Too expensive" in page
    assert "Low quality" not in page
    page = http.get(f"{ask}/switch", params={"id": portal.subscription, "price": portal.yearly}).text
    assert "200.00 USD per year" in page
    assert "is on your next invoice" in page
    assert "not available" in http.get(f"{ask}/switch", params={"id": portal.subscription, "price": "x"}).text
    assert "no longer exists" in http.get(f"{ask}/cancel", params={"id": "sub_none"}).text
    assert http.get("/p/session/bps_none/confirm/cancel").status_code == 404
    assert portal.found().cancel_at_period_end is False, "the question changes nothing"
    assert "one of the reasons" in (portal.act("cancel", id=portal.subscription, feedback="spite") or "")
    portal.act("cancel", id=portal.subscription, feedback="too_expensive", comment="<b>Too much</b>")
    details = portal.found().cancellation_details
    assert details is not None
    assert (details.feedback, details.comment) == ("too_expensive", "<b>Too much</b>")


@pytest.mark.parametrize(("outcome", "kept"), [("complete", 2), ("fail", 1)])
def test_card_with_three_d_secure_uses_the_bank_page(sandbox: Running, outcome: str, kept: int) -> None:
    portal = Portal(sandbox)
    to_bank = sandbox.http.post(f"{portal.path}/add-card", data={**CARD, "number": "4000000000003220"})
    assert to_bank.headers["location"].startswith("/3ds/seti_")
    back = sandbox.http.post(to_bank.headers["location"], data={"outcome": outcome})
    assert back.headers["location"] == f"{sandbox.url}{portal.path}"
    methods = portal.v1.payment_methods.list({"customer": portal.customer}).data
    assert len(methods) == kept
    default = portal.v1.customers.retrieve(portal.customer).invoice_settings
    assert default is not None
    assert (default.default_payment_method == methods[0].id) is True
    assert (methods[0].card and methods[0].card.last4) == ("3220" if outcome == "complete" else "4242")


def test_customers_change_only_the_allowed_fields(sandbox: Running) -> None:
    assert "does not offer this" in (Portal(sandbox).act("about", name="Eve") or "")
    portal = Portal(sandbox, customer_update={"enabled": True, "allowed_updates": ["email", "name"]})
    assert "Invalid email" in (portal.act("about", email="invalid") or "")
    assert "your email" in (portal.act("about", email=" ") or "")
    assert portal.act("about", email="new@example.com", name="<Anna>", phone="1") is None
    customer = portal.v1.customers.retrieve(portal.customer)
    assert (customer.email, customer.name, customer.phone) == ("new@example.com", "<Anna>", None)
    assert "&lt;Anna&gt;" in portal.page()


def invoice_of(sandbox: Running, portal: Portal) -> Any:
    """The open invoice of a failed renewal."""
    sandbox.control(f"subscriptions/{portal.subscription}/renew", {"outcome": "fail"})
    assert "The last payment failed" in portal.page()
    return portal.v1.subscriptions.retrieve(
        portal.subscription, {"expand": ["latest_invoice"]}
    ).latest_invoice


@pytest.mark.parametrize("number", ["5555555555554444", "4000000000003220"])
def test_an_open_invoice_is_paid_on_its_own_page(sandbox: Running, number: str) -> None:
    portal = Portal(sandbox)
    invoice = invoice_of(sandbox, portal)
    assert invoice.hosted_invoice_url in portal.page()
    path = invoice.hosted_invoice_url.removeprefix(sandbox.url)
    page = sandbox.http.get(path).text
    assert "20.00 USD" in page
    assert "Your card was declined." in page, "the bank's last message"
    for change, message in (
        ({"number": "4000000000009995"}, "insufficient funds"),
        ({"number": "4111111111111111"}, "non test card"),
        ({"number": "DE89370400440532013000"}, "only be paid by card"),
        ({"cvc": ""}, "security code"),
    ):
        answer = sandbox.http.post(path, data={**CARD, **change}, follow_redirects=True)
        assert message in answer.text
    answer = sandbox.http.post(path, data={**CARD, "number": number})
    if "/3ds/" in answer.headers["location"]:
        answer = sandbox.http.post(answer.headers["location"], data={"outcome": "complete"})
    assert "This invoice is paid." in sandbox.http.get(answer.headers["location"]).text
    assert portal.found().status == "active"
    assert sandbox.http.post(path, data=CARD).text.count("This invoice is paid.") == 1
    assert sandbox.http.get("/i/in_none").status_code == 404
