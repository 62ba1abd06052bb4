"""Support for the conformance tests: an account of the sandbox or of Stripe itself.

Only Stripe's API, test cards and test clocks are used, no controls of the sandbox. Stripe completes some
work late (events, test clocks, disputes): `eventually` waits for it.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import stripe

KEY = "STRIPE_CONFORMANCE_KEY"
BASE = "STRIPE_CONFORMANCE_BASE"
PATIENCE = 90.0

T = TypeVar("T")


class Refused(ValueError):
    """The key must not be used; the message states the reason."""


def key_from(environ: dict[str, str] | os._Environ[str]) -> str | None:
    """The key of the account to test, or None; raises Refused for a key that could move real money."""
    key = environ.get(KEY, "").strip()
    if not key:
        return None
    if key.startswith(("sk_live_", "rk_live_")):
        raise Refused(f"{KEY} holds a live key. Use the secret key of a test account: sk_test_…")
    if not key.startswith(("sk_test_", "rk_test_")):
        raise Refused(f"{KEY} is no secret key of a test account. It begins with sk_test_ or rk_test_.")
    return key


class Account:
    """A client, the objects that a test has created, and waiting for later changes."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self.v1 = client.v1
        self.client = client
        self.began = int(time.time()) - 60
        self._undo: list[Callable[[], object]] = []

    def later(self, undo: Callable[[], object]) -> None:
        """Run this at the end of the test."""
        self._undo.append(undo)

    def clean(self) -> None:
        """Delete the created objects, newest first; objects that no longer exist are skipped."""
        while self._undo:
            with contextlib.suppress(stripe.InvalidRequestError):
                self._undo.pop()()

    def eventually(self, what: str, look: Callable[[], T | None]) -> T:
        """The first result of `look` that is not empty; fails after a timeout."""
        deadline = time.monotonic() + PATIENCE
        while not (found := look()):
            assert time.monotonic() < deadline, f"{what} did not happen within {PATIENCE:.0f} s"
            time.sleep(0.5)
        return found

    # -- objects that tests need, deleted automatically --------------------------------------------------

    def customer(self, **params: Any) -> stripe.Customer:
        made = self.v1.customers.create({"name": "Conformance", **params})
        self.later(lambda: self.v1.customers.delete(made.id))
        return made

    def product(self, **params: Any) -> stripe.Product:
        made = self.v1.products.create({"name": "Conformance course", **params})
        # A product with prices cannot be deleted.
        self.later(lambda: self.v1.products.update(made.id, {"active": False}))
        return made

    def price(self, amount: int = 1500, *, interval: str | None = None, **params: Any) -> stripe.Price:
        wanted: Any = {"product": None, "currency": "usd", "unit_amount": amount, **params}
        if interval is not None:
            wanted["recurring"] = {"interval": interval}
        wanted["product"] = wanted["product"] or self.product().id
        return self.v1.prices.create(wanted)

    def coupon(self, **params: Any) -> stripe.Coupon:
        wanted: Any = {"percent_off": 25, "duration": "once", **params}
        made = self.v1.coupons.create(wanted)
        self.later(lambda: self.v1.coupons.delete(made.id))
        return made

    def pay(self, method: str = "pm_card_visa", amount: int = 2000, **params: Any) -> stripe.PaymentIntent:
        """An intent that is confirmed immediately, without redirects."""
        wanted: Any = {
            "amount": amount,
            "currency": "usd",
            "payment_method": method,
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            **params,
        }
        return self.v1.payment_intents.create(wanted)

    # -- events -------------------------------------------------------------------------------------------

    def events(self, type_: str) -> list[stripe.Event]:
        """The newest events of a type, oldest first. On a test clock they are dated by that clock."""
        return self.v1.events.list({"type": type_, "limit": 100}).data[::-1]

    def event(self, type_: str, object_id: str) -> stripe.Event:
        """The newest event of this type about this object, once it exists."""

        def look() -> stripe.Event | None:
            about = [event for event in self.events(type_) if event.data.object["id"] == object_id]
            return about[-1] if about else None

        return self.eventually(f"{type_} of {object_id}", look)

    def in_order(self, *wanted: tuple[str, str]) -> list[stripe.Event]:
        """The events (type, object id), which must have been created in this order or in the same second."""
        found = [self.event(type_, object_id) for type_, object_id in wanted]
        moments = [event.created for event in found]
        assert moments == sorted(moments), list(zip(wanted, moments, strict=True))
        return found


class Subscriber:
    """A customer on a test clock, with a card and a monthly price."""

    def __init__(self, account: Account, card: str | None = "pm_card_visa", *, now: int) -> None:
        self.account, self.v1 = account, account.v1
        self.now = now
        self.clock = self.v1.test_helpers.test_clocks.create({"frozen_time": now, "name": "Conformance"}).id
        # This also deletes its customers and their subscriptions.
        account.later(lambda: self.v1.test_helpers.test_clocks.delete(self.clock))
        self.customer = self.v1.customers.create({"name": "Conformance", "test_clock": self.clock}).id
        if card is not None:
            self.use_card(card)
        self.product = account.product().id
        self.monthly = account.price(2000, interval="month", product=self.product).id

    def use_card(self, card: str) -> None:
        method = self.v1.payment_methods.attach(card, {"customer": self.customer}).id
        self.v1.customers.update(self.customer, {"invoice_settings": {"default_payment_method": method}})

    def subscribe(self, **params: Any) -> stripe.Subscription:
        wanted: Any = {"customer": self.customer, "items": [{"price": self.monthly}], **params}
        return self.v1.subscriptions.create(wanted)

    def advance(self, to: int) -> None:
        """Move the clock and wait until everything due has run."""
        self.v1.test_helpers.test_clocks.advance(self.clock, {"frozen_time": to})
        clocks = self.v1.test_helpers.test_clocks

        def ready() -> bool:
            clock = clocks.retrieve(self.clock)
            assert clock.status != "internal_failure"
            return clock.status == "ready"

        self.account.eventually("the test clock's readiness", ready)
        self.now = to

    def invoices(self, subscription: str) -> list[stripe.Invoice]:
        """A subscription's invoices, oldest first."""
        found = self.v1.invoices.list({"subscription": subscription, "limit": 100})
        return list(found.auto_paging_iter())[::-1]


def ids(objects: Iterable[Any]) -> list[str]:
    """The ids of these objects."""
    return [obj.id for obj in objects]
