"""Decides for one user: grants, access per course, gaps, and when the decision changes without an event."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from enrollment.domain.administration import admin_grants
from enrollment.domain.book import read
from enrollment.domain.gaps import Tie, ties, unfulfilled
from enrollment.domain.orders import order_grants
from enrollment.domain.payments import payment_histories
from enrollment.domain.subscriptions import subscription_grants
from enrollment.domain.types import Access, Grant, Policy, State, Unfulfilled
from messaging.eventset.event import Event
from messaging.eventset.facts import Facts

_FOREVER = datetime.max.replace(tzinfo=UTC)
_RANK = {state: rank for rank, state in enumerate(State)}


@dataclass(frozen=True, slots=True)
class Decision:
    """What a set of events means for one user at one time."""

    grants: tuple[Grant, ...] = ()
    access: tuple[Access, ...] = ()
    """One for each course with a grant, sorted by course id."""
    unfulfilled: tuple[Unfulfilled, ...] = ()
    ties: tuple[Tie, ...] = ()
    next_change_at: datetime | None = None
    """When the decision changes without a further event."""


def decide(owner: str, events: Iterable[Event[Facts]], now: datetime, policy: Policy) -> Decision:
    """Decide which courses `owner` has access to; `events` in the order of eventset.event.chronological.

    A pure function: the same set of events gives the same decision, whatever order they arrived in.
    """
    book = read(owner, events)
    histories = payment_histories(book)
    grants = [
        *order_grants(book, histories, now, policy),
        *subscription_grants(book, histories, now, policy),
        *admin_grants(book.decisions, now),
    ]
    grants = _mark_duplicates(grants)
    grants.sort(key=lambda grant: (grant.kind, grant.source_id, grant.line_id))
    waiting = (grant.until for grant in grants if grant.state.live or grant.state is State.SUSPENDED)
    return Decision(
        grants=tuple(grants),
        access=access_of(grants),
        unfulfilled=tuple(unfulfilled(owner, book, histories, grants)),
        ties=tuple(ties(book)),
        next_change_at=min((until for until in waiting if until is not None and until > now), default=None),
    )


def access_of(grants: Iterable[Grant]) -> tuple[Access, ...]:
    """Return the access to each course. Any live grant gives access; the longest one is shown, or else the
    grant that is closest to giving access."""
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
    # The live grant that ends last comes first, so that no other grant matters when it ends.
    lasts = (grant.until or _FOREVER).timestamp() if grant.state.live else 0.0
    return (
        not grant.state.live,
        -lasts,
        _RANK[grant.state],
        grant.since or _FOREVER,
        grant.kind,
        grant.source_id,
        grant.line_id,
    )


def _mark_duplicates(grants: Sequence[Grant]) -> list[Grant]:
    """Mark the grants of duplicate orders, whose courses are all granted by earlier orders, with the first.

    A bundle with at least one new course is not a duplicate.
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
