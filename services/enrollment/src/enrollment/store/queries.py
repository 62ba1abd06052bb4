"""The lists of the API."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from enrollment.domain import NO_ACCESS
from enrollment.domain.enrollment import Enrollment
from enrollment.store.tables import access, events, owners, unfulfilled


@dataclass(frozen=True, slots=True)
class Gap:
    """An order that was paid and has no grant."""

    order_id: str
    user_id: str
    session_id: str | None
    payment_intent_id: str | None
    paid_at: datetime
    reason: str
    reads: int
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A user whose derivation failed. The last state stays in place, and the derivation is retried."""

    user_id: str
    failure: str | None
    failed_at: datetime | None
    attempts: int


_ENROLLMENTS = select(*(access.c[field.name] for field in fields(Enrollment)))
_GAPS = select(*(unfulfilled.c[field.name] for field in fields(Gap)))
_IS_OPEN = unfulfilled.c.reviewed_reason.is_distinct_from(unfulfilled.c.reason)
_FAILURES = select(owners.c.owner_id, owners.c.failure, owners.c.failed_at, owners.c.attempts)


async def enrollments(
    tx: AsyncConnection, user_id: str, after: str, limit: int, now: datetime
) -> list[Enrollment]:
    """Return a page of the user's courses by course id, after the one given ('' for the first page)."""
    mine = (access.c.user_id == user_id, access.c.course_id > after, access.c.state != NO_ACCESS)
    rows = await tx.execute(_ENROLLMENTS.where(*mine).order_by(access.c.course_id).limit(limit))
    return [Enrollment(*row).at(now) for row in rows]


async def gaps(
    tx: AsyncConnection, paid_before: datetime, after: tuple[datetime, str], limit: int
) -> list[Gap]:
    """Return a page of the gaps, not reviewed, whose payment is older than a time, oldest first."""
    place = (unfulfilled.c.paid_at, unfulfilled.c.order_id)
    older = (unfulfilled.c.paid_at <= paid_before, tuple_(*place) > after)
    rows = await tx.execute(_GAPS.where(_IS_OPEN, *older).order_by(*place).limit(limit))
    return [Gap(*row) for row in rows]


async def review_gap(tx: AsyncConnection, order_id: str, note: str, admin: str, now: datetime) -> Gap | None:
    """Mark a gap as reviewed, which takes it off the list until its reason changes. None if none is open."""
    reviewed = await tx.execute(
        update(unfulfilled)
        .where(_IS_OPEN, unfulfilled.c.order_id == order_id)
        .values(reviewed_reason=unfulfilled.c.reason, reviewed_at=now, reviewed_by=admin, review_note=note)
        .returning(*(unfulfilled.c[field.name] for field in fields(Gap)))
    )
    row = reviewed.one_or_none()
    return Gap(*row) if row else None


async def failures(tx: AsyncConnection, after: str, limit: int) -> list[Failure]:
    """Return a page of the users whose derivation failed, by user id."""
    failed = (owners.c.needs_derivation, owners.c.owner_id > after)
    rows = await tx.execute(_FAILURES.where(*failed).order_by(owners.c.owner_id).limit(limit))
    return [Failure(*row) for row in rows]


async def users_of_order(tx: AsyncConnection, order_id: str) -> list[str]:
    """Return the users that the events of an order name; none if the order is unknown."""
    named = (events.c.order_id == order_id, events.c.user_id.is_not(None))
    query = select(events.c.user_id).distinct().where(*named).order_by(events.c.user_id)
    return list(await tx.scalars(query))
