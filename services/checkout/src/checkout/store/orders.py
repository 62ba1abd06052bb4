"""Orders, as the API and the storefront write and read them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation
from psycopg.rows import dict_row

from checkout.domain.offers import Order

Tx = AsyncConnection[Any]

_ORDER = """
select o.order_id, o.user_id, o.email, o.locale, o.currency, o.amount_total as amount, o.terms_version,
       o.terms_accepted_at, o.success_url, o.cancel_url, o.customer_id, o.attempt, o.session_expires_at,
       o.session_id, o.state, l.course_id, l.title, l.description, l.category, l.access_days
  from orders o join order_lines l using (order_id)"""


async def insert(tx: Tx, order: Order, now: datetime) -> bool:
    """Write a new open order. False, and nothing written, if another one holds the same user and course."""
    try:
        async with tx.transaction():
            await tx.execute(_INSERT_ORDER, {**_fields(order), "now": now})
            await tx.execute(_INSERT_LINE, {**_fields(order), "line_id": line_id(order.order_id, 1)})
    except UniqueViolation as error:
        if error.diag.constraint_name != "order_lines_one_holds":
            raise
        return False
    return True


_INSERT_ORDER = """
insert into orders (order_id, user_id, email, locale, currency, amount_total, terms_version,
                    terms_accepted_at, success_url, cancel_url, customer_id, attempt,
                    session_expires_at, created_at)
values (%(order_id)s, %(user_id)s, %(email)s, %(locale)s, %(currency)s, %(amount)s, %(terms_version)s,
        %(terms_accepted_at)s, %(success_url)s, %(cancel_url)s, %(customer_id)s, %(attempt)s,
        %(session_expires_at)s, %(now)s)"""
_INSERT_LINE = """
insert into order_lines (line_id, order_id, position, user_id, kind, course_id, category, title, description,
                         list_amount, access_days)
values (%(line_id)s, %(order_id)s, 1, %(user_id)s, 'course', %(course_id)s, %(category)s, %(title)s,
        %(description)s, %(amount)s, %(access_days)s)"""


def line_id(order_id: str, position: int) -> str:
    """The id of an order's line."""
    return f"{order_id}_{position}"


def _fields(order: Order) -> dict[str, Any]:
    return {name: getattr(order, name) for name in Order.__slots__}


async def holding(tx: Tx, user_id: str, course_id: str) -> Order | None:
    """The order that keeps this user from ordering this course again."""
    return await _one(
        tx, f"{_ORDER} where l.user_id = %s and l.course_id = %s and l.holds", (user_id, course_id)
    )


async def owned(tx: Tx, user_id: str, order_id: str) -> Order | None:
    """The order, if it is this user's."""
    return await _one(tx, f"{_ORDER} where o.order_id = %s and o.user_id = %s", (order_id, user_id))


async def _one(tx: Tx, query: str, parameters: tuple[str, ...]) -> Order | None:
    cursor = tx.cursor(row_factory=dict_row)
    row = await (await cursor.execute(query, parameters)).fetchone()
    return Order(**row) if row else None


async def next_attempt(tx: Tx, order: Order, expires_at: datetime, customer_id: str | None) -> Order:
    """Give the order a new idempotency key. Of two that ask at once for the same, both get the same one."""
    cursor = await tx.execute(
        "update orders set attempt = attempt + 1, session_expires_at = %s, customer_id = %s"
        " where order_id = %s and attempt = %s and session_id is null"
        " returning attempt, session_expires_at, customer_id",
        (expires_at, customer_id, order.order_id, order.attempt),
    )
    row = await cursor.fetchone()
    if row is None:
        return await owned(tx, order.user_id, order.order_id) or order
    return replace(order, attempt=row[0], session_expires_at=row[1], customer_id=row[2])


async def save_session(tx: Tx, order_id: str, session_id: str, expires_at: datetime) -> bool:
    """Tie the session to the order. False if the order is no longer open or has a session already."""
    cursor = await tx.execute(
        "update orders set session_id = %s, session_expires_at = %s"
        " where order_id = %s and session_id is null and state = 'open'",
        (session_id, expires_at, order_id),
    )
    return cursor.rowcount == 1


