"""Grants that administrators make and revoke."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from enrollment.domain.book import cause_of
from enrollment.domain.facts import DecisionFacts
from enrollment.domain.kinds import GRANTED
from enrollment.domain.types import Grant, State
from messaging.eventset.event import Event
from schemas.times import instant


def admin_grants(decisions: Sequence[Event[DecisionFacts]], now: datetime) -> Iterator[Grant]:
    """Return a grant for each decision that grants a course; a later revocation ends the grants before it.

    A revocation does not affect purchases. To revoke a purchase, refund it.
    """
    for place, event in enumerate(decisions):
        if event.type != GRANTED:
            continue
        course = event.facts.course_id
        revoked = next(
            (
                later
                for later in decisions[place + 1 :]
                if later.type != GRANTED and later.facts.course_id == course
            ),
            None,
        )
        until = None if event.facts.until is None else instant(event.facts.until)
        if revoked is not None:
            state, reason = State.REVOKED, "administrator"
        elif until is not None and until <= now:
            state, reason = State.EXPIRED, "access_ended"
        else:
            state, reason = State.ACTIVE, "granted"
        yield Grant(
            kind="admin",
            source_id=event.object_id or event.id,
            line_id="",
            course_id=course,
            state=state,
            reason=reason,
            since=instant(event.created),
            until=until,
            cause=cause_of((event, revoked) if revoked else (event,)),
        )
