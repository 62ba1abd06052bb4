"""What the consumer writes: the state of each order and of its lines, by the rules of domain/.

Called inside the derivation's transaction, under the orders' anchor locks.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import Counter
from psycopg.errors import UniqueViolation
from psycopg.rows import dict_row

from checkout import announcements
from checkout.domain import OrderEvents, OrderRecord, OrderState, RecordedLine, State, derive_state, holds
from messaging.eventset.derivation import Write
from messaging.message import OutgoingMessage
from messaging.outbox import rows as outbox
from processkit.postgres.database import Session

log = structlog.stdlib.get_logger(__name__)

MISMATCHES = Counter("checkout_order_mismatches_total", "Payments that do not fit their order; see the log")
TRANSITIONS = Counter("checkout_order_transitions_total", "Orders that changed their state", ["to"])
UNKNOWN = Counter("checkout_foreign_orders_total", "Derived order ids that are no order of ours")

_READ = """
select o.order_id, o.currency, o.session_id, o.closed_at, o.user_id, o.state, o.mismatch,
       o.dispute, o.refund_failed, o.payment_intent_id, o.charge_id, o.receipt_url, o.amount_paid,
       o.amount_tax, o.amount_refunded, o.paid_at, o.failed_at, o.expired_at, o.refunded_at
  from orders o where o.order_id = any(%s) order by o.order_id for update"""
_LINES = """
select order_id, line_id, list_amount - discount_amount as amount, bundle_id, course_id, access_days, holds,
       paid_amount, amount_refunded, refunded_at
  from order_lines where order_id = any(%s) order by order_id, position"""
_UPDATE_LINES = """
update order_lines l
   set paid_amount = new.paid_amount, amount_refunded = new.amount_refunded, refunded_at = new.refunded_at
  from unnest(%s::text[], %s::bigint[], %s::bigint[], %s::timestamptz[])
       as new(line_id, paid_amount, amount_refunded, refunded_at)
 where l.line_id = new.line_id"""
# Orders that might hold a released course again are derived again by the clock: after the refund of a
# duplicate the first order holds the course.
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
    "amount_paid": "bigint",
    "amount_tax": "bigint",
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
# A review applies to the status that the refund had: with a new status it is watched again.
_REFUNDS = """
update refunds r set status = new.status, reviewed_at = null
  from unnest(%s::text[], %s::text[]) as new(stripe_refund_id, status)
 where r.stripe_refund_id = new.stripe_refund_id and r.status <> new.status"""
_CUSTOMERS = """
insert into customers (user_id, customer_id) select * from unnest(%s::text[], %s::text[])
on conflict (user_id) do update set customer_id = excluded.customer_id
 where customers.customer_id <> excluded.customer_id"""


def writer(traceparent: Callable[[], str]) -> Write[OrderEvents]:
    """The `write` of checkout's Derivation."""

    def write(tx: Session, grouped: Mapping[str, OrderEvents], now: datetime, announce: bool) -> None:
        cursor = tx.cursor(row_factory=dict_row)
        rows = cursor.execute(_READ, (list(grouped),)).fetchall()
        UNKNOWN.inc(len(grouped) - len(rows))
        # Read after the orders are locked: nothing else changes what is decided here.
        lines = cursor.execute(_LINES, ([row["order_id"] for row in rows],)).fetchall()
        by_order: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for line in lines:
            by_order[line["order_id"]].append(line)
        states = {
            row["order_id"]: derive_state(_record(row, by_order[row["order_id"]]), grouped[row["order_id"]])
            for row in rows
        }
        changed = [row for row in rows if _differs(row, states[row["order_id"]])]
        _write_orders(tx, changed, states)
        _write_lines(tx, lines, states)
        _write_holds(tx, lines, states, now)
        _write_refunds(tx, states)
        _write_customers(tx, rows, states)
        _report(changed, states)
        if announce:
            expired = [
                row
                for row in changed
                if row["state"] != State.EXPIRED and states[row["order_id"]].state is State.EXPIRED
            ]
            outbox.append(tx, [_expired(row, states[row["order_id"]], traceparent()) for row in expired])

    return write


