"""Derives users from the event set: writes what changed, and announces it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from enrollment.announcements import duplicate_detected, duplicate_withdrawn, enrollment_changed
from enrollment.domain import Decision, Policy, decide
from enrollment.domain.announcing import is_new_duplicate, next_version
from enrollment.domain.facts import FOLLOW, OWNER
from enrollment.store import grants as store
from enrollment.store.tables import EVENTS
from messaging.eventset.derivation import Derivation, Derived
from messaging.eventset.event import Event
from messaging.eventset.facts import Facts
from messaging.message import OutgoingMessage
from messaging.outbox import rows as outbox
from processkit.postgres.database import Session
from processkit.postgres.sync import Change


def derivation(policy: Policy, clock: Callable[[], datetime]) -> Derivation[Decision]:
    """Return the derivation of users' grants from the event set."""

    def compute(owner: str, events: Sequence[Event[Facts]], now: datetime) -> Derived[Decision]:
        decision = decide(owner, events, now, policy)
        return Derived(decision, decision.next_change_at)

    return Derivation(EVENTS, owner=OWNER, follow=FOLLOW, compute=compute, write=write, clock=clock)


def write(tx: Session, decisions: Mapping[str, Decision], now: datetime, announce: bool) -> None:
    """Write what differs from the tables, and append announcements to the outbox. The owners are locked."""
    messages = _write_access(tx, decisions, now)
    messages += _write_grants(tx, decisions, now)
    store.write_gaps(tx, decisions, now)
    if announce:
        outbox.append(tx, messages)


def _write_access(tx: Session, decisions: Mapping[str, Decision], now: datetime) -> list[OutgoingMessage]:
    by_course = {
        (user_id, access.course_id): access
        for user_id, decision in decisions.items()
        for access in decision.access
    }
    changes, messages = [], []
    for change in store.ACCESS.differences(tx, decisions, store.access_rows(decisions)):
        assert change.after is not None, "a row of access is never deleted"
        user_id, course_id = change.after[:2]
        last_cause, last_version = change.also
        access = by_course.get((user_id, course_id))
        cause = access.cause.event_id if access and access.cause else None
        new_cause = change.before is None or cause != last_cause
        version = next_version(now, last_version)
        changes.append(Change(change.before, change.after, (cause, version)))
        messages.append(enrollment_changed(user_id, course_id, access, version, now, new_cause=new_cause))
    store.ACCESS.write(tx, changes, now)
    return messages


def _write_grants(tx: Session, decisions: Mapping[str, Decision], now: datetime) -> list[OutgoingMessage]:
    duplicates = {
        (user_id, grant.kind, grant.source_id, grant.line_id): grant
        for user_id, decision in decisions.items()
        for grant in decision.grants
        if grant.duplicate_of is not None
    }
    changes, messages = [], []
    for change in store.GRANTS.differences(tx, decisions, store.grant_rows(decisions)):
        user_id, _, order_id, _, course_id = (change.after or change.before or ())[:5]
        grant = duplicates.get((change.after or ())[:4])
        known = change.before[store.DUPLICATE_OF] if change.before else None
        version = next_version(now, change.also[0])
        if grant is not None and is_new_duplicate(grant, known):
            messages.append(duplicate_detected(user_id, grant, version, now))
        elif grant is None and known is not None:
            messages.append(duplicate_withdrawn(user_id, course_id, order_id, version, now))
        else:
            changes.append(change)
            continue
        changes.append(Change(change.before, change.after, (version,)))
    store.GRANTS.write(tx, changes, now)
    return messages
