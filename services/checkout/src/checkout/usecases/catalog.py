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
    """Put a course into the catalog, whole; return it as it is now, and whether it is new.

    The version of `wanted` does not matter. A course that is there already as wanted is neither written nor
    announced.
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
