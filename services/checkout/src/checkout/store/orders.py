"""Orders, as the API and the storefront write and read them."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation
from psycopg.rows import dict_row

from checkout.domain.lines import Line, LineKind, line_id
from checkout.domain.order import Order

Tx = AsyncConnection[Any]

_ORDER = """
select o.order_id, o.user_id, o.email, o.locale, o.country, o.currency, o.promo_code, o.terms_version,
       o.terms_accepted_at, o.success_url, o.cancel_url, o.customer_id, o.attempt, o.session_expires_at,
       o.session_id, o.state,
       (select jsonb_agg(jsonb_build_object(
                   'position', l.position, 'kind', l.kind, 'title', l.title, 'list_amount', l.list_amount,
                   'discount_amount', l.discount_amount, 'course_id', l.course_id, 'bundle_id', l.bundle_id,
                   'bundle_title', l.bundle_title, 'plan_id', l.plan_id, 'description', l.description,
                   'category', l.category, 'access_days', l.access_days) order by l.position)
          from order_lines l where l.order_id = o.order_id) as lines
  from orders o"""
_HOLDING = f"""{_ORDER}
 where o.order_id in (
    select l.order_id from order_lines l
     where l.user_id = %s and l.holds and (l.course_id = any(%s) or l.plan_id = any(%s)))
 order by o.created_at, o.order_id"""  # noqa: S608
_HELD = ("order_lines_one_holds", "order_lines_one_plan_holds")


async def insert(tx: Tx, order: Order, now: datetime) -> bool:
    """Write a new open order. False, and nothing written, if another order holds one of its courses."""
    lines = order.lines
    try:
        async with tx.transaction():
            await tx.execute(
                _INSERT_ORDER,
                {name: getattr(order, name) for name in _COLUMNS} | {"amount": order.amount, "now": now},
            )
            await tx.execute(
                _INSERT_LINES,
                {"order_id": order.order_id, "user_id": order.user_id}
                | {"line_id": [line_id(order.order_id, line.position) for line in lines]}
                | {name: [getattr(line, name) for line in lines] for name in Line.__slots__}
                | {"kind": [line.kind.value for line in lines]},
            )
    except UniqueViolation as error:
        if error.diag.constraint_name not in _HELD:
            raise
        return False
    return True


_COLUMNS = tuple(name for name in Order.__slots__ if name not in ("lines", "session_id", "state"))
_INSERT_ORDER = f"""
insert into orders ({", ".join(_COLUMNS)}, amount_total, created_at)
values ({", ".join(f"%({name})s" for name in _COLUMNS)}, %(amount)s, %(now)s)"""  # noqa: S608
# By course: two orders of one buyer with the same courses wait for each other in one direction only.
_INSERT_LINES = """
insert into order_lines (order_id, user_id, line_id, position, kind, title, list_amount, discount_amount,
                         course_id, bundle_id, bundle_title, plan_id, description, category, access_days)
select %(order_id)s, %(user_id)s, line.*
  from unnest(%(line_id)s::text[], %(position)s::smallint[], %(kind)s::text[], %(title)s::text[],
              %(list_amount)s::bigint[], %(discount_amount)s::bigint[], %(course_id)s::text[],
              %(bundle_id)s::text[], %(bundle_title)s::text[], %(plan_id)s::text[], %(description)s::text[],
              %(category)s::text[], %(access_days)s::integer[])
       as line(line_id, position, kind, title, list_amount, discount_amount, course_id, bundle_id,
               bundle_title, plan_id, description, category, access_days)
 order by line.course_id, line.plan_id"""


async def holding(
    tx: Tx, user_id: str, course_ids: Collection[str], plan_ids: Collection[str] = ()
) -> list[Order]:
    """The orders that keep this user from ordering any of these courses or plans again, oldest first."""
    return await _all(tx, _HOLDING, (user_id, list(course_ids), list(plan_ids)))


async def owned(tx: Tx, user_id: str, order_id: str) -> Order | None:
    """The order, if it is this user's."""
    found = await _all(tx, f"{_ORDER} where o.order_id = %s and o.user_id = %s", (order_id, user_id))
    return found[0] if found else None


async def _all(tx: Tx, query: str, parameters: tuple[Any, ...]) -> list[Order]:
    cursor = tx.cursor(row_factory=dict_row)
    return [_order(row) async for row in await cursor.execute(query, parameters)]


def _order(row: Mapping[str, Any]) -> Order:
    lines = (Line(**line | {"kind": LineKind(line["kind"])}) for line in row["lines"])
    return Order(**{**row, "lines": tuple(lines)})


async def next_attempt(tx: Tx, order: Order, expires_at: datetime, customer_id: str | None) -> Order:
    """Give the order a new idempotency key. Two concurrent calls for the same attempt get the same key."""
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
    """Save the order's session. False if the order is no longer open or already has a session."""
    cursor = await tx.execute(
        "update orders set session_id = %s, session_expires_at = %s"
        " where order_id = %s and session_id is null and state = 'open'",
        (session_id, expires_at, order_id),
    )
    return cursor.rowcount == 1


async def close(tx: Tx, order_id: str, session_id: str | None, reason: str, now: datetime) -> str | None:
    """Close an order that is still open and has this session; return its user's id, or None if it has not.

    The consumer locks the same row before it derives the order's state, and reads `closed_at`.
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


async def release_ended(tx: Tx, user_id: str, course_ids: Collection[str], now: datetime) -> None:
    """Let the buyer order courses again to which an earlier order gave access that has ended."""
    await tx.execute(
        "update order_lines l set holds = false from orders o where o.order_id = l.order_id"
        " and l.user_id = %s and l.course_id = any(%s) and l.holds and o.paid_at is not null"
        " and o.paid_at + l.access_days * interval '1 day' <= %s",
        (user_id, list(course_ids), now),
    )


async def customer_of(tx: Tx, user_id: str) -> str | None:
    """The user's customer at Stripe, where one is known."""
    cursor = await tx.execute("select customer_id from customers where user_id = %s", (user_id,))
    row = await cursor.fetchone()
    return str(row[0]) if row else None


async def forget_customer(tx: Tx, user_id: str, customer_id: str) -> None:
    """Remove a customer that no longer exists at Stripe."""
    await tx.execute("delete from customers where user_id = %s and customer_id = %s", (user_id, customer_id))


_VIEW = """
select o.order_id, o.user_id, o.state, o.currency, o.amount_total, o.amount_paid, o.amount_tax,
       o.amount_refunded, o.session_id,
       o.terms_version, o.terms_accepted_at, o.receipt_url, o.dispute, o.mismatch, o.created_at, o.paid_at,
       o.failed_at, o.expired_at, o.refunded_at, o.session_expires_at,
       (select jsonb_agg(jsonb_build_object(
                   'line_id', l.line_id, 'kind', l.kind, 'course_id', l.course_id, 'bundle_id', l.bundle_id,
                   'bundle_title', l.bundle_title, 'plan_id', l.plan_id, 'category', l.category,
                   'title', l.title, 'list_amount', l.list_amount, 'discount_amount', l.discount_amount,
                   'amount_refunded', l.amount_refunded, 'access_days', l.access_days) order by l.position)
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
