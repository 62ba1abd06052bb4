"""All tables, and the writes to them. The queries of the API are in queries.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from enrollment.announcements import NO_ACCESS, duplicate_detected, enrollment_changed
from enrollment.domain import Access, Decision, Grant, Policy, decide
from enrollment.facts import LINKS, STORED
from messaging.eventset.derivation import Derivation, Derived
from messaging.eventset.event import Event
from messaging.eventset.event_set import EventSet
from messaging.eventset.facts import Facts
from messaging.message import OutgoingMessage
from messaging.outbox import rows as outbox
from processkit.postgres.database import Session
from schemas.times import microseconds

# Events of two users are connected only through an order: one user pays what another ordered.
EVENTS = EventSet(LINKS, facts=STORED, owner="user_id", across=("order_id",))
FOLLOW = LINKS[1:]

_GRANT = (
    "user_id, kind, source_id, line_id, course_id, state, reason, since, until,"
    " payment_intent_id, flagged, duplicate_of"
)
_GRANT_ARRAYS = (
    "%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],"
    " %s::timestamptz[], %s::timestamptz[], %s::text[], %s::boolean[], %s::text[]"
)
_READ_GRANTS = f"select {_GRANT}, duplicate_version from grants where user_id = any(%s)"  # noqa: S608 - constants
_WRITE_GRANTS = f"""
insert into grants ({_GRANT}, changed_at)
select {_GRANT}, %s from unnest({_GRANT_ARRAYS}) as new({_GRANT})
on conflict (user_id, kind, source_id, line_id) do update
   set course_id = excluded.course_id, state = excluded.state, reason = excluded.reason,
       since = excluded.since, until = excluded.until, payment_intent_id = excluded.payment_intent_id,
       flagged = excluded.flagged, duplicate_of = excluded.duplicate_of, changed_at = excluded.changed_at
"""  # noqa: S608 - constants
_ANNOUNCED = """
update grants set duplicate_version = new.version
  from unnest(%s::text[], %s::text[], %s::text[], %s::bigint[]) as new(user_id, source_id, line_id, version)
 where grants.user_id = new.user_id and grants.kind = 'order' and grants.source_id = new.source_id
   and grants.line_id = new.line_id"""
_DROP_GRANTS = """
delete from grants using unnest(%s::text[], %s::text[], %s::text[], %s::text[])
       as gone(user_id, kind, source_id, line_id)
 where grants.user_id = gone.user_id and grants.kind = gone.kind
   and grants.source_id = gone.source_id and grants.line_id = gone.line_id"""

_ACCESS = "user_id, course_id, access, state, kind, source_id, since, until"
_READ_ACCESS = f"select {_ACCESS}, cause_event_id, version from access where user_id = any(%s)"  # noqa: S608
_WRITE_ACCESS = f"""
insert into access ({_ACCESS}, cause_event_id, version, changed_at)
select {_ACCESS}, cause_event_id, version, %s
  from unnest(%s::text[], %s::text[], %s::boolean[], %s::text[], %s::text[], %s::text[],
              %s::timestamptz[], %s::timestamptz[], %s::text[], %s::bigint[])
       as new({_ACCESS}, cause_event_id, version)
on conflict (user_id, course_id) do update
   set access = excluded.access, state = excluded.state, kind = excluded.kind,
       source_id = excluded.source_id, since = excluded.since, until = excluded.until,
       cause_event_id = excluded.cause_event_id, version = excluded.version,
       changed_at = excluded.changed_at
"""  # noqa: S608 - constants

_READ_UNFULFILLED = "select order_id from unfulfilled where user_id = any(%s)"
_WRITE_UNFULFILLED = """
insert into unfulfilled (user_id, order_id, session_id, payment_intent_id, paid_at, reason)
select * from unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[])
on conflict (order_id) do update
   set user_id = excluded.user_id, session_id = excluded.session_id, paid_at = excluded.paid_at,
       payment_intent_id = excluded.payment_intent_id, reason = excluded.reason
 where (unfulfilled.user_id, unfulfilled.session_id, unfulfilled.payment_intent_id, unfulfilled.paid_at,
        unfulfilled.reason)
       is distinct from
       (excluded.user_id, excluded.session_id, excluded.payment_intent_id, excluded.paid_at, excluded.reason)
"""
_DROP_UNFULFILLED = "delete from unfulfilled where order_id = any(%s)"
_WRITE_TIES = """
insert into rereads (object_id, created, requested_at)
select object_id, created, %s from unnest(%s::text[], %s::bigint[]) as new(object_id, created)
on conflict (object_id) do update
   set created = excluded.created, requested_at = excluded.requested_at, read_at = null, failure = null
 where rereads.created < excluded.created"""

USERS_OF_ORDER = "select distinct user_id from events where order_id = %s and user_id is not null order by 1"

_STATE_HASH = f"""
select md5(string_agg(part, ' ' order by part)) from (
    select 'grants ' || count(*) || ' ' || coalesce(sum(hashtextextended(row::text, 0)), 0) as part
      from (select {_GRANT} from grants) as row
    union all
    select 'access ' || count(*) || ' ' || coalesce(sum(hashtextextended(row::text, 0)), 0)
      from (select {_ACCESS} from access where state <> '{NO_ACCESS}') as row
) as parts"""  # noqa: S608 - constants


def state_hash(tx: Session) -> str:
    """Return a digest of all grants and access. It does not depend on when they were written."""
    row = tx.execute(_STATE_HASH).fetchone()
    assert row is not None
    return str(row[0])


def derivation(policy: Policy, clock: Callable[[], datetime]) -> Derivation[Decision]:
    """Return the derivation of users' grants from the event set."""

    def compute(owner: str, events: Sequence[Event[Facts]], now: datetime) -> Derived[Decision]:
        decision = decide(owner, events, now, policy)
        return Derived(decision, decision.next_change_at)

    return Derivation(EVENTS, owner="user_id", follow=FOLLOW, compute=compute, write=write, clock=clock)


