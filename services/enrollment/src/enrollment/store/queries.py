"""The queries of the API.

They compare `until` with the current time: a grant that has ended gives no access, even if the clock worker
has not derived its user again yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row

from enrollment.domain import ALL_COURSES, NO_ACCESS
from enrollment.domain.enrollment import Enrollment, enrollment_in

_COLUMNS = "course_id, access, state, kind, source_id, since, until"
_ONE = f"select {_COLUMNS} from access where user_id = %s and course_id = any(%s)"  # noqa: S608 - constants
_LIST = f"""
select {_COLUMNS} from access
 where user_id = %s and course_id > %s and state <> '{NO_ACCESS}' order by course_id limit %s
"""  # noqa: S608 - constants

Connection = AsyncConnection[Any]


async def access(tx: Connection, user_id: str, course_id: str, now: datetime) -> Enrollment | None:
    """Return the row for this course: its own, or that of all courses if that one gives (longer) access."""
    async with tx.cursor(row_factory=class_row(Enrollment)) as cursor:
        await cursor.execute(_ONE, (user_id, [course_id, ALL_COURSES]))
        return enrollment_in(course_id, await cursor.fetchall(), now)


async def enrollments(
    tx: Connection, user_id: str, after: str, limit: int, now: datetime
) -> list[Enrollment]:
    """Return a page of the user's courses by course id, after the one given ('' for the first page)."""
    async with tx.cursor(row_factory=class_row(Enrollment)) as cursor:
        await cursor.execute(_LIST, (user_id, after, limit))
        return [row.at(now) for row in await cursor.fetchall()]


_GAPS = """
select order_id, user_id, session_id, payment_intent_id, paid_at, reason, reads, read_at from unfulfilled
 where paid_at <= %s and (paid_at, order_id) > (%s, %s) order by paid_at, order_id limit %s"""
_FAILURES = """
select owner_id as user_id, failure, failed_at, attempts from owners
 where needs_derivation and owner_id > %s order by owner_id limit %s"""


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


async def gaps(tx: Connection, paid_before: datetime, after: tuple[datetime, str], limit: int) -> list[Gap]:
    """Return a page of the gaps whose payment is older than a time, oldest first."""
    async with tx.cursor(row_factory=class_row(Gap)) as cursor:
        await cursor.execute(_GAPS, (paid_before, *after, limit))
        return await cursor.fetchall()


async def failures(tx: Connection, after: str, limit: int) -> list[Failure]:
    """Return a page of the users whose derivation failed, by user id."""
    async with tx.cursor(row_factory=class_row(Failure)) as cursor:
        await cursor.execute(_FAILURES, (after, limit))
        return await cursor.fetchall()


_USERS_OF_ORDER = "select distinct user_id from events where order_id = %s and user_id is not null order by 1"


async def users_of_order(tx: Connection, order_id: str) -> list[str]:
    """Return the users that the events of an order name; none if the order is unknown."""
    cursor = await tx.execute(_USERS_OF_ORDER, (order_id,))
    return [row[0] for row in await cursor.fetchall()]