async def close(tx: Tx, order_id: str, session_id: str | None, reason: str, now: datetime) -> str | None:
    """Close an order that is still open and has this session; return its user's id, or None if it has not.

    The consumer locks the same row before it judges, and takes `closed_at` into account.
    """
    cursor = await tx.execute(
        "update orders set state = 'expired', closed_at = %s, closed_reason = %s, expired_at = %s"
        " where order_id = %s and state = 'open' and session_id is not distinct from %s returning user_id",
        (now, reason, now, order_id, session_id),
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    await tx.execute("update order_lines set holds = false where order_id = %s", (order_id,))
    return str(row[0])


async def let_go_of_ended(tx: Tx, user_id: str, course_id: str, now: datetime) -> None:
    """Let the buyer order again what an earlier order opened for a time that is over."""
    await tx.execute(
        "update order_lines l set holds = false from orders o where o.order_id = l.order_id"
        " and l.user_id = %s and l.course_id = %s and l.holds and o.paid_at is not null"
        " and o.paid_at + l.access_days * interval '1 day' <= %s",
        (user_id, course_id, now),
    )


async def customer_of(tx: Tx, user_id: str) -> str | None:
    """The user's customer at Stripe, where one is known."""
    cursor = await tx.execute("select customer_id from customers where user_id = %s", (user_id,))
    row = await cursor.fetchone()
    return str(row[0]) if row else None


async def forget_customer(tx: Tx, user_id: str, customer_id: str) -> None:
    """Stripe knows this customer no more."""
    await tx.execute("delete from customers where user_id = %s and customer_id = %s", (user_id, customer_id))


_VIEW = """
select o.order_id, o.user_id, o.state, o.currency, o.amount_total, o.amount_refunded, o.session_id,
       o.terms_version, o.terms_accepted_at, o.receipt_url, o.dispute, o.mismatch, o.created_at, o.paid_at,
       o.failed_at, o.expired_at, o.refunded_at, o.session_expires_at,
       (select jsonb_agg(jsonb_build_object(
                   'line_id', l.line_id, 'kind', l.kind, 'course_id', l.course_id, 'category', l.category,
                   'title', l.title, 'list_amount', l.list_amount, 'discount_amount', l.discount_amount,
                   'access_days', l.access_days) order by l.position)
          from order_lines l where l.order_id = o.order_id) as lines,
       coalesce((select jsonb_agg(jsonb_build_object(
                   'refund_id', r.refund_id, 'amount', r.amount, 'currency', r.currency, 'status', r.status,
                   'reason', r.reason, 'requested_at', r.requested_at) order by r.requested_at, r.refund_id)
          from refunds r where r.order_id = o.order_id
            and r.status not in ('planned', 'dropped')), '[]') as refunds
  from orders o where o.user_id = %(user_id)s"""


async def view(tx: Tx, user_id: str, order_id: str) -> Mapping[str, Any] | None:
    """One of the user's orders as the API shows it."""
    cursor = tx.cursor(row_factory=dict_row)
    await cursor.execute(f"{_VIEW} and o.order_id = %(order_id)s", {"user_id": user_id, "order_id": order_id})
    return await cursor.fetchone()


async def views(
    tx: Tx, user_id: str, before: tuple[datetime, str] | None, limit: int
) -> list[Mapping[str, Any]]:
    """The user's orders, newest first, beginning after the given place."""
    cursor = tx.cursor(row_factory=dict_row)
    place = "and (o.created_at, o.order_id) < (%(created_at)s, %(order_id)s)" if before else ""
    created_at, order_id = before or (None, None)
    await cursor.execute(
        f"{_VIEW} {place} order by o.created_at desc, o.order_id desc limit %(limit)s",
        {"user_id": user_id, "created_at": created_at, "order_id": order_id, "limit": limit},
    )
    return [row async for row in cursor]
