"""Enrollment with a defect planted: each proof must fail on those that it is there to find."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from enrollment import handlers
from enrollment.domain import Decision, Policy
from enrollment.facts import event_of
from enrollment.store import grants as store
from messaging.eventset.derivation import Derivation
from messaging.eventset.event import Event
from messaging.runtime.deriving import DerivingHandler
from processkit.postgres.database import Session

SLOW_SECONDS = 0.2
"""A busy database, so that two processes meet where they would meet sooner or later anyway."""


class ByArrival(Derivation[Decision]):
    """Believes events in the order in which they came."""

    def derive_owners(self, tx: Session, owners: Collection[str], announce: bool = True) -> None:
        arrived = {row[0]: n for n, row in enumerate(tx.execute("select event_id from events order by ctid"))}
        inner = self._compute
        self._compute = lambda owner, events, now: inner(
            owner, sorted(events, key=lambda event: arrived[event.id]), now
        )
        try:
            super().derive_owners(tx, owners, announce)
        finally:
            self._compute = inner


class Unlocked(Derivation[Decision]):
    """Derives without the owner's lock."""

    def _lock(self, tx: Session, ordered: list[str]) -> None:
        del tx, ordered


class OneTransaction(DerivingHandler):
    """Records and derives in one transaction."""

    def record(self, tx: Session, events: Sequence[Event]) -> None:
        """Nothing yet."""

    def derive(self, tx: Session, events: Sequence[Event]) -> None:
        super().record(tx, events)
        time.sleep(SLOW_SECONDS)
        super().derive(tx, events)


def _slow_write(tx: Session, decisions: Mapping[str, Decision], now: datetime, announce: bool) -> None:
    # One process slower than the other, so that what it read can be old when it writes.
    time.sleep(SLOW_SECONDS * (os.getpid() % 3))
    store.write(tx, decisions, now, announce)


def handler(mutant: str, clock: Callable[[], datetime]) -> DerivingHandler:
    """The handler with the named defect; none for the empty name."""
    derivation = store.derivation(Policy(), clock)
    if mutant == "order by arrival":
        derivation.__class__ = ByArrival
    elif mutant == "no lock":
        derivation.__class__ = Unlocked
        derivation._write = _slow_write
    elif mutant == "one transaction":
        return OneTransaction(derivation, event_of)
    elif mutant:
        raise ValueError(f"no such mutant: {mutant}")
    return handlers.handler(derivation)


MUTANTS = ("order by arrival", "no lock", "one transaction")
