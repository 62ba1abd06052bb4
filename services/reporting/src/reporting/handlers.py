"""The topics that reporting consumes, and the handler of their messages."""

from __future__ import annotations

from messaging.eventset.derivation import Derivation
from messaging.runtime.deriving import DerivingHandler
from reporting.domain.ledger import Ledger
from reporting.facts import event_of
from reporting.store import ledger_rows as store
from schemas.topics import consumed_by

TOPICS = consumed_by("reporting")


def handler(derivation: Derivation[Ledger]) -> DerivingHandler:
    """Return the handler of `TOPICS`: it records the events of a batch, then derives the ledgers.

    It also stores the newest event time that the reports cover.
    """
    return DerivingHandler(derivation, event_of, after_derive=store.record_progress)
