"""The projection of what enrollment announced: who has access to what."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from processkit.postgres.database import Session
from schemas.events import EnrollmentChanged

ALL_COURSES = "*"
"""As enrollment announces access to every course: that of a subscription."""

_APPLY = """
insert into enrollments (user_id, course_id, access, state, until, version)
select * from unnest(%s::text[], %s::text[], %s::bool[], %s::text[], %s::timestamptz[], %s::bigint[])
on conflict (user_id, course_id) do update
   set access = excluded.access, state = excluded.state, until = excluded.until, version = excluded.version
 where enrollments.version < excluded.version"""


def apply(tx: Session, changes: Sequence[EnrollmentChanged]) -> None:
    """Apply announcements with a version greater than the known one; repeats change nothing."""
    newest: dict[tuple[str, str], EnrollmentChanged] = {}
    for change in changes:
        key = (change.user_id, change.course_id)
        if key not in newest or newest[key].version < change.version:
            newest[key] = change
    # Sorted, so that two consumers lock rows in the same order.
    rows = [newest[key] for key in sorted(newest)]
    if rows:
        tx.execute(
            _APPLY,
            (
                [row.user_id for row in rows],
                [row.course_id for row in rows],
                [row.access for row in rows],
                [row.state for row in rows],
                [row.until for row in rows],
                [row.version for row in rows],
            ),
        )


async def accessible(
    tx: AsyncConnection[Any], user_id: str, course_ids: Collection[str], now: datetime
) -> set[str]:
    """Those of the courses that the user has access to now, by a subscription also."""
    cursor = await tx.execute(
        "select course_id from enrollments where user_id = %s and course_id = any(%s) and access"
        " and (until is null or until > %s)",
        (user_id, [*course_ids, ALL_COURSES], now),
    )
    found = {str(row[0]) async for row in cursor}
    return set(course_ids) if ALL_COURSES in found else found
