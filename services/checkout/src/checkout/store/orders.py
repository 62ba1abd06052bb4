"""Orders, as the API and the storefront write and read them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Interval,
    Label,
    Select,
    Table,
    func,
    insert,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from checkout.domain.lines import Line, LineKind, line_id
from checkout.domain.order import Order
from checkout.domain.order_state import State
from checkout.domain.refunds import DROPPED, PLANNED
from checkout.store.tables import customers, order_lines, orders, refunds

_ORDER = tuple(field.name for field in fields(Order) if field.name != "lines")
_LINE = tuple(field.name for field in fields(Line))
_DAY = literal_column("interval '1 day'", Interval)


def _json(
    table: Table, names: Sequence[str], order: Sequence[str], *conditions: ColumnElement[bool]
) -> Label[Any]:
    """The rows of an order in another table, as a JSON array of objects."""
    pairs: list[ColumnElement[Any]] = []
    for name in names:
        pairs += [literal_column(f"'{name}'"), table.c[name]]
    rows = postgresql.aggregate_order_by(func.jsonb_build_object(*pairs), *(table.c[name] for name in order))
    found = select(func.jsonb_agg(rows)).where(table.c.order_id == orders.c.order_id, *conditions)
    return func.coalesce(found.scalar_subquery(), literal_column("'[]'::jsonb")).label(table.name)


_ORDERS = select(
    *(orders.c[name] for name in _ORDER), _json(order_lines, _LINE, ("position",)).label("lines")
)


async def insert_order(tx: AsyncConnection, order: Order, now: datetime) -> bool:
    """Write a new open order. False, and nothing written, if another order holds one of its courses."""
    new = {name: getattr(order, name) for name in _ORDER if name not in ("session_id", "state")}
    # Sorted by course, so that two orders of one buyer with the same courses cannot deadlock.
    lines = [
        {name: getattr(line, name) for name in _LINE}
        | {"line_id": line_id(order.order_id, line.position)}
        | {"order_id": order.order_id, "user_id": order.user_id, "kind": line.kind.value}
        for line in sorted(order.lines, key=lambda line: (line.course_id or "", line.plan_id or ""))
    ]
    async with tx.begin_nested() as savepoint:
        await tx.execute(insert(orders).values(**new, amount_total=order.amount, created_at=now))
        # The unique indexes decide: a line whose course or plan another order holds is not inserted.
        written = await tx.execute(
            postgresql.insert(order_lines).on_conflict_do_nothing().returning(order_lines.c.line_id), lines
        )
        if len(written.all()) == len(lines):
            return True
        await savepoint.rollback()
    return False


async def holding(
    tx: AsyncConnection, user_id: str, course_ids: Collection[str], plan_ids: Collection[str] = ()
) -> list[Order]:
    """Return the orders that hold any of these courses or plans, so that the user cannot order them again."""
    held = select(order_lines.c.order_id).where(
        order_lines.c.user_id == user_id,
        order_lines.c.holds,
        order_lines.c.course_id.in_(course_ids) | order_lines.c.plan_id.in_(plan_ids),
    )
    query = _ORDERS.where(orders.c.order_id.in_(held)).order_by(orders.c.created_at, orders.c.order_id)
    return await _all(tx, query)


async def owned(tx: AsyncConnection, user_id: str, order_id: str) -> Order | None:
    """The order, if it is this user's."""
    found = await _all(tx, _ORDERS.where(orders.c.order_id == order_id, orders.c.user_id == user_id))
    return found[0] if found else None


async def by_id(tx: AsyncConnection, order_id: str) -> Order | None:
    """The order, of any user."""
    found = await _all(tx, _ORDERS.where(orders.c.order_id == order_id))
    return found[0] if found else None


async def order_of_session(tx: AsyncConnection, session_id: str) -> str | None:
    """Return the id of the order for which checkout made this session."""
    return await tx.scalar(select(orders.c.order_id).where(orders.c.session_id == session_id))


async def _all(tx: AsyncConnection, query: Select[Any]) -> list[Order]:
    return [_order(row._asdict()) for row in await tx.execute(query)]


def _order(row: dict[str, Any]) -> Order:
    lines = (Line(**line | {"kind": LineKind(line["kind"])}) for line in row["lines"])
    return Order(**row | {"lines": tuple(lines)})


async def next_attempt(
    tx: AsyncConnection, order: Order, expires_at: datetime, customer_id: str | None
) -> Order:
    """Give the order a new idempotency key. Two concurrent calls for the same attempt get the same key."""
    changed = await tx.execute(
        update(orders)
        .where(
            orders.c.order_id == order.order_id,
            orders.c.attempt == order.attempt,
            orders.c.session_id.is_(None),
        )
        .values(attempt=orders.c.attempt + 1, session_expires_at=expires_at, customer_id=customer_id)
        .returning(orders.c.attempt, orders.c.session_expires_at, orders.c.customer_id)
    )
    row = changed.one_or_none()
    if row is None:
        return await owned(tx, order.user_id, order.order_id) or order
    return replace(order, **row._asdict())


async def save_session(tx: AsyncConnection, order_id: str, session_id: str, expires_at: datetime) -> bool:
    """Save the order's session. False if the order is no longer open or already has a session."""
    saved = await tx.execute(
        update(orders)
        .where(orders.c.order_id == order_id, orders.c.session_id.is_(None), orders.c.state == State.OPEN)
        .values(session_id=session_id, session_expires_at=expires_at)
    )
    return saved.rowcount == 1


