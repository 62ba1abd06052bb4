"""State as a function of a set of events, derived owner by owner under that owner's lock.

Record and derive are two transactions. In a single one, two consumers that process a session and its refund
at the same time would not see each other's event, and the refunded order would stay active. Because both
events are committed first, the consumer that derives last sees both.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar

import structlog
from psycopg.errors import LockNotAvailable
from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Table, Text, false, text

from messaging import metrics
from messaging.errors import UndecodableFacts, classify
from messaging.eventset.event import Event, chronological
from messaging.eventset.event_set import EventSet
from messaging.eventset.postponed import MAX_POSTPONED, WAIT, WAIT_NO_LONGER, Postponed, name_of
from messaging.eventset.postponed import declare as declare_postponed
from processkit.errors import Kind, sentence_of
from processkit.postgres.database import Database, Session
from processkit.postgres.tables import TIME, optional

S = TypeVar("S")

log = structlog.stdlib.get_logger(__name__)

REPORT_SECONDS = 10.0

_LOCK_NEW = "insert into {anchors} (owner_id) select unnest(%s::text[]) on conflict (owner_id) do nothing"
_LOCK = "select owner_id from {anchors} where owner_id = any(%s) order by owner_id for update"
_DONE = """
update {anchors} as anchor
   set next_change_at = new.next_change_at, needs_derivation = false,
       failure = null, failed_at = null, attempts = 0
  from unnest(%s::text[], %s::timestamptz[]) as new(owner_id, next_change_at)
 where anchor.owner_id = new.owner_id
   and (anchor.needs_derivation or anchor.next_change_at is distinct from new.next_change_at)"""
_FAILED = """
update {anchors} as anchor
   set needs_derivation = true, failure = new.failure, failed_at = %s, attempts = attempts + 1
  from unnest(%s::text[], %s::text[]) as new(owner_id, failure)
 where anchor.owner_id = new.owner_id"""
# Retried after 1, 2, 4, … seconds, at most 10 minutes apart.
_DUE = """
select owner_id from {anchors} as anchor
 where ((next_change_at <= %(now)s and not needs_derivation)
        or (needs_derivation
            and failed_at + least(interval '10 minutes', interval '1 second' * power(2, least(attempts, 10)))
                <= %(now)s))
   and not exists (select from {postponed} as mark where mark.owner_id = anchor.owner_id)
 order by next_change_at nulls first limit %(limit)s for update skip locked"""


@dataclass(frozen=True, slots=True)
class Derived(Generic[S]):
    """The state of one owner now, and the later time at which it will change without a new event."""

    state: S
    next_change_at: datetime | None = None


Compute = Callable[[str, Sequence[Event[Any]], datetime], Derived[S]]
Step = Callable[[Session, Collection[str]], None]
Write = Callable[[Session, Mapping[str, S], datetime, bool], None]


def declare(metadata: MetaData, anchors: str = "owners") -> Table:
    """Declare the table of a derivation's anchors and its indexes in the metadata, and return it.

    Declares the table of postponed owners, too.
    """
    declare_postponed(metadata, anchors)
    table = Table(
        anchors,
        metadata,
        Column("owner_id", Text, primary_key=True),
        *optional(TIME, "next_change_at"),
        Column("needs_derivation", Boolean, nullable=False, server_default=false()),
        *optional(Text, "failure"),
        *optional(TIME, "failed_at"),
        Column("attempts", Integer, nullable=False, server_default=text("0")),
    )
    due = table.c.next_change_at
    Index(f"{anchors}_due", due, postgresql_where=due.is_not(None))
    Index(f"{anchors}_failed", table.c.failed_at, postgresql_where=table.c.needs_derivation)
    return table


class Derivation(Generic[S]):
    """Records events and derives the owners that they affect.

    `compute(owner, events, now)` is pure and gets the owner's events in chronological order.
    `write(tx, states, now, announce)` writes the differences and, if `announce`, appends to the outbox.
    """

    def __init__(
        self,
        events: EventSet,
        *,
        owner: str,
        follow: Sequence[str],
        compute: Compute[S],
        write: Write[S],
        clock: Callable[[], datetime],
        anchors: str = "owners",
    ) -> None:
        self.events = events
        self.owner = owner
        self.follow = tuple(follow)
        self.anchors = anchors
        self.postponed = Postponed(anchors)
        self._compute = compute
        self._write = write
        self._clock = clock
        self._ties = metrics.TIES.labels(owner)
        self._failures = metrics.FAILED_DERIVATIONS.labels(owner)

    def record(self, tx: Session, events: Sequence[Event[Any]]) -> None:
        """Add the events to the set."""
        self.events.record(tx, events)

    def derive(self, tx: Session, events: Sequence[Event[Any]]) -> None:
        """Derive every owner that the events name, directly or through links to committed events."""
        owners = self.events.owners_of(tx, events, owner=self.owner, follow=self.follow)
        self.derive_unlocked(tx, owners)

    def derive_unlocked(self, tx: Session, owners: Collection[str]) -> None:
        """Derive the owners whose rows no other session keeps locked; postpone the others.

        Postponed owners are left to the clock, also here: only the first batch waits for the lock. Raises
        LockNotAvailable if the rows of more than MAX_POSTPONED owners are locked.
        """
        if not owners:
            return
        waiting = self.postponed.among(tx, owners)
        tx.execute(WAIT)
        parts, locked = [sorted(set(owners) - waiting)], set[str]()
        while parts:
            part = parts.pop()
            try:
                with tx.transaction():
                    self.derive_owners(tx, part)
            except LockNotAvailable:
                if len(part) > 1:
                    middle = len(part) // 2
                    parts += [part[middle:], part[:middle]]
                else:
                    log.warning("another session keeps an owner locked; it is postponed", owner=part[0])
                    locked.update(part)
                if len(locked) > MAX_POSTPONED:
                    raise
                tx.execute(WAIT_NO_LONGER)
        self.postponed.add(tx, waiting | locked)

    def derive_postponed(self, tx: Session, owners: Collection[str]) -> None:
        """Derive postponed owners. If the rows of one are still locked, all of them stay postponed."""
        tx.execute(WAIT_NO_LONGER)
        with suppress(LockNotAvailable), tx.transaction():
            self.postponed.remove(tx, owners)
            self.derive_owners(tx, owners)

    def derive_owners(self, tx: Session, owners: Collection[str], announce: bool = True) -> None:
        """Lock the owners, read their events, compute their states and write the differences.

        An owner whose rules raise, or whose facts cannot be decoded, is marked `needs_derivation` and keeps
        its last state; the other owners are derived.
        """
        if not owners:
            return
        ordered = sorted(owners)
        self._lock(tx, ordered)
        # Later statements under READ COMMITTED see everything that was recorded before the lock was granted.
        failed: dict[str, str] = {}
        try:
            loaded = self.events.load(tx, ordered, owner=self.owner, follow=self.follow)
        except UndecodableFacts as error:
            log.exception("stored facts cannot be decoded; their owners keep their last state")
            loaded = error.others
            failed.update(error.reasons)
        now = self._clock()
        states: dict[str, S] = {}
        changes: dict[str, datetime | None] = {}
        for name in sorted(loaded):
            try:
                derived = self._compute(name, chronological(loaded[name], self._ties.inc), now)
                if derived.next_change_at is not None and derived.next_change_at <= now:
                    # Otherwise it would be due again at once, endlessly, and delay other owners.
                    raise ValueError(f"next_change_at {derived.next_change_at} is not after now, {now}")
            except Exception as error:
                log.exception("derivation failed; the owner keeps its last state", owner=name)
                failed[name] = _failure(error)
                continue
            states[name] = derived.state
            changes[name] = derived.next_change_at
        if states:
            self._write(tx, states, now, announce)
            tx.execute(_DONE.format(anchors=self.anchors), (list(changes), list(changes.values())))
        if failed:
            self._mark(tx, failed, now)

    def derive_failed(self, tx: Session, events: Sequence[Event[Any]], error: BaseException) -> None:
        """Mark the owners of events whose derivation cannot be written."""
        owners = self.events.owners_of(tx, events, owner=self.owner, follow=self.follow)
        self.owners_failed(tx, owners, error)

    def owners_failed(self, tx: Session, owners: Collection[str], error: BaseException) -> None:
        """Mark owners whose derivation cannot be written; postpone them if they cannot be marked either."""
        tx.execute(WAIT)
        try:
            with tx.transaction():
                self._lock(tx, sorted(owners))
                self._mark(tx, dict.fromkeys(owners, _failure(error)), self._clock())
                self.postponed.remove(tx, owners)
        except LockNotAvailable:
            self.postponed.add(tx, owners)

    def derive_one_by_one(self, database: Database, owners: Collection[str], derive: Step) -> None:
        """Derive each owner in a transaction of its own and mark those that cannot be written."""
        for name in owners:
            try:
                with database.transaction() as tx:
                    derive(tx, [name])
            except Exception as error:
                if classify(error) in (Kind.TRANSIENT, Kind.CONFLICT):
                    raise
                log.exception("an owner cannot be derived; it is marked and retried", owner=name)
                with database.transaction() as tx:
                    self.owners_failed(tx, [name], error)

    def due(self, tx: Session, limit: int) -> list[str]:
        """Lock and return the owners whose next change is due or whose failed derivation is to be retried."""
        query = _DUE.format(anchors=self.anchors, postponed=name_of(self.anchors))
        rows = tx.execute(query, {"now": self._clock(), "limit": limit})
        return [row[0] for row in rows]

    def failing(self, tx: Session) -> int:
        """Return how many owners have a failed derivation."""
        query = f"select count(*) from {self.anchors} where needs_derivation"  # noqa: S608
        row = tx.execute(query).fetchone()
        assert row is not None
        return int(row[0])

    def rebuild(
        self,
        dsn: str,
        *,
        announce: bool = False,
        chunk: int = 500,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> int:
        """Derive every owner in the set again, and return how many there were.

        Announces nothing unless asked: what is derived again was announced before. Owners that cannot be
        derived are marked, and the others are derived. Logs its progress every `REPORT_SECONDS`. Raises
        psycopg.OperationalError when the database becomes unavailable.
        """
        database = Database(dsn, "rebuild")
        done, after = 0, ""
        started = reported = monotonic()
        try:
            while True:
                with database.transaction() as tx:
                    owners = self.events.owner_page(tx, self.owner, after, chunk)
                if not owners:
                    return done
                try:
                    with database.transaction() as tx:
                        self.derive_owners(tx, owners, announce)
                except Exception as error:
                    if classify(error) is Kind.TRANSIENT:
                        raise
                    self.derive_one_by_one(database, owners, partial(self.derive_owners, announce=announce))
                after = owners[-1]
                done += len(owners)
                if (now := monotonic()) - reported >= REPORT_SECONDS:
                    reported = now
                    rate = round(done / (now - started))
                    log.info("rebuilding", owner=self.owner, done=done, last=after, per_second=rate)
        finally:
            database.close()

    def _lock(self, tx: Session, ordered: list[str]) -> None:
        tx.execute(_LOCK_NEW.format(anchors=self.anchors), (ordered,))
        tx.execute(_LOCK.format(anchors=self.anchors), (ordered,))

    def _mark(self, tx: Session, failed: Mapping[str, str], now: datetime) -> None:
        self._failures.inc(len(failed))
        reasons = [reason.replace("\x00", "") for reason in failed.values()]
        tx.execute(_FAILED.format(anchors=self.anchors), (now, list(failed), reasons))


def _failure(error: BaseException) -> str:
    return f"{type(error).__name__}: {sentence_of(error)}"
