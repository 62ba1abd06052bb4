"""Which event led to which decision: applies the rules after each event and at each scheduled change."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from enrollment.domain.decision import Decision, decide
from enrollment.domain.types import Grant, Policy
from messaging.eventset.event import Event
from messaging.eventset.facts import Facts
from schemas.times import instant

GrantKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One grant before and after; None: it did not exist."""

    before: Grant | None
    after: Grant | None

    @property
    def grant(self) -> Grant:
        """The newest version of the grant that changed."""
        found = self.after or self.before
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Step:
    """What one event changed, or time alone (`event` is None)."""

    at: datetime
    event: Event[Facts] | None
    changes: tuple[Change, ...]


def history(owner: str, events: Sequence[Event[Facts]], now: datetime, policy: Policy) -> Iterator[Step]:
    """Return the steps from no events to the decision at `now`; `events` in chronological order.

    The steps are in the order of Stripe's clock, not of arrival: they explain the current state, which does
    not depend on the order of arrival.
    """
    last = Decision()
    for place, event in enumerate(events, 1):
        at = instant(event.created)
        for step in _ends(owner, events[: place - 1], last, at, policy):
            yield step
            last = decide(owner, events[: place - 1], step.at, policy)
        found = decide(owner, events[:place], at, policy)
        yield Step(at, event, _changes(last, found))
        last = found
    yield from _ends(owner, events, last, now, policy)


def of_order(steps: Iterable[Step], order_id: str) -> Iterator[Step]:
    """Return the steps that name the order or changed its grants, without changes of other orders' grants."""
    for step in steps:
        named = step.event is not None and step.event.links.get("order_id") == order_id
        if named or any(change.grant.source_id == order_id for change in step.changes):
            kept = (c for c in step.changes if c.grant.kind != "order" or c.grant.source_id == order_id)
            yield replace(step, changes=tuple(kept))


def _ends(
    owner: str, events: Sequence[Event[Facts]], last: Decision, to: datetime, policy: Policy
) -> Iterator[Step]:
    """Return the changes that time alone made until `to`, inclusive."""
    while last.next_change_at is not None and last.next_change_at <= to:
        at = last.next_change_at
        found = decide(owner, events, at, policy)
        changes = _changes(last, found)
        last = found
        if changes:
            yield Step(at, None, changes)


def _changes(before: Decision, after: Decision) -> tuple[Change, ...]:
    old = {_key(grant): grant for grant in before.grants}
    new = {_key(grant): grant for grant in after.grants}
    return tuple(
        Change(old.get(key), new.get(key))
        for key in sorted(old.keys() | new.keys())
        if _shown(old.get(key)) != _shown(new.get(key))
    )


def _key(grant: Grant) -> GrantKey:
    return (grant.kind, grant.source_id, grant.line_id)


def _shown(grant: Grant | None) -> tuple[object, ...] | None:
    """The fields of a grant that count as a change; its cause does not."""
    if grant is None:
        return None
    return (grant.state, grant.reason, grant.since, grant.until, grant.flagged, grant.duplicate_of)
