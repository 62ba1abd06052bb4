"""Decides whether an existing order is used again, replaced, or prevents a new one."""

from collections import Counter
from dataclasses import replace

from checkout import errors
from checkout.domain.order import Order
from checkout.domain.order_state import BOUGHT, State


def refuse_bought(order: Order, *, several: bool) -> None:
    """Raise AlreadyBought unless the order is still open: its items cannot be sold to the buyer again.

    `several`: the request also has other items.
    """
    if order.state != State.OPEN:
        raise errors.AlreadyBought(order.order_id, paid=order.state in BOUGHT, several=several)


def is_same_purchase(existing: Order, wanted: Order) -> bool:
    """Return whether the open order equals the requested one, so that its page can be used again.

    Default return addresses name their own order, so they are compared as if they named the same.
    """
    as_if = replace(
        wanted,
        success_url=wanted.success_url.replace(wanted.order_id, existing.order_id),
        cancel_url=wanted.cancel_url.replace(wanted.order_id, existing.order_id),
    )
    return _terms(existing) == _terms(as_if) and _contents(existing) == _contents(as_if)


def _terms(order: Order) -> tuple[str | None, ...]:
    return (
        order.currency,
        order.promo_code,
        order.terms_version,
        order.success_url,
        order.cancel_url,
        order.email,
    )


def _contents(order: Order) -> Counter[tuple[object, ...]]:
    """Return the items and prices of the order, regardless of their sequence."""
    return Counter(
        (
            line.kind,
            line.course_id,
            line.bundle_id,
            line.plan_id,
            line.list_amount,
            line.discount_amount,
            line.access_days,
        )
        for line in order.lines
    )
