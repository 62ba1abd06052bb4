"""A stored enrollment, and its state at a later time.

A grant that has ended gives no access, even if its user has not been derived again since then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from enrollment.domain.types import ALL_COURSES, State


@dataclass(frozen=True, slots=True)
class Enrollment:
    """One user and course, as last derived."""

    course_id: str
    access: bool
    state: str
    kind: str | None
    source_id: str | None
    since: datetime | None
    until: datetime | None

    def at(self, now: datetime) -> Enrollment:
        """Return the enrollment as of `now`: what has ended since gives no access."""
        if self.access and self.until is not None and self.until <= now:
            return replace(self, access=False, state=State.EXPIRED.value)
        return self


def enrollment_in(course_id: str, stored: Iterable[Enrollment], now: datetime) -> Enrollment | None:
    """Return the enrollment in the course at `now`: its own, or that in all courses if that one gives
    (longer) access. None if there is neither."""
    current = {each.course_id: each.at(now) for each in stored}
    own, every = current.get(course_id), current.get(ALL_COURSES)
    if own is None or every is None:
        return own or every
    if own.access and every.access:
        # Both give access: return the one that lasts longer.
        return own if own.until is None or (every.until is not None and own.until >= every.until) else every
    return every if every.access else own
