"""The costs of a Checkout Session: its lines with their products, and the amounts due after the first
payment.
"""

from __future__ import annotations

from dataclasses import dataclass

from stripe_sandbox.billing import discounts
from stripe_sandbox.billing import pricing as prices
from stripe_sandbox.billing import subscribing as subscribe
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.sessions import line_items


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its product. `unit_amount` is the full price, even while a trial makes the line free."""

    item: Object
    product: Object
    unit_amount: int

    @property
    def recurring(self) -> Object | None:
        """The billing interval; None for one-time items."""
        found: Object | None = self.item["price"]["recurring"]
        return found


@dataclass(frozen=True, slots=True)
class Recurring:
    """The cost of a subscription per period, from the next period on. `trial_end` is set while nothing is due
    yet. `discount_months` is the duration of the discount; None: it does not end.
    """

    interval: str
    interval_count: int
    subtotal: int
    discount: int
    discount_months: int | None
    trial_end: int | None

    @property
    def total(self) -> int:
        """The amount due in the next period."""
        return self.subtotal - self.discount

    @property
    def period(self) -> str:
        """`month`, or `3 months`."""
        return self.interval if self.interval_count == 1 else f"{self.interval_count} {self.interval}s"


def lines(sandbox: Sandbox, session: Object) -> list[Line]:
    """The lines of a session with their products and prices."""
    return [_line(sandbox, session, item) for item in line_items.listed(session)]


def _line(sandbox: Sandbox, session: Object, item: Object) -> Line:
    price = sandbox.require("price", item["price"]["id"])
    amount = prices.amount_in(price, session["currency"], "price")[0]
    # A product may have been deleted since.
    product = sandbox.store.get(price["product"], "product")
    return Line(item, product or {"name": item["description"], "description": None, "images": []}, amount)


def recurring(sandbox: Sandbox, session: Object) -> Recurring | None:
    """The amounts after the first payment; None for a session without a subscription."""
    if session["mode"] != "subscription":
        return None
    found = lines(sandbox, session)
    amounts = [line.unit_amount * int(line.item["quantity"]) for line in found]
    first = found[0].recurring or {}
    trial_end = subscribe.trial_end(session["_"]["subscription_data"], sandbox.clock.now())
    off, months = 0, None
    coupon = coupon_of(sandbox, session)
    # A one-time discount applies to the first invoice, which is free during a trial.
    if coupon is not None and coupon["duration"] != "once":
        off = sum(discounts.amount_off(coupon, amounts, session["currency"]))
        months = coupon["duration_in_months"]
    return Recurring(first["interval"], first["interval_count"], sum(amounts), off, months, trial_end)


def coupon_of(sandbox: Sandbox, session: Object) -> Object | None:
    """The coupon that applies to the session."""
    discount = session["_"].get("discount")
    return None if discount is None else sandbox.store.get(discount["source"]["coupon"], "coupon")


def code_of(sandbox: Sandbox, session: Object) -> str | None:
    """The promotion code that the buyer entered or the shop chose."""
    discount = session["_"].get("discount") or {}
    code = sandbox.store.get(discount.get("promotion_code") or "", "promotion_code")
    return None if code is None else str(code["code"])
