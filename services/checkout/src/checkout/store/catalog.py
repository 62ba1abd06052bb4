"""Courses and their prices."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, literal_column, select, tuple_, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from checkout.domain.catalog import Course
from checkout.store.tables import course_prices, courses

_PRICES = (
    select(func.jsonb_object_agg(course_prices.c.currency, course_prices.c.amount))
    .where(course_prices.c.course_id == courses.c.course_id)
    .scalar_subquery()
)
_COURSES = select(
    *(courses.c[name] for name in Course.__slots__ if name != "prices"),
    func.coalesce(_PRICES, literal_column("'{}'::jsonb")).label("prices"),
)


def _course(row: dict[str, Any]) -> Course:
    return Course(**row | {"prices": dict(sorted(row["prices"].items()))})


async def course(tx: AsyncConnection, course_id: str, *, lock: bool = False) -> Course | None:
    """The course, also if it is no longer on sale; `lock` keeps others from changing it meanwhile."""
    query = _COURSES.where(courses.c.course_id == course_id)
    row = (await tx.execute(query.with_for_update(of=courses) if lock else query)).one_or_none()
    return _course(row._asdict()) if row else None


async def courses_by_id(tx: AsyncConnection, course_ids: Collection[str]) -> dict[str, Course]:
    """Those of the courses that exist, also if they are no longer on sale."""
    rows = await tx.execute(_COURSES.where(courses.c.course_id.in_(course_ids)))
    return {row.course_id: _course(row._asdict()) for row in rows}


async def courses_on_sale(tx: AsyncConnection, after: tuple[str, str] | None, limit: int) -> list[Course]:
    """Courses by (title, course_id), beginning after the given place."""
    conditions: list[ColumnElement[bool]] = [courses.c.active]
    if after is not None:
        conditions.append(tuple_(courses.c.title, courses.c.course_id) > tuple_(*after))
    query = _COURSES.where(*conditions).order_by(courses.c.title, courses.c.course_id).limit(limit)
    return [_course(row._asdict()) for row in await tx.execute(query)]


async def claim(tx: AsyncConnection, course_id: str, now: datetime) -> None:
    """Make sure that the course has a row to lock; a new one has version 0 and is not on sale."""
    new = postgresql.insert(courses).values(
        course_id=course_id, title="", active=False, version=0, created_at=now, updated_at=now
    )
    await tx.execute(new.on_conflict_do_nothing())


async def save(tx: AsyncConnection, course: Course, now: datetime) -> None:
    """Write the course and its prices as given; its row exists and is locked."""
    values = {name: getattr(course, name) for name in Course.__slots__ if name in courses.c}
    of_course = course_prices.c.course_id == course.course_id
    await tx.execute(
        update(courses).where(courses.c.course_id == course.course_id).values(**values, updated_at=now)
    )
    await tx.execute(delete(course_prices).where(of_course))
    prices = [
        {"course_id": course.course_id, "currency": currency, "amount": amount}
        for currency, amount in course.prices.items()
    ]
    if prices:
        await tx.execute(insert(course_prices), prices)
