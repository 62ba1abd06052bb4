"""The customer portal, by the API and in a browser without JavaScript."""

from typing import Any

import pytest
import stripe
from sandbox_server import Running

CARD = {"number": "5555 5555 5555 4444", "expiry": "12/34", "cvc": "123"}


class Portal:
    """A customer with a subscription, and the portal opened."""

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

    def price(self, amount: int, interval: Any) -> str:
        return self.v1.prices.create(
            {
                "product": self.product,
                "currency": "usd",
                "unit_amount": amount,
                "recurring": {"interval": interval},
            }
        ).id

    def page(self) -> str:
        answer = self.sandbox.http.get(self.path)
        assert answer.status_code == 200
        return answer.text

    def act(self, action: str, **form: str) -> str | None:
        """Submit a form; the page when something was wrong, else None."""
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
        "20.00 USD a month",
        "Visa •••• 4242",
        "paid",
        "https://shop.example/account",
    ):
        assert text in page


def test_cancel_and_change_one_s_mind(sandbox: Running) -> None:
    portal = Portal(sandbox)
    assert portal.act("cancel", id=portal.subscription) is None
    assert portal.found().cancel_at_period_end is True
    assert "Do not cancel" in portal.page()
    assert portal.act("resume", id=portal.subscription) is None
    assert portal.found().cancel_at_period_end is False


def test_the_configuration_can_make_it_end_at_once_or_forbid_it(sandbox: Running) -> None:
    at_once = Portal(sandbox, subscription_cancel={"enabled": True, "mode": "immediately"})
    assert at_once.act("cancel", id=at_once.subscription) is None
    assert at_once.found().status == "canceled"
    forbidden = Portal(sandbox, subscription_cancel={"enabled": False})
    assert "does not offer this" in (forbidden.act("cancel", id=forbidden.subscription) or "")
    assert forbidden.found().status == "active"


def test_switch_to_a_plan_that_is_offered(sandbox: Running) -> None:
    portal = Portal(sandbox)
    other = portal.price(1, "month")
    assert "not offered" in (portal.act("switch", id=portal.subscription, price=other) or "")
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
def test_a_wrong_card_is_said_and_not_kept(sandbox: Running, change: dict[str, str], message: str) -> None:
    portal = Portal(sandbox)
    page = portal.act("add-card", **{**CARD, **change}) or ""
    assert message in page
    assert len(portal.v1.payment_methods.list({"customer": portal.customer}).data) == 1


def test_one_customer_cannot_touch_what_is_another_s(sandbox: Running) -> None:
    mine, other = Portal(sandbox), Portal(sandbox)
    assert "not here" in (mine.act("cancel", id=other.subscription) or "")
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
