"""The queries of the administrators' API."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row

_COLUMNS = """
delivery_id, template, about, order_id, user_id, recipient, locale, happened_at, state, reason, attempts,
resends, resent_by, next_attempt_at, created_at, sent_at, failed_at, last_error,
reviewed_at, reviewed_by, review_note
"""
_LIST = f"""
select {_COLUMNS} from deliveries
where (%(state)s::text is null or state = %(state)s)
    and (%(template)s::text is null or template = %(template)s)
    and (%(order_id)s::text is null or order_id = %(order_id)s)
    and (%(user_id)s::text is null or user_id = %(user_id)s)
    and (%(after_at)s::timestamptz is null or (created_at, delivery_id) < (%(after_at)s, %(after_id)s::uuid))
order by created_at desc, delivery_id desc limit %(limit)s
"""  # noqa: S608 - only our own columns are put in
_AGAIN = """
update deliveries
set state = 'pending', reason = null, attempts = 0, resends = resends + 1, resent_by = %(by)s,
    next_attempt_at = %(now)s, last_error = null, failed_at = null,
    reviewed_at = null, reviewed_by = null, review_note = null
"""
_RESEND = f"{_AGAIN} where delivery_id = %(id)s and state <> 'pending' returning {_COLUMNS}"
_CHOSEN = """
select delivery_id from deliveries
where state = 'failed' and reason = %(reason)s
    and (%(failed_from)s::timestamptz is null or failed_at >= %(failed_from)s)
    and (%(failed_until)s::timestamptz is null or failed_at < %(failed_until)s)
"""
_RESEND_FAILED = f"""
with chosen as ({_CHOSEN} order by failed_at, delivery_id limit %(limit)s for update skip locked)
{_AGAIN} where delivery_id in (select delivery_id from chosen)
"""  # noqa: S608
_LEFT = f"select count(*) from ({_CHOSEN}) as chosen"  # noqa: S608
_REVIEW = f"""
update deliveries
set state = 'skipped', reason = 'reviewed', reviewed_at = %(now)s, reviewed_by = %(by)s,
    review_note = %(note)s
where delivery_id = %(id)s and state = 'failed'
returning {_COLUMNS}
"""  # noqa: S608


async def page(
    connection: AsyncConnection[Any],
    *,
    state: str | None,
    template: str | None,
    order_id: str | None,
    user_id: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Deliveries, newest first."""
    after_at, after_id = after or (None, None)
    parameters = {
        "state": state, "template": template, "order_id": order_id, "user_id": user_id,
        "after_at": after_at, "after_id": after_id, "limit": limit,
    }  # fmt: skip
    async with connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(_LIST, parameters)).fetchall()


async def one(connection: AsyncConnection[Any], delivery_id: uuid.UUID) -> dict[str, Any] | None:
    """A delivery with its context, or None."""
    query = f"select {_COLUMNS}, context from deliveries where delivery_id = %s"  # noqa: S608
    async with connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, (delivery_id,))).fetchone()


async def resend(
    connection: AsyncConnection[Any], delivery_id: uuid.UUID, by: str, now: datetime
) -> dict[str, Any] | None:
    """Puts a delivery that is sent, failed or skipped into the queue again; None if it is in there or not at
    all."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_RESEND, {"id": delivery_id, "by": by, "now": now})
        return await cursor.fetchone()


async def resend_failed(
    connection: AsyncConnection[Any],
    *,
    reason: str,
    failed_from: datetime | None,
    failed_until: datetime | None,
    limit: int,
    by: str,
    now: datetime,
) -> tuple[int, int]:
    """Puts those that failed for this reason, from and before these times, into the queue again, the oldest
    failure first.

    At most `limit`; returns how many that were and how many of the same kind are left.
    """
    parameters = {
        "reason": reason, "failed_from": failed_from, "failed_until": failed_until,
        "limit": limit, "by": by, "now": now,
    }  # fmt: skip
    async with connection.transaction():
        resent = (await connection.execute(_RESEND_FAILED, parameters)).rowcount
        row = await (await connection.execute(_LEFT, parameters)).fetchone()
    assert row is not None
    return resent, row[0]


async def review(
    connection: AsyncConnection[Any], delivery_id: uuid.UUID, note: str, by: str, now: datetime
) -> dict[str, Any] | None:
    """Leaves a failed delivery unsent, and keeps who said so and why; None if it has not failed or is not
    there."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_REVIEW, {"id": delivery_id, "note": note, "by": by, "now": now})
        return await cursor.fetchone()
