"""Reads of a subscription: periods, items, payment methods."""

from __future__ import annotations

from stripe_sandbox.billing import pricing as prices
from stripe_sandbox.core import periods
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest

LIVE = ("active", "trialing", "past_due", "unpaid", "incomplete", "paused")


def period(subscription: Object) -> tuple[int, int]:
    """The current period of the first item."""
    first = subscription["items"]["data"][0]
    return first["current_period_start"], first["current_period_end"]


def next_period(subscription: Object) -> tuple[int, int]:
    """The period that follows the current one."""
    begins = period(subscription)[1]
    recurring = items(subscription)[0]["price"]["recurring"]
    ends = periods.end_of_period(
        subscription["billing_cycle_anchor"], begins, recurring["interval"], recurring["interval_count"]
    )
    return begins, ends


def items(subscription: Object) -> list[Object]:
    """The subscription's items."""
    found: list[Object] = subscription["items"]["data"]
    return found


def amount(item: Object) -> int:
    """The price of an item for one period, in minor units."""
    return prices.amount_in({**item["price"], "_": {}}, None, "price")[0] * int(item["quantity"])


def default_method(sandbox: Sandbox, subscription: Object) -> Object | None:
    """The card that is charged: the subscription's own, else the customer's default."""
    own = subscription["default_payment_method"]
    if own is not None:
        return sandbox.store.get(own, "payment_method")
    return customer_default(sandbox, subscription["customer"])


def customer_default(sandbox: Sandbox, id_: str) -> Object | None:
    """The customer's default card."""
    customer = sandbox.store.get(id_, "customer")
    method = None if customer is None else customer["invoice_settings"]["default_payment_method"]
    return None if method is None else sandbox.store.get(method, "payment_method")


def require_live(subscription: Object) -> None:
    """Raise InvalidRequest if the subscription has ended."""
    if subscription["status"] not in LIVE:
        raise InvalidRequest(
            f"A {subscription['status']} subscription can only update its cancellation_details and metadata.",
            code="resource_missing",
        )
