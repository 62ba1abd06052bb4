"""A small service for the tests: parcels that customers post, their scans, and a total for each.

A posting names customer and parcel, a scan parcel and label, a charge only the label: three links lead from
a charge to its customer. The total is a function of the set, and every change is announced with a growing
version.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, Table, Text

from devstack.testing.catalog import create_tables
from messaging.errors import Poison
from messaging.eventset.derivation import Derivation, Derived
from messaging.eventset.derivation import declare as declare_anchors
from messaging.eventset.event import Event
from messaging.eventset.event_set import EventSet
from messaging.message import Message, OutgoingMessage
from messaging.outbox import rows as outbox
from processkit.postgres.database import Session
from processkit.postgres.tables import metadata

LINKS = ("customer", "parcel", "label")
EVENTS = EventSet(LINKS)
BORN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Total:
    """The total of a customer's events; `digest` identifies the events."""

    number: int
    amount: int
    digest: str


def total_of(events: Sequence[Event]) -> Total:
    """Compute the total. The digest depends on the order, so that a wrong order is detected."""
    digest = hashlib.sha256(",".join(event.id for event in events).encode()).hexdigest()[:16]
    return Total(len(events), sum(event.facts["amount"] for event in events), digest)


def compute(customer: str, events: Sequence[Event], now: datetime) -> Derived[Total]:
    """Derive a total; an event may request a failure, or a change at a later time."""
    if any(event.facts.get("compute_fails") for event in events):
        raise ValueError(f"the rules cannot make sense of {customer}")
    moments = (event.facts["opens_at"] for event in events if "opens_at" in event.facts)
    later = [moment for moment in (datetime.fromisoformat(text) for text in moments) if moment > now]
    seen = [
        event
        for event in events
        if "opens_at" not in event.facts or datetime.fromisoformat(event.facts["opens_at"]) <= now
    ]
    total = total_of(seen)
    if any(event.facts.get("write_fails") for event in events):
        total = Total(-1, total.amount, total.digest)  # refused by a constraint of the table
    return Derived(total, min(later, default=None))


WRITE = """
insert into totals as old (customer, number, amount, digest, version)
select customer, number, amount, digest, %s
  from unnest(%s::text[], %s::integer[], %s::bigint[], %s::text[]) as new(customer, number, amount, digest)
on conflict (customer) do update
   set number = excluded.number, amount = excluded.amount, digest = excluded.digest,
       version = greatest(excluded.version, old.version + 1)
 where (old.number, old.amount, old.digest)
       is distinct from (excluded.number, excluded.amount, excluded.digest)
returning customer, number, amount, digest, version"""


def writer(announcements: str) -> Callable[[Session, Mapping[str, Total], datetime, bool], None]:
    """Write the differences and announce each of them."""

    def write(tx: Session, states: Mapping[str, Total], now: datetime, announce: bool) -> None:
        totals = states.values()
        version = int(now.timestamp() * 1_000_000)
        rows = tx.execute(
            WRITE,
            (
                version,
                list(states),
                [total.number for total in totals],
                [total.amount for total in totals],
                [total.digest for total in totals],
            ),
        ).fetchall()
        if not announce:
            return
        names = ("customer", "number", "amount", "digest", "version")
        outbox.append(
            tx,
            [
                OutgoingMessage(
                    announcements,
                    row[0],
                    f"{row[0]}-{row[4]}",
                    "total.changed.v1",
                    "parcels",
                    now,
                    msgspec.json.encode(dict(zip(names, row, strict=True))),
                )
                for row in rows
            ],
        )

    return write


def utc_now() -> datetime:
    return datetime.now(UTC)


def derivation(
    announcements: str = "announcements",
    clock: Callable[[], datetime] = utc_now,
    compute: Callable[[str, Sequence[Event], datetime], Derived[Total]] = compute,
) -> Derivation[Total]:
    """Return the service's derivation."""
    return Derivation(
        EVENTS,
        owner="customer",
        follow=("parcel", "label"),
        compute=compute,
        write=writer(announcements),
        clock=clock,
    )


class ParcelHandler:
    """Decodes and delegates; a message may request a defect of `record`."""

    def __init__(self, derivation: Derivation[Total]) -> None:
        self.derivation = derivation
        self.derive = derivation.derive
        self.derive_failed = derivation.derive_failed

    def decode(self, message: Message) -> Event | None:
        if message.type == "weather.v1":
            return None
        try:
            body = msgspec.json.decode(message.value)
            facts = {name: body[name] for name in body if name != "links"}
            return Event(message.id, message.type, message.created, facts, links=body["links"])
        except (msgspec.DecodeError, KeyError, TypeError) as error:
            raise Poison("bad-parcel", str(error)) from None

    def record(self, tx: Session, events: Sequence[Event]) -> None:
        self.derivation.record(tx, events)
        if any(event.facts.get("record_fails") for event in events):
            raise KeyError("a defect of the handler")
        refused = [event.id for event in events if event.facts.get("refused")]
        if refused:
            tx.execute("insert into refusals select unnest(%s::text[])", (refused,))


METADATA = metadata()
EVENTS.declare(METADATA)
declare_anchors(METADATA)
outbox.declare(METADATA)
Table(
    "totals",
    METADATA,
    Column("customer", Text, primary_key=True),
    Column("number", Integer, CheckConstraint("number >= 0", name="number"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
)
Table("refusals", METADATA, Column("event_id", Text, CheckConstraint("event_id is null", name="event_id")))


def migrate(dsn: str) -> None:
    """Create the service's tables."""
    create_tables(dsn, METADATA)


def message(
    topic: str, name: str, links: Mapping[str, str], *, at: int = 0, type: str = "parcel.v1", **facts: Any
) -> OutgoingMessage:
    """Return a message of `at` seconds after BORN."""
    body = msgspec.json.encode({"links": dict(links), "amount": 1, **facts})
    key = next(iter(links.values()), name)
    return OutgoingMessage(topic, key, name, type, "tests", BORN + timedelta(seconds=at), body)


def chains(topic: str, customers: int, *, prefix: str = "c", charges: int = 2) -> list[OutgoingMessage]:
    """Return a posting, a scan and charges for each customer, each linked only to the one before."""
    messages = []
    for i in range(customers):
        who, parcel, label = f"{prefix}{i}", f"{prefix}{i}-parcel", f"{prefix}{i}-label"
        messages.append(
            message(topic, f"{who}-posted", {"customer": who, "parcel": parcel}, at=1, amount=100)
        )
        messages.append(message(topic, f"{who}-scanned", {"parcel": parcel, "label": label}, at=2, amount=10))
        messages.extend(
            message(topic, f"{who}-charged-{n}", {"label": label}, at=3 + n, amount=n) for n in range(charges)
        )
    return messages


def scrambled(
    messages: Iterable[OutgoingMessage], seed: int = 1, duplicates: float = 0.2
) -> list[OutgoingMessage]:
    """Return the messages in another order, some of them twice."""
    chance = random.Random(seed)
    result = list(messages)
    result += [each for each in result if chance.random() < duplicates]
    chance.shuffle(result)
    return result


def as_event(sent: OutgoingMessage) -> Event:
    """Return the event that the handler makes of a message."""
    body = msgspec.json.decode(sent.value)
    created = int((sent.time - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000
    links = body.pop("links")
    return Event(sent.id, sent.type, created, body, links=links)
