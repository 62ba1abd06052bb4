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

from enrollment.announcements import NO_ACCESS
from enrollment.domain import ALL_COURSES, State

_COLUMNS = "course_id, access, state, kind, source_id, since, until"
_ONE = f"select {_COLUMNS} from access where user_id = %s and course_id = any(%s)"  # noqa: S608 - constants
_LIST = f"""
select {_COLUMNS} from access
 where user_id = %s and course_id > %s and state <> '{NO_ACCESS}' order by course_id limit %s
"""  # noqa: S608 - constants

Connection = AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One user and course, as last derived."""

    course_id: str
    access: bool
    state: str
    kind: str | None
    source_id: str | None
    since: datetime | None
    until: datetime | None

    def at(self, now: datetime) -> Row:
        """Return the row as of `now`: what has ended since gives no access."""
        if self.access and self.until is not None and self.until <= now:
            return Row(
                self.course_id,
                False,
                State.EXPIRED.value,
                self.kind,
                self.source_id,
                self.since,
                self.until,
            )
        return self


async def access(tx: Connection, user_id: str, course_id: str, now: datetime) -> Row | None:
    """Return the row for this course: its own, or that of all courses if that one gives (longer) access."""
    async with tx.cursor(row_factory=class_row(Row)) as cursor:
        await cursor.execute(_ONE, (user_id, [course_id, ALL_COURSES]))
        rows = {row.course_id: row.at(now) for row in await cursor.fetchall()}
    own, every = rows.get(course_id), rows.get(ALL_COURSES)
    if own is None or every is None:
        return own or every
    if own.access and every.access:
        # Both give access: return the one that lasts longer.
        return own if own.until is None or (every.until is not None and own.until >= every.until) else every
    return every if every.access else own


async def enrollments(tx: Connection, user_id: str, after: str, limit: int, now: datetime) -> list[Row]:
    """Return a page of the user's courses by course id, after the one given ('' for the first page)."""
    async with tx.cursor(row_factory=class_row(Row)) as cursor:
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
