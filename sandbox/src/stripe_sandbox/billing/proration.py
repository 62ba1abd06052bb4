"""Prorations: what a change in the middle of a period costs."""

from __future__ import annotations

from fractions import Fraction

from stripe_sandbox.billing import invoice_lines, subscription_reads
from stripe_sandbox.core import periods
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object


def lines(
    sandbox: Sandbox, subscription: Object, old: list[Object], new: list[Object], *, at: int | None = None
) -> list[Object]:
    """A credit for the unused time of the old items, and a charge for the same time of the new ones.

    Time counts from `at` (seconds since the epoch; None: now).
    """
    now = sandbox.clock.now() if at is None else at
    start, end = old[0]["current_period_start"], old[0]["current_period_end"]
    left = Fraction(max(end - now, 0), max(end - start, 1))
    kept = {item["id"]: item for item in old}
    found: list[Object] = []
    for item in new:
        before = kept.pop(item["id"], None)
        if before is not None and _same(before, item):
            continue
        if before is not None:
            found.append(_line(sandbox, subscription, before, -left, (now, end), "Unused time on"))
        found.append(_line(sandbox, subscription, item, left, (now, end), "Remaining time on"))
    found += [
        _line(sandbox, subscription, gone, -left, (now, end), "Unused time on") for gone in kept.values()
    ]
    return [one for one in found if one["amount"]]


def interval_changes(old: list[Object], new: list[Object]) -> bool:
    """Whether the new items have another billing interval, so that a new period starts immediately."""
    return _rhythm(old[0]) != _rhythm(new[0])


def restart(sandbox: Sandbox, subscription: Object) -> None:
    """Start a new period now (not stored)."""
    now = sandbox.clock.now()
    subscription["billing_cycle_anchor"] = now
    for item in subscription_reads.items(subscription):
        recurring = item["price"]["recurring"]
        item["current_period_start"] = now
        item["current_period_end"] = periods.end_of_period(
            now, now, recurring["interval"], recurring["interval_count"]
        )


def _rhythm(item: Object) -> tuple[str, int]:
    recurring = item["price"]["recurring"]
    return recurring["interval"], recurring["interval_count"]


def _same(before: Object, after: Object) -> bool:
    return bool(before["price"]["id"] == after["price"]["id"] and before["quantity"] == after["quantity"])


def _line(
    sandbox: Sandbox, subscription: Object, item: Object, share: Fraction, period: tuple[int, int], words: str
) -> Object:
    amount = round(subscription_reads.amount(item) * share)
    product = sandbox.store.get(item["price"]["product"], "product")
    name = product["name"] if product is not None else "subscription"
    return invoice_lines.line(
        sandbox, subscription, item, amount, period, proration=True, description=f"{words} {name}"
    )
