"""What the consumer writes: the state of each order and of its lines, by the rules of domain/.

Called inside the derivation's transaction, under the orders' anchor locks.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any

import structlog
from psycopg.errors import UniqueViolation
from psycopg.rows import dict_row

from checkout.domain import OrderEvents, OrderRecord, OrderState, RecordedLine, State, derive_state, holds
from checkout.store import tables
from processkit.postgres.database import Session
from processkit.postgres.statements import columns_of, select_in, update_from, upsert

log = structlog.stdlib.get_logger(__name__)

# All fields of OrderState with the name of a column, but for the customer: an order keeps the one that it
# was placed with.
_DERIVED = (
    "state",
    "mismatch",
    "dispute",
    "amount_disputed",
    "refund_failed",
    "payment_intent_id",
    "charge_id",
    "receipt_url",
    "amount_paid",
    "amount_tax",
    "amount_refunded",
    "paid_at",
    "failed_at",
    "expired_at",
    "refunded_at",
)
_DERIVED_OF_LINES = ("paid_amount", "amount_refunded", "refunded_at")
_READ = (
    select_in(
        tables.orders,
        ("order_id", "currency", "session_id", "closed_at", "only_its_session", "user_id", *_DERIVED),
        "order_id",
    )
    + " order by order_id for update"
)
_LINES = f"""
select order_id, line_id, list_amount - discount_amount as amount, bundle_id, course_id, access_days, holds,
       {", ".join(_DERIVED_OF_LINES)}
  from order_lines where order_id = any(%s) order by order_id, position"""  # noqa: S608 - constants
_UPDATE = update_from(tables.orders, ("order_id",), _DERIVED)
_UPDATE_LINES = update_from(tables.order_lines, ("line_id",), _DERIVED_OF_LINES)
# A review applies to the status that the refund had: with a new status it is watched again.
_REFUNDS = update_from(
    tables.refunds, ("stripe_refund_id",), ("status",), clear=("reviewed_at",), only_changed=True
)
_CUSTOMERS = upsert(tables.customers, ("user_id", "customer_id"), only_changed=True)
# After the refund of a duplicate, the first order can hold the course again: let the clock derive all orders
# that may now hold a released course.
_WAKE = """
update owners set next_change_at = %(now)s
 where owner_id in (
    select other.order_id
      from order_lines freed
      join order_lines other on other.user_id = freed.user_id and other.course_id = freed.course_id
      join orders o on o.order_id = other.order_id
     where freed.line_id = any(%(lines)s) and other.order_id <> freed.order_id and not other.holds
       and o.state in ('processing', 'paid', 'partially_refunded', 'disputed'))"""


@dataclass(frozen=True, slots=True)
class Change:
    """An order whose state was written, and what it replaces."""

    order_id: str
    user_id: str
    session_id: str | None
    state_before: str
    mismatch_before: str | None
    state: OrderState

    @property
    def has_expired(self) -> bool:
        """Whether the order expired with this change."""
        return self.state.state is State.EXPIRED and self.state_before != State.EXPIRED


@dataclass(frozen=True, slots=True)
class Written:
    """What `write` did. `unknown`: the number of orders that checkout does not have."""

    changes: Sequence[Change]
    unknown: int


def write(tx: Session, grouped: Mapping[str, OrderEvents], now: datetime) -> Written:
    """Derive the state of each order from its record and its events, and write the differences."""
    cursor = tx.cursor(row_factory=dict_row)
    rows = cursor.execute(_READ, (list(grouped),)).fetchall()
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
    return Written([_change(row, states[row["order_id"]]) for row in changed], len(grouped) - len(rows))


def _record(row: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> OrderRecord:
    return OrderRecord(
        row["order_id"],
        row["currency"],
        tuple(RecordedLine(line["line_id"], line["amount"], line["bundle_id"]) for line in lines),
        row["session_id"],
        row["closed_at"],
        row["only_its_session"],
    )


def _differs(row: Mapping[str, Any], state: OrderState) -> bool:
    return any(row[name] != getattr(state, name) for name in _DERIVED)


def _change(row: Mapping[str, Any], state: OrderState) -> Change:
    return Change(row["order_id"], row["user_id"], row["session_id"], row["state"], row["mismatch"], state)


def _write_orders(tx: Session, rows: Sequence[Mapping[str, Any]], states: Mapping[str, OrderState]) -> None:
    if rows:
        derived = attrgetter(*_DERIVED)
        ids = [row["order_id"] for row in rows]
        tx.execute(_UPDATE, columns_of((order_id, *derived(states[order_id])) for order_id in ids))


def _write_lines(tx: Session, lines: Sequence[Mapping[str, Any]], states: Mapping[str, OrderState]) -> None:
    stored = itemgetter(*_DERIVED_OF_LINES)
    wanted = [(line, _line_columns(states[line["order_id"]], line["line_id"])) for line in lines]
    changed = [(line["line_id"], *columns) for line, columns in wanted if columns != stored(line)]
    if changed:
        tx.execute(_UPDATE_LINES, columns_of(changed))


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
    # Sorted by course, as in insert_order, so that two transactions cannot deadlock.
    for line in sorted(lines, key=lambda line: (line["course_id"] or "", line["line_id"])):
        if not line["holds"] and held(line):
            _take_back(tx, line["order_id"], line["line_id"])


def _take_back(tx: Session, order_id: str, line_id: str) -> None:
    try:
        with tx.transaction():
            tx.execute("update order_lines set holds = true where line_id = %s", (line_id,))
    except UniqueViolation:
        # The buyer ordered the course again before a late payment, or before a refund failed. Both orders are
        # valid; the newer one keeps the course, and enrollment announces a duplicate if both are paid.
        log.warning("another order of the buyer now holds this course", order_id=order_id, line_id=line_id)


def _write_refunds(tx: Session, states: Mapping[str, OrderState]) -> None:
    statuses = {name: status for one in states.values() for name, status in one.refund_statuses.items()}
    if statuses:
        tx.execute(_REFUNDS, columns_of(statuses.items()))


def _write_customers(
    tx: Session, rows: Sequence[Mapping[str, Any]], states: Mapping[str, OrderState]
) -> None:
    customers = {
        row["user_id"]: customer for row in rows if (customer := states[row["order_id"]].customer_id)
    }
    if customers:
        # Sorted, so that two consumers lock rows in the same order.
        tx.execute(_CUSTOMERS, columns_of(sorted(customers.items())))
