"""Writes the ledger: `money_lines`, `unattributed_payments` and `progress`, the newest event time it covers.

The queries of the reports are in `reports.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from messaging.eventset.derivation import Derivation, Derived
from messaging.eventset.event import Event
from processkit.postgres.database import Session
from processkit.postgres.sync import Sync
from reporting.domain.ledger import Ledger
from reporting.domain.sales import ledger_of
from reporting.facts import FOLLOW
from reporting.store.tables import EVENTS, OWNER, money_lines, unattributed_payments
from schemas.times import instant

_LINE_COLUMNS = money_lines.columns.keys()
_PAYMENT_COLUMNS = unattributed_payments.columns.keys()
_LINES = Sync(money_lines, _LINE_COLUMNS, scope="order_id")
_PAYMENTS = Sync(unattributed_payments, _PAYMENT_COLUMNS, scope="owner_id")
# dataclasses.astuple makes deep copies, which took a third of the consumer's time.
_line_row = attrgetter(*_LINE_COLUMNS)
_payment_row = attrgetter(*(name for name in _PAYMENT_COLUMNS if name != "owner_id"))

# Consumers write their progress to different rows: with one row they would wait for its lock.
_PROGRESS_SLOTS = 16


def derivation(clock: Callable[[], datetime]) -> Derivation[Ledger]:
    """Return the derivation that computes ledgers from the event set."""
    return Derivation(
        EVENTS,
        owner=OWNER,
        follow=FOLLOW,
        compute=lambda owner, events, _now: Derived(ledger_of(owner, events)),
        write=write_ledgers,
        clock=clock,
    )


def write_ledgers(tx: Session, ledgers: Mapping[str, Ledger], _now: datetime, _announce: bool) -> None:
    """Make the stored rows of these owners equal to their ledgers. Rows that do not change are not
    written."""
    _LINES(tx, ledgers, [_line_row(line) for ledger in ledgers.values() for line in ledger.lines])
    _PAYMENTS(
        tx,
        ledgers,
        [
            (owner, *_payment_row(payment))
            for owner, ledger in ledgers.items()
            for payment in ledger.unattributed
        ],
    )


def record_progress(tx: Session, events: Sequence[Event[Any]]) -> None:
    """Store the newest event time that the ledger covers. It never decreases."""
    if events:
        tx.execute(
            "insert into progress (slot, as_of)"
            " values (pg_backend_pid() %% %s, %s)"
            " on conflict (slot) do update set as_of = greatest(progress.as_of, excluded.as_of)",
            (_PROGRESS_SLOTS, instant(max(event.created for event in events))),
        )