def _record(row: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> OrderRecord:
    return OrderRecord(
        row["order_id"],
        row["currency"],
        tuple(RecordedLine(line["line_id"], line["amount"], line["bundle_id"]) for line in lines),
        row["session_id"],
        row["closed_at"],
    )


def _differs(row: Mapping[str, Any], state: OrderState) -> bool:
    return any(row[name] != getattr(state, name) for name in _COLUMNS)


def _write_orders(tx: Session, rows: Sequence[Mapping[str, Any]], states: Mapping[str, OrderState]) -> None:
    if rows:
        ids = [row["order_id"] for row in rows]
        columns = [[getattr(states[order_id], name) for order_id in ids] for name in _COLUMNS]
        tx.execute(_UPDATE, [ids, *columns])


def _write_lines(tx: Session, lines: Sequence[Mapping[str, Any]], states: Mapping[str, OrderState]) -> None:
    wanted = [(line, _line_columns(states[line["order_id"]], line["line_id"])) for line in lines]
    changed = [
        (line["line_id"], *columns)
        for line, columns in wanted
        if columns != (line["paid_amount"], line["amount_refunded"], line["refunded_at"])
    ]
    if changed:
        tx.execute(_UPDATE_LINES, [list(column) for column in zip(*changed, strict=True)])


def _line_columns(state: OrderState, line_id: str) -> tuple[int | None, int, datetime | None]:
    line = state.lines.get(line_id)
    return (None, 0, None) if line is None else (line.paid, line.refunded, line.refunded_at)


def _write_holds(
    tx: Session, lines: Sequence[Mapping[str, Any]], states: Mapping[str, OrderState], now: datetime
) -> None:
    """Release the courses of lines that ended; hold them again for lines that are valid again."""

    def held(line: Mapping[str, Any]) -> bool:
        return holds(states[line["order_id"]], line["line_id"], line["access_days"], now)

    released = [line["line_id"] for line in lines if line["holds"] and not held(line)]
    if released:
        tx.execute("update order_lines set holds = false where line_id = any(%s)", (released,))
        tx.execute(_WAKE, {"now": now, "lines": released})
    # By course, as a new order takes them: two transactions that hold the same courses wait in one direction.
    for line in sorted(lines, key=lambda line: (line["course_id"] or "", line["line_id"])):
        if not line["holds"] and held(line):
            _take_back(tx, line["order_id"], line["line_id"])


def _take_back(tx: Session, order_id: str, line_id: str) -> None:
    try:
        with tx.transaction():
            tx.execute("update order_lines set holds = true where line_id = %s", (line_id,))
    except UniqueViolation:
        # A late payment, or a refund that failed, after the buyer ordered the course again. Both orders are
        # valid; the newer one keeps holding the course, and enrollment announces it if both are paid.
        log.warning("another order holds this course by now", order_id=order_id, line_id=line_id)


def _write_refunds(tx: Session, states: Mapping[str, OrderState]) -> None:
    statuses = {name: status for one in states.values() for name, status in one.refund_statuses.items()}
    if statuses:
        tx.execute(_REFUNDS, (list(statuses), list(statuses.values())))


def _write_customers(
    tx: Session, rows: Sequence[Mapping[str, Any]], states: Mapping[str, OrderState]
) -> None:
    customers = {
        row["user_id"]: customer for row in rows if (customer := states[row["order_id"]].customer_id)
    }
    if customers:
        users = sorted(customers)
        tx.execute(_CUSTOMERS, (users, [customers[user] for user in users]))


def _report(changed: Sequence[Mapping[str, Any]], states: Mapping[str, OrderState]) -> None:
    for row in changed:
        state = states[row["order_id"]]
        if row["state"] != state.state:
            TRANSITIONS.labels(state.state).inc()
            log.info("order changed", order_id=row["order_id"], was=row["state"], state=state.state.value)
        if state.mismatch is not None and row["mismatch"] != state.mismatch:
            MISMATCHES.inc()
            log.error("payment does not match its order", order_id=row["order_id"], detail=state.mismatch)


def _expired(row: Mapping[str, Any], state: OrderState, traceparent: str) -> OutgoingMessage:
    assert state.expired_at is not None
    return announcements.order_expired(
        row["order_id"],
        row["user_id"],
        row["session_id"],
        "session_expired",
        state.expired_at,
        traceparent,
    )
