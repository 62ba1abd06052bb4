"""A customer on a test clock with a card and a monthly price, for tests of subscriptions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import stripe
from sandbox_server import Running

DAY = 24 * 3600
START = int(datetime(2027, 1, 31, 12, tzinfo=UTC).timestamp())


def at(year: int, month: int, day: int, hour: int = 12) -> int:
    """Seconds since the epoch."""
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


class Stage:
    """The customer and its clock, with helpers."""

    def __init__(self, sandbox: Running, card: str | None = "pm_card_visa") -> None:
        self.sandbox, self.v1 = sandbox, sandbox.client.v1
        self.clock = self.v1.test_helpers.test_clocks.create({"frozen_time": START}).id
        self.customer = self.v1.customers.create({"email": "a@example.com", "test_clock": self.clock}).id
        if card is not None:
            self.use_card(card)
        self.product = self.v1.products.create({"name": "All courses"}).id
        self.monthly = self.price(2000)

    def use_card(self, card: str) -> None:
        method = self.v1.payment_methods.attach(card, {"customer": self.customer}).id
        self.v1.customers.update(self.customer, {"invoice_settings": {"default_payment_method": method}})

    def price(self, amount: int, interval: str = "month") -> str:
        return self.sandbox.price(amount, interval, self.product)

    def subscribe(self, **params: Any) -> stripe.Subscription:
        items: Any = [{"price": self.monthly}]
        return self.v1.subscriptions.create({"customer": self.customer, "items": items, **params})

    def advance(self, to: int) -> list[str]:
        """Move the clock; returns the types of the resulting events, except the clock's own."""
        before = len(self.events())
        self.v1.test_helpers.test_clocks.advance(self.clock, {"frozen_time": to})
        return [event.type for event in self.events()[before:] if not event.type.startswith("test_helpers")]

    def events(self) -> list[stripe.Event]:
        return list(self.v1.events.list({"limit": 100}).auto_paging_iter())[::-1]

    def types(self) -> list[str]:
        return [event.type for event in self.events()]
