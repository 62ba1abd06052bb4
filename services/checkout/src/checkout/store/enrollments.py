"""The projection of what enrollment announced: who has access to what."""

from collections.abc import Collection, Sequence
from datetime import datetime
from operator import attrgetter

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from checkout.store.tables import enrollments
from processkit.postgres.database import Session
from processkit.postgres.statements import columns_of, upsert_newer
from schemas.events import EnrollmentChanged

ALL_COURSES = "*"
"""The course id by which enrollment announces access to every course, through a subscription."""

_COLUMNS = enrollments.c.keys()
_APPLY = upsert_newer(enrollments, _COLUMNS, "version")


def apply(tx: Session, changes: Sequence[EnrollmentChanged]) -> None:
    """Apply announcements with a version greater than the known one; repeats change nothing."""
    newest: dict[tuple[str, str], EnrollmentChanged] = {}
    for change in changes:
        key = (change.user_id, change.course_id)
        if key not in newest or newest[key].version < change.version:
            newest[key] = change
    if newest:
        # Sorted, so that two consumers lock rows in the same order.
        rows = [newest[key] for key in sorted(newest)]
        tx.execute(_APPLY, columns_of(map(attrgetter(*_COLUMNS), rows)))


async def accessible(
    tx: AsyncConnection, user_id: str, course_ids: Collection[str], now: datetime
) -> set[str]:
    """Return those of the courses to which the user has access now, also through a subscription."""
    query = select(enrollments.c.course_id).where(
        enrollments.c.user_id == user_id,
        enrollments.c.course_id.in_([*course_ids, ALL_COURSES]),
        enrollments.c.access,
        enrollments.c.until.is_(None) | (enrollments.c.until > now),
    )
    found = set((await tx.execute(query)).scalars())
    return set(course_ids) if ALL_COURSES in found else found
