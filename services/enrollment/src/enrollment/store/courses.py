"""The projection of the catalog: which courses exist, also those no longer on sale."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from enrollment.domain.types import ALL_COURSES
from enrollment.store.tables import courses, grants
from processkit.postgres.database import Session
from processkit.postgres.statements import columns_of, upsert_newer
from schemas.events import CourseChanged

_APPLY = upsert_newer(courses, ("course_id", "version"), "version")


def apply(tx: Session, changes: Sequence[CourseChanged]) -> None:
    """Record the announced courses; repeats change nothing."""
    newest: dict[str, int] = {}
    for change in changes:
        newest[change.course_id] = max(change.version, newest.get(change.course_id, 0))
    if newest:
        # Sorted, so that two consumers lock rows in the same order.
        tx.execute(_APPLY, columns_of(sorted(newest.items())))


async def is_known(tx: AsyncConnection, course_id: str) -> bool:
    """Return whether the catalog has the course, or a grant opens it: it may be older than the catalog's
    topic."""
    if course_id == ALL_COURSES:
        return True
    in_catalog = exists().where(courses.c.course_id == course_id)
    is_granted = exists().where(grants.c.course_id == course_id)
    return bool(await tx.scalar(select(in_catalog | is_granted)))