async def close(
    tx: AsyncConnection, order_id: str, session_id: str | None, reason: str, now: datetime
) -> str | None:
    """Close an order that is still open and has this session; return its user's id, or None if it has not.

    The consumer locks the same row before it derives the order's state, and reads `closed_at`.
    """
    closed = await tx.execute(
        update(orders)
        .where(
            orders.c.order_id == order_id,
            orders.c.state == State.OPEN,
            orders.c.session_id.is_not_distinct_from(session_id),
        )
        .values(state=State.EXPIRED, closed_at=now, closed_reason=reason, expired_at=now)
        .returning(orders.c.user_id)
    )
    user_id: str | None = closed.scalar_one_or_none()
    if user_id is not None:
        await _release(tx, order_id)
    return user_id


async def close_waiting(tx: AsyncConnection, order: Order, note: str, admin: str, now: datetime) -> bool:
    """Close an order that waits for its payment, if its state and its session are still those of `order`."""
    closed = await tx.execute(
        update(orders)
        .where(
            orders.c.order_id == order.order_id,
            orders.c.state == order.state,
            orders.c.session_id.is_not_distinct_from(order.session_id),
        )
        .values(
            state=State.EXPIRED,
            closed_at=now,
            closed_reason="canceled",
            expired_at=now,
            reviewed_by=admin,
            review_note=note,
        )
    )
    if closed.rowcount == 1:
        await _release(tx, order.order_id)
    return closed.rowcount == 1


async def _release(tx: AsyncConnection, order_id: str) -> None:
    await tx.execute(update(order_lines).where(order_lines.c.order_id == order_id).values(holds=False))


async def release_ended(
    tx: AsyncConnection, user_id: str, course_ids: Collection[str], now: datetime
) -> None:
    """Release courses whose access from an earlier order has ended: the buyer can order them again."""
    ended = orders.c.paid_at + order_lines.c.access_days * _DAY <= now
    await _release_courses(tx, user_id, course_ids, ended)


_WAITS_FOR_MONEY = (orders.c.state == State.PROCESSING) & orders.c.mismatch.is_(None)


async def waits_for_money(tx: AsyncConnection, order_id: str) -> bool:
    """Return whether a payment of the order is on its way. One that does not match has arrived."""
    found = await tx.scalar(select(_WAITS_FOR_MONEY).where(orders.c.order_id == order_id))
    return bool(found)


async def is_disputed(tx: AsyncConnection, order_id: str) -> bool:
    """Return whether a dispute holds, or has taken, money of the order."""
    found = await tx.scalar(select(orders.c.amount_disputed > 0).where(orders.c.order_id == order_id))
    return bool(found)


async def release_pending(tx: AsyncConnection, user_id: str, course_ids: Collection[str]) -> None:
    """Release courses whose payment is on its way: the buyer wants to pay for them in another way.

    If both payments arrive, enrollment announces a duplicate, and the later one is refunded. An order whose
    payment does not match keeps its courses: its money has arrived.
    """
    await _release_courses(tx, user_id, course_ids, _WAITS_FOR_MONEY)


async def _release_courses(
    tx: AsyncConnection, user_id: str, course_ids: Collection[str], condition: ColumnElement[bool]
) -> None:
    """Release the courses that lines of the user's orders hold, where line or order meets the condition."""
    await tx.execute(
        update(order_lines)
        .where(
            order_lines.c.order_id == orders.c.order_id,
            order_lines.c.user_id == user_id,
            order_lines.c.course_id.in_(course_ids),
            order_lines.c.holds,
            condition,
        )
        .values(holds=False)
    )


async def customer_of(tx: AsyncConnection, user_id: str) -> str | None:
    """Return the id of the user's customer at Stripe, if one is known."""
    return await tx.scalar(select(customers.c.customer_id).where(customers.c.user_id == user_id))


async def forget_customer(tx: AsyncConnection, user_id: str, customer_id: str) -> None:
    """Remove a customer that no longer exists at Stripe."""
    await tx.execute(
        customers.delete().where(customers.c.user_id == user_id, customers.c.customer_id == customer_id)
    )


_VIEWS = select(
    *(
        orders.c[name]
        for name in (
            "order_id",
            "user_id",
            "state",
            "currency",
            "amount_total",
            "amount_paid",
            "amount_tax",
            "amount_refunded",
            "amount_disputed",
            "session_id",
            "terms_version",
            "terms_accepted_at",
            "receipt_url",
            "dispute",
            "mismatch",
            "created_at",
            "paid_at",
            "failed_at",
            "expired_at",
            "refunded_at",
            "session_expires_at",
        )
    ),
    _json(
        order_lines,
        (
            "line_id",
            "kind",
            "course_id",
            "bundle_id",
            "bundle_title",
            "plan_id",
            "category",
            "title",
            "list_amount",
            "discount_amount",
            "amount_refunded",
            "access_days",
        ),
        ("position",),
    ).label("lines"),
    _json(
        refunds,
        ("refund_id", "amount", "currency", "status", "reason", "stated_reason", "requested_at"),
        ("requested_at", "refund_id"),
        refunds.c.status.not_in([PLANNED, DROPPED]),
    ),
)


async def view(tx: AsyncConnection, user_id: str, order_id: str) -> Mapping[str, Any] | None:
    """One of the user's orders as the API shows it."""
    query = _VIEWS.where(orders.c.user_id == user_id, orders.c.order_id == order_id)
    row = (await tx.execute(query)).one_or_none()
    return row._asdict() if row else None


async def views(
    tx: AsyncConnection, user_id: str, before: tuple[datetime, str] | None, limit: int
) -> list[Mapping[str, Any]]:
    """The user's orders, newest first, beginning after the given place."""
    place = (orders.c.created_at, orders.c.order_id)
    conditions = [orders.c.user_id == user_id]
    if before is not None:
        conditions.append(tuple_(*place) < tuple_(*before))
    query = _VIEWS.where(*conditions).order_by(*(column.desc() for column in place)).limit(limit)
    return [row._asdict() for row in await tx.execute(query)]
