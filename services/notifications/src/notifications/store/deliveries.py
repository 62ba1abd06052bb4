"""The queries of the API. A row has every column of `deliveries` but the context."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Text, Update, func, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifications.domain.contexts import Context, decode
from notifications.store import sending, tables
from processkit.postgres.reading import read_on_engine

_DELIVERY = tables.deliveries.c
_SHOWN = [column for column in _DELIVERY if column is not _DELIVERY.context]
# In the statement's text: with a parameter, a prepared statement could not use the index of failed mails.
_FAILED = _DELIVERY.state == literal("failed", literal_execute=True)


async def page(
    connection: AsyncConnection,
    *,
    state: str | None,
    template: str | None,
    order_id: str | None,
    user_id: str | None,
    after: tuple[datetime, uuid.UUID] | None,
    limit: int,
) -> list[Row[Any]]:
    """Return a page of deliveries, newest first."""
    wanted = (
        (_DELIVERY.state, state),
        (_DELIVERY.template, template),
        (_DELIVERY.order_id, order_id),
        (_DELIVERY.user_id, user_id),
    )
    conditions = [column == value for column, value in wanted if value is not None]
    if after is not None:
        conditions.append(tuple_(_DELIVERY.created_at, _DELIVERY.delivery_id) < after)
    query = (
        select(*_SHOWN)
        .where(*conditions)
        .order_by(_DELIVERY.created_at.desc(), _DELIVERY.delivery_id.desc())
        .limit(limit)
    )
    return list(await connection.execute(query))


async def one(connection: AsyncConnection, delivery_id: uuid.UUID) -> Row[Any] | None:
    """Return a delivery, or None if it does not exist."""
    query = select(*_SHOWN).where(_DELIVERY.delivery_id == delivery_id)
    return (await connection.execute(query)).one_or_none()


async def content(connection: AsyncConnection, delivery_id: uuid.UUID) -> tuple[Context, str] | None:
    """Return what a delivery shows, and its locale. Returns None if it does not exist.

    Of a mail that was sent this is what was sent. Any other would be sent as the order's events say now; if
    they do not need it any more, the content is the one that was stored last.
    """
    row = await one(connection, delivery_id)
    if row is None:
        return None
    if row.state != "sent":
        mail = await read_on_engine(
            connection, lambda tx: sending.current(tx, row.order_id, row.template, row.about)
        )
        if mail is not None:
            return mail.context, mail.locale
    stored = select(_DELIVERY.context.cast(Text)).where(_DELIVERY.delivery_id == delivery_id)
    return decode(row.template, await connection.scalar(stored) or ""), row.locale


async def resend(
    connection: AsyncConnection, delivery_id: uuid.UUID, by: str, now: datetime
) -> Row[Any] | None:
    """Make a sent, failed or skipped delivery pending again.

    Returns None if it already is pending or does not exist.
    """
    statement = (
        _again(by, now)
        .where(_DELIVERY.delivery_id == delivery_id, _DELIVERY.state != "pending")
        .returning(*_SHOWN)
    )
    return (await connection.execute(statement)).one_or_none()


async def resend_failed(
    connection: AsyncConnection,
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
    conditions: list[ColumnElement[bool]] = [_FAILED, _DELIVERY.reason == reason]
    if failed_from is not None:
        conditions.append(_DELIVERY.failed_at >= failed_from)
    if failed_until is not None:
        conditions.append(_DELIVERY.failed_at < failed_until)
    chosen = (
        select(_DELIVERY.delivery_id)
        .where(*conditions)
        .order_by(_DELIVERY.failed_at, _DELIVERY.delivery_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("chosen")
    )
    statement = _again(by, now).where(_DELIVERY.delivery_id.in_(select(chosen.c.delivery_id)))
    resent = (await connection.execute(statement)).rowcount
    left = await connection.scalar(select(func.count()).select_from(tables.deliveries).where(*conditions))
    return resent, left or 0


async def review(
    connection: AsyncConnection, delivery_id: uuid.UUID, note: str, by: str, now: datetime
) -> Row[Any] | None:
    """Mark a failed delivery as skipped, and store who decided so and why.

    Returns None if it has not failed or does not exist.
    """
    statement = (
        update(tables.deliveries)
        .where(_DELIVERY.delivery_id == delivery_id, _FAILED)
        .values(state="skipped", reason="reviewed", reviewed_at=now, reviewed_by=by, review_note=note)
        .returning(*_SHOWN)
    )
    return (await connection.execute(statement)).one_or_none()


def _again(by: str, now: datetime) -> Update:
    """Return an update that makes deliveries pending as if they were new, and counts the resend."""
    return update(tables.deliveries).values(
        state="pending",
        reason=None,
        attempts=0,
        resends=_DELIVERY.resends + 1,
        resent_by=by,
        next_attempt_at=now,
        last_error=None,
        failed_at=None,
        reviewed_at=None,
        reviewed_by=None,
        review_note=None,
    )
