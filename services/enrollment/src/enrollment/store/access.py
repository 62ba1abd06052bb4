"""The query of `GET /v1/access`, which every page of the course player calls.

It uses psycopg: composing the statement by SQLAlchemy each time would take longer than running it.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row

from enrollment.domain import ALL_COURSES
from enrollment.domain.enrollment import Enrollment, enrollment_in

_COLUMNS = ", ".join(field.name for field in fields(Enrollment))
_STORED = f"select {_COLUMNS} from access where user_id = %s and course_id = any(%s)"  # noqa: S608 - names


async def enrollment(
    tx: AsyncConnection[Any], user_id: str, course_id: str, now: datetime
) -> Enrollment | None:
    """Return the user's enrollment in the course or in all courses at `now`."""
    async with tx.cursor(row_factory=class_row(Enrollment)) as cursor:
        await cursor.execute(_STORED, (user_id, [course_id, ALL_COURSES]))
        return enrollment_in(course_id, await cursor.fetchall(), now)
