"""Courses and their prices."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from checkout.domain.catalog import Course

Tx = AsyncConnection[Any]

_SELECT = """
select c.course_id, c.title, c.category, c.description, c.access_days, c.active, c.version,
       coalesce((select jsonb_object_agg(p.currency, p.amount) from course_prices p
                 where p.course_id = c.course_id), '{}') as prices
  from courses c"""


def _course(row: Mapping[str, Any]) -> Course:
    return Course(**{**row, "prices": dict(sorted(row["prices"].items()))})


async def course(tx: Tx, course_id: str, *, lock: bool = False) -> Course | None:
    """The course, also if it is no longer on sale; `lock` keeps others from changing it meanwhile."""
    cursor = tx.cursor(row_factory=dict_row)
    query = f"{_SELECT} where c.course_id = %s" + (" for update of c" if lock else "")
    row = await (await cursor.execute(query, (course_id,))).fetchone()
    return _course(row) if row else None


async def courses(tx: Tx, course_ids: Collection[str]) -> dict[str, Course]:
    """Those of the courses that exist, by id, also if they are no longer on sale."""
    cursor = tx.cursor(row_factory=dict_row)
    await cursor.execute(f"{_SELECT} where c.course_id = any(%s)", (list(course_ids),))
    return {row["course_id"]: _course(row) async for row in cursor}


async def courses_on_sale(tx: Tx, after: tuple[str, str] | None, limit: int) -> list[Course]:
    """Courses by (title, course_id), beginning after the given place."""
    cursor = tx.cursor(row_factory=dict_row)
    place = "and (c.title, c.course_id) > (%(title)s, %(course_id)s)" if after else ""
    title, course_id = after or ("", "")
    await cursor.execute(
        f"{_SELECT} where c.active {place} order by c.title, c.course_id limit %(limit)s",
        {"title": title, "course_id": course_id, "limit": limit},
    )
    return [_course(row) async for row in cursor]


async def claim(tx: Tx, course_id: str, now: datetime) -> None:
    """Make sure that the course has a row to lock; a new one has version 0 and is not on sale."""
    await tx.execute(
        "insert into courses (course_id, title, active, version, created_at, updated_at)"
        " values (%s, '', false, 0, %s, %s) on conflict do nothing",
        (course_id, now, now),
    )


async def save(tx: Tx, course: Course, now: datetime) -> None:
    """Write the course and its prices as given; its row exists and is locked."""
    await tx.execute(
        "update courses set title = %s, category = %s, description = %s, access_days = %s, active = %s,"
        " version = %s, updated_at = %s where course_id = %s",
        (
            course.title,
            course.category,
            course.description,
            course.access_days,
            course.active,
            course.version,
            now,
            course.course_id,
        ),
    )
    await tx.execute("delete from course_prices where course_id = %s", (course.course_id,))
    await tx.execute(
        "insert into course_prices (course_id, currency, amount)"
        " select %s, currency, amount from unnest(%s::text[], %s::bigint[]) as new(currency, amount)",
        (course.course_id, list(course.prices), list(course.prices.values())),
    )
