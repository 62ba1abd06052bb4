"""Writes reporting's tables. The queries of the reports are in `reports.py`.

`money_lines` and `unattributed_payments` hold the ledger; `progress` holds the newest event time it covers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from psycopg.rows import tuple_row

from messaging.eventset.derivation import Derivation, Derived
from messaging.eventset.event import Event
from messaging.eventset.event_set import EventSet
from messaging.eventset.facts import FactsOf
from processkit.postgres.database import Session
from reporting.domain.facts import FACTS_OF
from reporting.domain.ledger import Ledger
from reporting.domain.sales import ledger_of
from schemas.times import instant

OWNER = "money_key"
"""The link to the owner of the money: the order if the event names one, else the payment."""

LINKS = (OWNER, "payment_intent_id")

_LINE_KEY = ("order_id", "line_id", "kind", "reference", "step")
_LINE_TYPES = {
    "order_id": "text", "line_id": "text", "kind": "text", "reference": "text", "step": "smallint",
    "occurred_at": "timestamptz", "currency": "text", "orders": "smallint", "units": "smallint",
    "gross": "bigint", "discount": "bigint", "refunded": "bigint", "course_id": "text", "bundle_id": "text",
    "plan_id": "text", "category": "text", "title": "text", "country": "text", "user_id": "text",
    "payment_id": "text", "tax": "bigint",
}  # fmt: skip
_PAYMENT_KEY = ("owner_id", "payment_id")
_PAYMENT_TYPES = {
    "owner_id": "text", "payment_id": "text", "reason": "text", "order_id": "text",
    "received_at": "timestamptz", "currency": "text", "amount": "bigint", "refunded": "bigint",
    "expected_currency": "text", "expected_amount": "bigint",
}  # fmt: skip
# dataclasses.astuple makes deep copies, which took a third of the consumer's time.
_line_row = attrgetter(*_LINE_TYPES)
_payment_row = attrgetter(*list(_PAYMENT_TYPES)[1:])

# Consumers write their progress to different rows: with one row they would wait for its lock.
_PROGRESS_SLOTS = 16


def event_set() -> EventSet:
    """Return the set of events that reporting stores."""
    return EventSet(links=LINKS, facts=FactsOf(FACTS_OF.__getitem__))


def derivation(clock: Callable[[], datetime]) -> Derivation[Ledger]:
    """Return the derivation that computes ledgers from the event set."""
    return Derivation(
        event_set(),
        owner=OWNER,
        follow=("payment_intent_id",),
        compute=lambda owner, events, _now: Derived(ledger_of(owner, events)),
        write=write_ledgers,
        clock=clock,
    )


def write_ledgers(tx: Session, ledgers: Mapping[str, Ledger], _now: datetime, _announce: bool) -> None:
    """Make the stored rows of these owners equal to their ledgers. Rows that do not change are not
    written."""
    owners = list(ledgers)
    lines = [_line_row(line) for ledger in ledgers.values() for line in ledger.lines]
    _synchronize(tx, "money_lines", _LINE_TYPES, _LINE_KEY, owners, lines)
    payments = [
        (owner, *_payment_row(payment))
        for owner, ledger in ledgers.items()
        for payment in ledger.unattributed
    ]
    _synchronize(tx, "unattributed_payments", _PAYMENT_TYPES, _PAYMENT_KEY, owners, payments)


def _synchronize(
    tx: Session,
    table: str,
    types: Mapping[str, str],
    key: Sequence[str],
    owners: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Make the stored rows of `owners` (the first column of the key) equal to `rows`, in at most three
    statements."""
    columns, width = ", ".join(types), len(key)
    places = [list(types).index(name) for name in key]

    def key_of(row: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(row[place] for place in places)

    with tx.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(
            f"select {columns} from {table} where {key[0]} = any(%s)",  # noqa: S608 - constant names
            (owners,),
        )
        stored = {key_of(row): row for row in cursor}
        wanted = {key_of(row): row for row in rows}
        if gone := stored.keys() - wanted.keys():
            values = ", ".join(f"%s::{types[name]}[]" for name in key)
            cursor.execute(
                f"delete from {table} where ({', '.join(key)}) in (select * from unnest({values}))",  # noqa: S608
                _columns(gone, width),
            )
        if changed := [row for row_key, row in wanted.items() if stored.get(row_key) != row]:
            values = ", ".join(f"%s::{kind}[]" for kind in types.values())
            others = ", ".join(f"{name} = excluded.{name}" for name in types if name not in key)
            cursor.execute(
                f"insert into {table} ({columns}) select * from unnest({values})"  # noqa: S608
                f" on conflict ({', '.join(key)}) do update set {others}",
                _columns(changed, len(types)),
            )


def _columns(rows: Iterable[tuple[Any, ...]], width: int) -> list[list[Any]]:
    ordered = list(rows)
    return [[row[place] for row in ordered] for place in range(width)]


def record_progress(tx: Session, events: Sequence[Event[Any]]) -> None:
    """Store the newest event time that the ledger covers. It never decreases."""
    if events:
        tx.execute(
            "insert into progress (slot, as_of)"
            " values (pg_backend_pid() %% %s, %s)"
            " on conflict (slot) do update set as_of = greatest(progress.as_of, excluded.as_of)",
            (_PROGRESS_SLOTS, instant(max(event.created for event in events))),
        )
