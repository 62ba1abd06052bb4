"""Enrollment with a deliberate defect. Each test must fail on the defects that it exists to find."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from enrollment import handlers
from enrollment.domain import Decision, Policy
from enrollment.facts import event_of
from enrollment.usecases import deriving
from messaging.eventset.derivation import Derivation
from messaging.eventset.event import Event
from messaging.runtime.deriving import DerivingHandler
from processkit.postgres.database import Session

SLOW_SECONDS = 0.2
"""The delay of a busy database, so that two processes collide soon and reliably."""


class ByArrival(Derivation[Decision]):
    """Applies events in the order of arrival."""

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
    """Derives without locking the owner."""

    def _lock(self, tx: Session, ordered: list[str]) -> None:
        del tx, ordered


class OneTransaction(DerivingHandler):
    """Records and derives in one transaction."""

    def record(self, tx: Session, events: Sequence[Event]) -> None:
        """Do nothing; `derive` records the events."""

    def derive(self, tx: Session, events: Sequence[Event]) -> None:
        super().record(tx, events)
        time.sleep(SLOW_SECONDS)
        super().derive(tx, events)


def _slow_write(tx: Session, decisions: Mapping[str, Decision], now: datetime, announce: bool) -> None:
    # Some processes are slower than others, so that their reads can be outdated when they write.
    time.sleep(SLOW_SECONDS * (os.getpid() % 3))
    deriving.write(tx, decisions, now, announce)


def handler(mutant: str, clock: Callable[[], datetime]) -> DerivingHandler:
    """Return the handler with the named defect; without a defect for the empty name."""
    derivation = deriving.derivation(Policy(), clock)
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
