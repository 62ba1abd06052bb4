"""The whole answer for one user: grants, access per course, gaps, and when time will change it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from enrollment.domain.administration import admin_grants
from enrollment.domain.book import read
from enrollment.domain.gaps import Tie, ties, unfulfilled
from enrollment.domain.orders import order_grants
from enrollment.domain.payments import aftermaths
from enrollment.domain.subscriptions import subscription_grants
from enrollment.domain.types import Access, Grant, Policy, State, Unfulfilled
from messaging.eventset.event import Event

_FOREVER = datetime.max.replace(tzinfo=UTC)
_PLACE = {state: place for place, state in enumerate(State)}


@dataclass(frozen=True, slots=True)
class Decision:
    """What a set of events means for one user at one moment."""

    grants: tuple[Grant, ...] = ()
    access: tuple[Access, ...] = ()
    """One for each course that any grant is about, by course id."""
    unfulfilled: tuple[Unfulfilled, ...] = ()
    ties: tuple[Tie, ...] = ()
    next_change_at: datetime | None = None
    """When the answer changes though nothing more is heard."""


def decide(owner: str, events: Iterable[Event], now: datetime, policy: Policy) -> Decision:
    """Decide what `owner` may learn; `events` in the order of messaging.eventset.event.chronological.

    A pure function of its arguments: the same set gives the same answer, in whatever order it came about.
    """
    book = read(owner, events)
    after = aftermaths(book)
    grants = [
        *order_grants(book, after, now, policy),
        *subscription_grants(book, after, now, policy),
        *admin_grants(book.decisions, now),
    ]
    grants = _mark_duplicates(grants)
    grants.sort(key=lambda grant: (grant.kind, grant.source_id, grant.line_id))
    waiting = (grant.until for grant in grants if grant.state.live or grant.state is State.SUSPENDED)
    return Decision(
        grants=tuple(grants),
        access=access_of(grants),
        unfulfilled=tuple(unfulfilled(owner, book, after, grants)),
        ties=tuple(ties(book)),
        next_change_at=min((until for until in waiting if until is not None and until > now), default=None),
    )


def access_of(grants: Iterable[Grant]) -> tuple[Access, ...]:
    """Any live grant gives access; the one that lasts longest stands for all, or else the nearest to it."""
    by_course: dict[str, list[Grant]] = defaultdict(list)
    for grant in grants:
        by_course[grant.course_id].append(grant)
    return tuple(_access(course, by_course[course]) for course in sorted(by_course))


def _access(course_id: str, grants: Sequence[Grant]) -> Access:
    best = min(grants, key=_preference)
    live = best.state.live
    causes = [grant.cause for grant in grants if grant.cause is not None]
    return Access(
        course_id=course_id,
        access=live,
        state=best.state.value,
        kind=best.kind,
        source_id=best.source_id,
        since=best.since,
        until=best.until if live or best.state is State.EXPIRED else None,
        cause=max(causes, key=lambda cause: cause.order, default=None),
    )


def _preference(grant: Grant) -> tuple[bool, float, int, datetime, str, str, str]:
    # An end far away first among the live: then nobody has to look at the other grants when it passes.
    lasts = (grant.until or _FOREVER).timestamp() if grant.state.live else 0.0
    return (
        not grant.state.live,
        -lasts,
        _PLACE[grant.state],
        grant.since or _FOREVER,
        grant.kind,
        grant.source_id,
        grant.line_id,
    )


def _mark_duplicates(grants: Sequence[Grant]) -> list[Grant]:
    """Name the earlier order on every grant of an order that bought nothing new.

    A bundle that holds one course more than the user had is no duplicate: somebody wanted that course.
    """
    live: dict[str, list[Grant]] = defaultdict(list)
    for grant in grants:
        if grant.kind == "order" and grant.state.live:
            live[grant.course_id].append(grant)
    if all(len(of) == 1 for of in live.values()):
        return list(grants)
    first = {
        course: min(of, key=lambda grant: (grant.since or _FOREVER, grant.source_id, grant.line_id))
        for course, of in live.items()
    }
    new = {
        grant.source_id
        for of in live.values()
        for grant in of
        if first[grant.course_id].source_id == grant.source_id
    }
    return [
        replace(grant, duplicate_of=first[grant.course_id].source_id)
        if grant.kind == "order" and grant.state.live and grant.source_id not in new
        else grant
        for grant in grants
    ]
