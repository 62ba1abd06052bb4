"""Runs the steps of two handlers in every order.

Each handler runs in a thread that takes one step on request. A scheduler detects which thread waits for a
lock.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from enrollment_consumer import Consumer
from enrollment_mutants import Unlocked

from enrollment.domain import Decision, Policy, decide
from enrollment.domain.facts import FOLLOW
from enrollment.facts import event_of
from enrollment.store.tables import EVENTS
from enrollment.usecases.deriving import write
from messaging.eventset.derivation import Derivation, Derived
from messaging.eventset.event import Event
from messaging.message import Message
from processkit.postgres.database import Database

TWO_TRANSACTIONS = ("record+commit", "read", "write", "commit")
# The lock is held from before the read to the commit, so no other handler can act between write and commit:
# three steps cover the same cases as four, with a third of the schedules.
IN_SHORT = ("record+commit", "read+commit", "write")
ONE_TRANSACTION = ("record", "read", "write", "commit")


def merges(left: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield every order in which the actors can take so many steps each, as the numbers of the actors."""
    if not any(left):
        yield ()
    for actor, steps in enumerate(left):
        if steps:
            rest = [count - (number == actor) for number, count in enumerate(left)]
            yield from ((actor, *tail) for tail in merges(rest))


class Actor:
    """One consumer with one batch, with its own thread and connection."""

    def __init__(self, dsn: str, consumer: Consumer, steps: Sequence[str], locked: bool) -> None:
        self.steps = steps
        self._database = Database(dsn, "actor")
        self._tx = self._database.connection()
        self.pid = self._tx.info.backend_pid
        kind = Derivation if locked else Unlocked
        self._derivation = kind(
            EVENTS,
            owner="user_id",
            follow=FOLLOW,
            compute=self._compute,
            write=write,
            clock=lambda: consumer.now,
        )
        self._batch: list[Event] = []
        self._orders: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._may_write = threading.Semaphore(0)
        self._reading = False
        self.idle = threading.Event()
        self.idle.set()
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def begin(self, batch: Sequence[Message]) -> None:
        """Set the batch for the next steps."""
        self._batch = [event for message in batch if (event := event_of(message)) is not None]
        self._tx.execute("begin")

    def end(self) -> None:
        self._tx.execute("rollback")
        if self.error is not None:
            raise self.error

    def order(self, step: str) -> None:
        """Start a step; `idle` is set when it is done."""
        self.idle.clear()
        if step == "write" and self._reading:
            self._may_write.release()
        else:
            self._orders.put(step)

    def close(self) -> None:
        self._orders.put(None)
        self._thread.join(10)
        self._database.close()

    def _work(self) -> None:
        while (order := self._orders.get()) is not None:
            try:
                for step in order.split("+"):
                    self._take(step)
            except psycopg.Error as error:
                self.error = error
            self.idle.set()

    def _take(self, step: str) -> None:
        if step == "record":
            self._derivation.record(self._tx, self._batch)
        elif step == "commit":
            self._tx.execute("commit; begin")
        elif step == "read":
            self._derivation.derive(self._tx, self._batch)
            self._reading = False
        # A "write" without a started read does nothing: the batch had no owner yet.

    def _compute(self, owner: str, events: Sequence[Event], now: Any) -> Derived[Decision]:
        self._reading = True
        self.idle.set()
        self._may_write.acquire()
        decision = decide(owner, events, now, Policy())
        return Derived(decision, decision.next_change_at)


class Stage:
    """Two actors on one database, and the schedules that they run through."""

    def __init__(
        self, dsn: str, consumer: Consumer, steps: Sequence[str] = TWO_TRANSACTIONS, locked: bool = True
    ) -> None:
        self._monitor = psycopg.connect(dsn, autocommit=True)
        self.actors = [Actor(dsn, consumer, steps, locked) for _ in range(2)]
        self.waits = 0

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        for actor in self.actors:
            actor.close()
        self._monitor.close()

    def schedules(self) -> list[tuple[int, ...]]:
        return list(merges([len(actor.steps) for actor in self.actors]))

    def play(self, schedule: Sequence[int], batches: Sequence[Sequence[Message]]) -> None:
        """Run the steps in this order; steps of an actor that waits for a lock are postponed."""
        left = [list(actor.steps) for actor in self.actors]
        for actor, batch in zip(self.actors, batches, strict=True):
            actor.begin(batch)
        for number in schedule:
            if self.actors[number].idle.is_set():
                self.actors[number].order(left[number].pop(0))
                self._settle()
        while any(left) or not all(actor.idle.is_set() for actor in self.actors):
            ready = [
                number for number, actor in enumerate(self.actors) if actor.idle.is_set() and left[number]
            ]
            for number in ready:
                self.actors[number].order(left[number].pop(0))
                self._settle()
            if not ready:
                self._settle()
        for actor in self.actors:
            actor.end()

    def _settle(self) -> None:
        """Wait until each actor is idle or waits for a lock."""
        deadline = time.monotonic() + 20
        while working := [actor for actor in self.actors if not actor.idle.wait(0.002)]:
            # Checked twice, since an actor that got its lock in between is no longer waiting.
            if self._all_wait(working) and self._all_wait(working):
                self.waits += 1
                return
            assert time.monotonic() < deadline, "a step neither ends nor waits for a lock"

    def _all_wait(self, working: Sequence[Actor]) -> bool:
        blocked = self._blocked()
        return all(actor.pid in blocked or actor.idle.is_set() for actor in working)

    def _blocked(self) -> set[int]:
        query = "select pid from unnest(%s::int[]) as pid where cardinality(pg_blocking_pids(pid)) > 0"
        pids = [actor.pid for actor in self.actors]
        return {row[0] for row in self._monitor.execute(query, (pids,))}
