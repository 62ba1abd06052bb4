"""Runs the steps of handlers in every order: one thread per handler, and a scheduler that knows which ones
wait."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Generic, Self, TypeVar

import psycopg

from messaging.eventset.derivation import Derivation, Derived
from messaging.eventset.event import Event
from processkit.postgres.database import Database, Session

S = TypeVar("S")

TWO_TRANSACTIONS = ("record", "commit", "read", "write", "commit")
ONE_TRANSACTION = ("record", "read", "write", "commit")
# An uncommitted record is invisible and waits for no other step, so doing it just before its commit changes
# no outcome. The read holds the owner's lock until the commit, so no other step happens between read and
# write.
IN_SHORT = ("record+commit", "read+write", "commit")
# Two steps of different handlers depend on each other if one of them reads or locks what the other makes
# visible or releases. Other steps can be swapped without changing the outcome.
DEPENDENT = frozenset(
    {
        ("record+commit", "read+write"),
        ("read+write", "record+commit"),
        ("read+write", "read+write"),
        ("read+write", "commit"),
        ("commit", "read+write"),
    }
)


def merges(lengths: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Return every order in which the actors can take their steps, as sequences of actor numbers."""
    if not any(lengths):
        yield ()
        return
    for actor, left in enumerate(lengths):
        if left:
            rest = [length - (number == actor) for number, length in enumerate(lengths)]
            for tail in merges(rest):
                yield (actor, *tail)


def normal_form(schedule: Sequence[int], steps: Sequence[str]) -> tuple[int, ...]:
    """Return the schedule with adjacent independent steps sorted by actor: equal for equivalent schedules."""
    taken: dict[int, int] = {}
    order = []
    for actor in schedule:
        order.append((actor, steps[taken.get(actor, 0)]))
        taken[actor] = taken.get(actor, 0) + 1
    swapped = True
    while swapped:
        swapped = False
        for i in range(len(order) - 1):
            one, two = order[i], order[i + 1]
            if one[0] > two[0] and (one[1], two[1]) not in DEPENDENT:
                order[i], order[i + 1] = two, one
                swapped = True
    return tuple(actor for actor, _ in order)


class Unlocked(Derivation[S]):
    """The mutant that derives without the owner's lock."""

    def _lock(self, tx: Session, ordered: list[str]) -> None:
        del tx, ordered


MakeDerivation = Callable[[], Derivation[S]]


class Actor(Generic[S]):
    """One handler with one batch, in its own thread and connection."""

    def __init__(
        self, name: str, dsn: str, make: MakeDerivation[S], steps: Sequence[str], lock: bool
    ) -> None:
        self.name = name
        self.steps = steps
        self._database = Database(dsn, name)
        self._tx = self._database.connection()
        self.pid = self._tx.info.backend_pid
        self._derivation = make()
        self._compute, self._derivation._compute = self._derivation._compute, self._pausing
        if not lock:
            self._derivation.__class__ = Unlocked
        self._batch: Sequence[Event] = []
        self._orders: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._may_write = threading.Semaphore(0)
        self._inside = self._pause = False
        self.idle = threading.Event()
        self.idle.set()
        self.errors: list[BaseException] = []
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def begin(self, batch: Sequence[Event]) -> None:
        """Open the first transaction, and set the batch for the next steps."""
        self._batch = batch
        self._tx.execute("begin")

    def end(self) -> None:
        """Leave the transaction that the last commit opened. Raises a step's error."""
        self._tx.execute("rollback")
        if self.errors:
            raise self.errors[0]

    def order(self, step: str) -> None:
        """Start a step; `idle` is set once it is done."""
        self.idle.clear()
        if step == "write" and self._inside:
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
                    self._do(step, pause="read+write" not in order)
            except psycopg.Error as error:
                self.errors.append(error)
            self.idle.set()

    def _do(self, step: str, pause: bool) -> None:
        if step == "record":
            self._derivation.record(self._tx, self._batch)
        elif step == "commit":
            self._tx.execute("commit; begin")
        elif step == "read":
            self._pause = pause
            self._derivation.derive(self._tx, self._batch)
            self._inside = False
        # "write" without a read: the event has no owner yet, so there is nothing to write

    def _pausing(self, owner: str, events: Sequence[Event], now: datetime) -> Derived[S]:
        if self._pause:
            # between reading the set and writing the state
            self._inside = True
            self.idle.set()
            self._may_write.acquire()
        return self._compute(owner, events, now)


class Stage(Generic[S]):
    """Actors on one database, run through any number of schedules."""

    def __init__(
        self,
        dsn: str,
        make: MakeDerivation[S],
        actors: int,
        steps: Sequence[str],
        lock: bool = True,
    ) -> None:
        self._monitor = psycopg.connect(dsn, autocommit=True)
        self.actors = [Actor(f"actor-{number}", dsn, make, steps, lock) for number in range(actors)]
        self._pids = [actor.pid for actor in self.actors]
        self.blocked_steps = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for actor in self.actors:
            actor.close()
        self._monitor.close()

    def all_schedules(self) -> Iterator[tuple[int, ...]]:
        return merges([len(actor.steps) for actor in self.actors])

    def play(self, schedule: Sequence[int], batches: Sequence[Sequence[Event]]) -> None:
        """Take the steps in this order, each actor with its batch.

        A step whose actor still waits for a lock is postponed until the lock is released.
        """
        left = {actor.name: list(actor.steps) for actor in self.actors}
        for actor, batch in zip(self.actors, batches, strict=True):
            actor.begin(batch)
        for number in schedule:
            actor = self.actors[number]
            if actor.idle.is_set():
                actor.order(left[actor.name].pop(0))
                self._settle()
        while any(left.values()) or not all(actor.idle.is_set() for actor in self.actors):
            ready = [actor for actor in self.actors if actor.idle.is_set() and left[actor.name]]
            assert ready or self._settle(), "all remaining actors wait for each other"
            for actor in ready:
                actor.order(left[actor.name].pop(0))
                self._settle()
        for actor in self.actors:
            actor.end()

    def _settle(self) -> bool:
        """Return once each actor is idle or waits for a lock."""
        deadline = time.monotonic() + 20
        working = [actor for actor in self.actors if not actor.idle.wait(0.003)]
        while working:
            # Queried twice, because an actor that got its lock just before the first answer no longer waits.
            if self._all_wait(working) and self._all_wait(working):
                self.blocked_steps += sum(not actor.idle.is_set() for actor in working)
                return True
            assert time.monotonic() < deadline, "a step neither ends nor waits for a lock"
            working = [actor for actor in working if not actor.idle.wait(0.001)]
        return True

    def _all_wait(self, actors: Sequence[Actor]) -> bool:
        query = "select pid from unnest(%s::int[]) as pid where cardinality(pg_blocking_pids(pid)) > 0"
        waiting = {row[0] for row in self._monitor.execute(query, (self._pids,))}
        return all(actor.idle.is_set() or actor.pid in waiting for actor in actors)
