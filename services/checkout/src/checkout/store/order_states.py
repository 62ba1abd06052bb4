"""What the consumer writes: where each order stands, by the rules of domain.py.

Called inside the derivation's transaction, under the orders' anchor locks.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import Counter
from psycopg.errors import UniqueViolation
from psycopg.rows import dict_row

from checkout import announcements
from checkout.domain import OrderRecord, Standing, State, Story, holds, judge
from messaging.eventset.derivation import Write
from messaging.message import OutgoingMessage
from messaging.outbox import rows as outbox
from processkit.postgres.database import Session

log = structlog.stdlib.get_logger(__name__)

MISMATCHES = Counter("checkout_order_mismatches_total", "Payments that do not fit their order; see the log")
TRANSITIONS = Counter("checkout_order_transitions_total", "Orders that changed their state", ["to"])
UNKNOWN = Counter("checkout_foreign_orders_total", "Derived order ids that are no order of ours")

_READ = """
select o.order_id, o.currency, o.amount_total, o.session_id, o.closed_at, o.user_id, o.state, o.mismatch,
       o.dispute, o.refund_failed, o.payment_intent_id, o.charge_id, o.receipt_url, o.amount_refunded,
       o.paid_at, o.failed_at, o.expired_at, o.refunded_at
  from orders o where o.order_id = any(%s) order by o.order_id for update"""
_LINES = (
    "select order_id, line_id, access_days, holds from order_lines where order_id = any(%s) order by line_id"
)
# Whoever might hold a freed course again is derived once more, soon, by the clock: a duplicate that was given
# back leaves it to the first order.
_WAKE = """
update owners set next_change_at = %(now)s
 where owner_id in (
    select other.order_id
      from order_lines freed
      join order_lines other on other.user_id = freed.user_id and other.course_id = freed.course_id
      join orders o on o.order_id = other.order_id
     where freed.line_id = any(%(lines)s) and other.order_id <> freed.order_id and not other.holds
       and o.state in ('processing', 'paid', 'partially_refunded'))"""
_COLUMNS = {
    "state": "text",
    "mismatch": "text",
    "dispute": "text",
    "refund_failed": "boolean",
    "payment_intent_id": "text",
    "charge_id": "text",
    "receipt_url": "text",
    "amount_refunded": "bigint",
    "paid_at": "timestamptz",
    "failed_at": "timestamptz",
    "expired_at": "timestamptz",
    "refunded_at": "timestamptz",
}
_UPDATE = (
    f"update orders as o set {', '.join(f'{name} = new.{name}' for name in _COLUMNS)}"  # noqa: S608
    f" from unnest(%s::text[], {', '.join(f'%s::{kind}[]' for kind in _COLUMNS.values())})"
    f" as new(order_id, {', '.join(_COLUMNS)}) where o.order_id = new.order_id"
)
# Whoever has looked at a refund has looked at the status it had: what becomes of it since is watched anew.
_REFUNDS = """
update refunds r set status = new.status, reviewed_at = null
  from unnest(%s::text[], %s::text[]) as new(stripe_refund_id, status)
 where r.stripe_refund_id = new.stripe_refund_id and r.status <> new.status"""
_CUSTOMERS = """
insert into customers (user_id, customer_id) select * from unnest(%s::text[], %s::text[])
on conflict (user_id) do update set customer_id = excluded.customer_id
 where customers.customer_id <> excluded.customer_id"""


def writer(traceparent: Callable[[], str]) -> Write[Story]:
    """The `write` of checkout's Derivation."""

    def write(tx: Session, stories: Mapping[str, Story], now: datetime, announce: bool) -> None:
        rows = tx.cursor(row_factory=dict_row).execute(_READ, (list(stories),)).fetchall()
        UNKNOWN.inc(len(stories) - len(rows))
        standings = {row["order_id"]: judge(_record(row), stories[row["order_id"]]) for row in rows}
        changed = [row for row in rows if _differs(row, standings[row["order_id"]])]
        _write_orders(tx, changed, standings)
        _write_holds(tx, standings, now)
        _write_refunds(tx, standings)
        _write_customers(tx, rows, standings)
        _report(changed, standings)
        if announce:
            expired = [
                row
                for row in changed
                if row["state"] != State.EXPIRED and standings[row["order_id"]].state is State.EXPIRED
            ]
            outbox.append(tx, [_expired(row, standings[row["order_id"]], traceparent()) for row in expired])

    return write


def _record(row: Mapping[str, Any]) -> OrderRecord:
    return OrderRecord(
        row["order_id"], row["currency"], row["amount_total"], row["session_id"], row["closed_at"]
    )


def _differs(row: Mapping[str, Any], standing: Standing) -> bool:
    return any(row[name] != getattr(standing, name) for name in _COLUMNS)


def _write_orders(tx: Session, rows: Sequence[Mapping[str, Any]], standings: Mapping[str, Standing]) -> None:
    if rows:
        ids = [row["order_id"] for row in rows]
        columns = [[getattr(standings[order_id], name) for order_id in ids] for name in _COLUMNS]
        tx.execute(_UPDATE, [ids, *columns])


def _write_holds(tx: Session, standings: Mapping[str, Standing], now: datetime) -> None:
    """Free the courses of orders that ended; take them back for an order that came to life again."""
    lines = tx.execute(_LINES, (list(standings),)).fetchall()
    freed = [line for order, line, days, held in lines if held and not holds(standings[order], days, now)]
    if freed:
        tx.execute("update order_lines set holds = false where line_id = any(%s)", (freed,))
        tx.execute(_WAKE, {"now": now, "lines": freed})
    for order, line, days, held in lines:
        if not held and holds(standings[order], days, now):
            _take_back(tx, order, line)


def _take_back(tx: Session, order_id: str, line_id: str) -> None:
    try:
        with tx.transaction():
            tx.execute("update order_lines set holds = true where line_id = %s", (line_id,))
    except UniqueViolation:
        # A late payment, or a refund that failed, after the buyer ordered the course anew. Both orders are
        # true; the newer one goes on holding the course, and enrollment announces it if both are paid.
        log.warning("another order holds this course by now", order_id=order_id, line_id=line_id)


def _write_refunds(tx: Session, standings: Mapping[str, Standing]) -> None:
    statuses = {name: status for one in standings.values() for name, status in one.refund_statuses.items()}
    if statuses:
        tx.execute(_REFUNDS, (list(statuses), list(statuses.values())))


def _write_customers(
    tx: Session, rows: Sequence[Mapping[str, Any]], standings: Mapping[str, Standing]
) -> None:
    customers = {
        row["user_id"]: customer for row in rows if (customer := standings[row["order_id"]].customer_id)
    }
    if customers:
        users = sorted(customers)
        tx.execute(_CUSTOMERS, (users, [customers[user] for user in users]))


def _report(changed: Sequence[Mapping[str, Any]], standings: Mapping[str, Standing]) -> None:
    for row in changed:
        standing = standings[row["order_id"]]
        if row["state"] != standing.state:
            TRANSITIONS.labels(standing.state).inc()
            log.info("order changed", order_id=row["order_id"], was=row["state"], state=standing.state.value)
        if standing.mismatch is not None and row["mismatch"] != standing.mismatch:
            MISMATCHES.inc()
            log.error("payment does not fit its order", order_id=row["order_id"], detail=standing.mismatch)


def _expired(row: Mapping[str, Any], standing: Standing, traceparent: str) -> OutgoingMessage:
    assert standing.expired_at is not None
    return announcements.order_expired(
        row["order_id"],
        row["user_id"],
        row["session_id"],
        "session_expired",
        standing.expired_at,
        traceparent,
    )
