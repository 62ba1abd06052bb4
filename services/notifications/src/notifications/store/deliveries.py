"""The queries of the API."""

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
"""  # noqa: S608 - only our own column names are inserted
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
    """Return a page of deliveries, newest first."""
    after_at, after_id = after or (None, None)
    parameters = {
        "state": state, "template": template, "order_id": order_id, "user_id": user_id,
        "after_at": after_at, "after_id": after_id, "limit": limit,
    }  # fmt: skip
    async with connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(_LIST, parameters)).fetchall()


async def one(connection: AsyncConnection[Any], delivery_id: uuid.UUID) -> dict[str, Any] | None:
    """Return a delivery with its context, or None if it does not exist."""
    query = f"select {_COLUMNS}, context::text from deliveries where delivery_id = %s"  # noqa: S608
    async with connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, (delivery_id,))).fetchone()


async def resend(
    connection: AsyncConnection[Any], delivery_id: uuid.UUID, by: str, now: datetime
) -> dict[str, Any] | None:
    """Make a sent, failed or skipped delivery pending again.

    Returns None if it already is pending or does not exist.
    """
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
    """Make at most `limit` failed deliveries pending again, the oldest failure first.

    Selects those that failed for `reason`, from `failed_from` on and before `failed_until`. Returns how many
    became pending, and how many of the selection remain.
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
    """Mark a failed delivery as skipped, and store who decided so and why.

    Returns None if it has not failed or does not exist.
    """
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_REVIEW, {"id": delivery_id, "note": note, "by": by, "now": now})
        return await cursor.fetchone()