def write(tx: Session, decisions: Mapping[str, Decision], now: datetime, announce: bool) -> None:
    """Write what differs from the tables, and append announcements to the outbox. The owners are locked."""
    owners = list(decisions)
    messages = _write_access(tx, decisions, owners, now)
    messages += _write_grants(tx, decisions, owners, now)
    _write_gaps(tx, decisions, owners, now)
    if announce:
        outbox.append(tx, messages)


def _write_grants(
    tx: Session, decisions: Mapping[str, Decision], owners: Sequence[str], now: datetime
) -> list[OutgoingMessage]:
    stored = {row[:4]: row for row in tx.execute(_READ_GRANTS, (owners,)).fetchall()}
    changed: list[tuple[Any, ...]] = []
    duplicates: list[tuple[Any, ...]] = []
    messages: list[OutgoingMessage] = []
    for owner, decision in decisions.items():
        for grant in decision.grants:
            row = _grant_row(owner, grant)
            *before, announced = stored.pop(row[:4], (None, None))
            if row == tuple(before):
                continue
            changed.append(row)
            # Announced again when another order turns out to be the first, or after it was no duplicate.
            if grant.duplicate_of is not None and grant.duplicate_of != before[-1]:
                version = max(microseconds(now), announced + 1 if announced else 0)
                duplicates.append((owner, grant.source_id, grant.line_id, version))
                messages.append(duplicate_detected(owner, grant, version, now))
    if changed:
        tx.execute(_WRITE_GRANTS, (now, *_columns(changed)))
    if duplicates:
        tx.execute(_ANNOUNCED, _columns(duplicates))
    if stored:
        tx.execute(_DROP_GRANTS, _columns(list(stored)))
    return messages


def _write_access(
    tx: Session, decisions: Mapping[str, Decision], owners: Sequence[str], now: datetime
) -> list[OutgoingMessage]:
    stored = {row[:2]: row for row in tx.execute(_READ_ACCESS, (owners,)).fetchall()}
    changed: list[tuple[Any, ...]] = []
    messages: list[OutgoingMessage] = []

    def change(row: tuple[Any, ...], access: Access | None, before: tuple[Any, ...] | None) -> None:
        cause = access.cause.event_id if access and access.cause else None
        version = max(microseconds(now), before[-1] + 1 if before else 0)
        changed.append((*row, cause, version))
        new_cause = before is None or cause != before[-2]
        messages.append(enrollment_changed(row[0], row[1], access, version, now, new_cause=new_cause))

    for owner, decision in decisions.items():
        for access in decision.access:
            row = _access_row(owner, access)
            before = stored.pop(row[:2], None)
            if before is None or row != before[:-2]:
                change(row, access, before)
    for key, before in stored.items():
        if before[3] != NO_ACCESS:
            change((*key, False, NO_ACCESS, None, None, None, None), None, before)
    if changed:
        tx.execute(_WRITE_ACCESS, (now, *_columns(changed)))
    return messages


def _write_gaps(tx: Session, decisions: Mapping[str, Decision], owners: Sequence[str], now: datetime) -> None:
    closed = {row[0] for row in tx.execute(_READ_UNFULFILLED, (owners,))}
    gaps = [
        (owner, gap.order_id, gap.session_id, gap.payment_intent_id, gap.paid_at, gap.reason)
        for owner, decision in decisions.items()
        for gap in decision.unfulfilled
    ]
    closed -= {gap[1] for gap in gaps}
    if gaps:
        tx.execute(_WRITE_UNFULFILLED, _columns(gaps))
    if closed:
        tx.execute(_DROP_UNFULFILLED, (list(closed),))
    newest: dict[str, int] = {}
    for decision in decisions.values():
        for tie in decision.ties:
            newest[tie.object_id] = max(tie.created, newest.get(tie.object_id, 0))
    if newest:
        tx.execute(_WRITE_TIES, (now, list(newest), list(newest.values())))


def _grant_row(owner: str, grant: Grant) -> tuple[Any, ...]:
    return (
        owner,
        grant.kind,
        grant.source_id,
        grant.line_id,
        grant.course_id,
        grant.state.value,
        grant.reason,
        grant.since,
        grant.until,
        grant.payment_intent_id,
        grant.flagged,
        grant.duplicate_of,
    )


def _access_row(owner: str, access: Access) -> tuple[Any, ...]:
    return (
        owner,
        access.course_id,
        access.access,
        access.state,
        access.kind,
        access.source_id,
        access.since,
        access.until,
    )


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
