"""Changes of the catalog: written and announced in one transaction."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from checkout import announcements
from checkout.domain.catalog import Course
from checkout.store import catalog
from messaging.outbox import rows as outbox
from processkit.tracing import new_traceparent


async def put_course(engine: AsyncEngine, wanted: Course, now: datetime) -> tuple[Course, bool]:
    """Create or replace a course; return it as stored, and whether it is new.

    The version of `wanted` is ignored. If the stored course is the same, nothing is written or announced.
    """
    async with engine.begin() as tx:
        await catalog.claim(tx, wanted.course_id, now)
        before = await catalog.course(tx, wanted.course_id, lock=True)
        assert before is not None
        if before.version and before == replace(wanted, version=before.version):
            return before, False
        after = replace(wanted, version=before.version + 1)
        await catalog.save(tx, after, now)
        message = announcements.course_changed(after, now, new_traceparent())
        await outbox.append_on_engine(tx, [message])
    return after, before.version == 0
