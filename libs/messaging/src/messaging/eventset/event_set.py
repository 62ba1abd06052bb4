"""The set of events that a service stores, in one Postgres table.

A set has no order and no duplicates: the same events give the same set, in whatever order and however often
the log delivers them.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    MetaData,
    SmallInteger,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from messaging.errors import ComponentTooLarge, UndecodableFacts
from messaging.eventset.event import Event
from messaging.eventset.facts import FactsOf
from messaging.eventset.grouping import group_by_owner
from processkit.postgres import statements
from processkit.postgres.database import Session
from processkit.postgres.tables import TIME, optional, required

_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_COLUMNS = ("event_id", "type", "created", "rank", "object_id", "status", "previous_status")
# The chain order -> session -> payment -> charge -> refund -> dispute has six objects. If links still lead to
# new events after this many rounds, they are wrong; the limit prevents an endless search.
MAX_ROUNDS = 16
MAX_LINK_LENGTH = 500


class EventSet:
    """A table of events with one nullable, indexed column for each kind of link, and their facts as JSON.

    With `facts`, events carry the structs of that codec; without it, dicts.

    Without `owner`, all events are searched through every link. With `owner`, the link column that names the
    owner, the table has small indexes of the events that name no owner, and only these are searched through
    every link, which is faster. An event that names *another* owner then belongs to this owner, too, only if
    it is reached through one of the links `across`.
    """

    def __init__(
        self,
        links: Sequence[str],
        table: str = "events",
        *,
        facts: FactsOf | None = None,
        owner: str | None = None,
        across: Sequence[str] = (),
    ) -> None:
        for name in (*links, table):
            if not _NAME.fullmatch(name) or name in (*_COLUMNS, "facts", "recorded_at"):
                raise ValueError(f"{name!r} cannot name a link column or a table")
        if len(set(links)) < len(links):
            raise ValueError(f"a link column is named twice: {', '.join(links)}")
        self.links = tuple(links)
        self.table = table
        self.owner = owner
        self.across = frozenset(links if owner is None else across)
        if owner is not None and not {owner, *across} <= set(links):
            raise ValueError("owner and across must be among the links")
        self._encode = _json if facts is None else facts.encode
        self._decode = _plain if facts is None else facts.decode
        columns = (*_COLUMNS, *self.links)
        self._read = ", ".join((*columns, "facts::text as facts"))
        self._insert = statements.insert_ignore(self.declare(MetaData()), (*columns, "facts"))

    def declare(self, metadata: MetaData) -> Table:
        """Declare the table and its indexes in the metadata, and return it."""
        table = Table(
            self.table,
            metadata,
            Column("event_id", Text, primary_key=True),
            *required(Text, "type"),
            *required(BigInteger, "created"),
            *required(SmallInteger, "rank"),
            *optional(Text, "object_id", "status", "previous_status", *self.links),
            *required(JSONB, "facts"),
            Column("recorded_at", TIME, nullable=False, server_default=func.now()),
        )
        for name in self.links:
            link = table.c[name]
            Index(f"{self.table}_{name}", link, postgresql_where=link.is_not(None))
            if self.owner not in (None, name):
                loose = link.is_not(None) & table.c[self.owner].is_(None)
                Index(f"{self.table}_{name}_loose", link, postgresql_where=loose)
        return table

    def record(self, tx: Session, events: Sequence[Event[Any]]) -> int:
        """Add the events; those already in the set change nothing. Return how many were new."""
        # Sorted, so that two batches with common events cannot deadlock.
        unique = sorted({event.id: event for event in events}.values(), key=lambda event: event.id)
        if not unique:
            return 0
        columns: list[list[Any]] = [
            [event.id for event in unique],
            [event.type for event in unique],
            [event.created for event in unique],
            [event.rank for event in unique],
            [event.object_id for event in unique],
            [event.status for event in unique],
            [event.previous_status for event in unique],
            *([event.links.get(name) for event in unique] for name in self.links),
            [self._encode(event.facts) for event in unique],
        ]
        return tx.execute(self._insert, columns).rowcount

    def owners_of(
        self, tx: Session, events: Iterable[Event[Any]], *, owner: str, follow: Sequence[str]
    ) -> set[str]:
        """Return every owner of the events, found directly or through committed events."""
        walked = tuple(dict.fromkeys((*follow, owner)))
        columns, place = ", ".join(walked), walked.index(owner)
        followed = frozenset(follow)
        # An event that names its owner belongs to another owner only across some links; follow only those.
        onward = followed & self.across
        known: dict[str, set[str]] = defaultdict(set)
        fresh: dict[str, set[str]] = defaultdict(set)
        owners: set[str] = set()

        def note(links: Iterable[tuple[str, str | None]], name: str | None) -> None:
            if name is not None:
                owners.add(name)
            leading = followed if name is None else onward
            for link, value in links:
                if value is not None and link in leading and value not in known[link]:
                    fresh[link].add(value)

        for event in events:
            note(event.links.items(), event.links.get(owner))
        for _ in range(MAX_ROUNDS):
            asked = {name: values for name, values in fresh.items() if values}
            if not asked:
                return owners
            fresh = defaultdict(set)
            parts, parameters = [], []
            for name, values in asked.items():
                known[name] |= values
                part = f"select {columns} from {self.table} where {name} = any(%s)"  # noqa: S608
                parameters.append(list(values))
                if onward == {name}:
                    # an event of a known owner that was found by the only link to follow leads to nothing new
                    part += f" and ({owner} is null or {owner} <> all(%s))"
                    parameters.append(list(owners))
                parts.append(part)
            for row in tx.execute(" union ".join(parts), parameters).fetchall():
                note(zip(walked, row, strict=True), row[place])
        raise ComponentTooLarge(f"links of {self.table} still grow after {MAX_ROUNDS} rounds")

    def load(
        self, tx: Session, owners: Collection[str], *, owner: str, follow: Sequence[str]
    ) -> dict[str, list[Event[Any]]]:
        """Return all events of each owner, found directly or through links.

        An event that links two owners belongs to both: the rules decide whom it concerns. Raises
        UndecodableFacts, which has the events of all owners without undecodable events.
        """
        if self.owner not in (None, owner):
            raise ValueError(f"the indexes of {self.table} serve the owner {self.owner}, not {owner}")
        found: dict[str, Event[Any]] = {}
        undecodable: dict[str, str] = {}
        known: dict[str, set[str]] = defaultdict(set)
        asked: dict[str, set[str]] = {owner: set(owners)}
        followed = frozenset(follow)
        for round_number in range(MAX_ROUNDS):
            for name, values in asked.items():
                known[name] |= values
            parts, parameters = [], []
            for name, values in asked.items():
                select = f"select {self._read} from {self.table} where {name} = any(%s)"  # noqa: S608
                if not round_number:
                    parts.append(select)
                    parameters.append(list(values))
                    continue
                # Events that name one of these owners were loaded in the first round.
                if self.owner is None:
                    parts.append(f"{select} and ({owner} is null or {owner} <> all(%s))")
                    parameters += [list(values), list(owners)]
                    continue
                parts.append(f"{select} and {owner} is null")
                parameters.append(list(values))
                if name in self.across:
                    parts.append(f"{select} and {owner} is not null and {owner} <> all(%s)")
                    parameters += [list(values), list(owners)]
            fresh: dict[str, set[str]] = defaultdict(set)
            for row in tx.execute(" union all ".join(parts), parameters).fetchall():
                if row[0] in found:
                    continue
                event = found[row[0]] = self._event(row, undecodable)
                for name, value in event.links.items():
                    if name in followed and value not in known[name]:
                        fresh[name].add(value)
            asked = dict(fresh)
            if not asked:
                loaded = group_by_owner(found.values(), set(owners), owner, follow, self.across)
                return _decoded(loaded, undecodable) if undecodable else loaded
        raise ComponentTooLarge(f"links of {self.table} still grow after {MAX_ROUNDS} rounds")

    def owner_page(self, tx: Session, owner: str, after: str, limit: int) -> list[str]:
        """Return the next owners of the set in order, after the given one ('' for the first page)."""
        query = (
            f"select distinct {owner} from {self.table} where {owner} > %s"  # noqa: S608
            f" and {owner} is not null order by {owner} limit %s"
        )
        return [row[0] for row in tx.execute(query, (after, limit))]

    def _event(self, row: Sequence[Any], undecodable: dict[str, str]) -> Event[Any]:
        event_id, kind, created, rank, object_id, status, previous, *values, text = row
        links = {name: value for name, value in zip(self.links, values, strict=True) if value is not None}
        try:
            facts = self._decode(kind, text)
        except (msgspec.DecodeError, LookupError, ValueError) as error:
            # Its owners are known only when all events are loaded: keep it among them until then.
            facts = None
            undecodable[event_id] = (
                f"the facts of {event_id} ({kind}) cannot be decoded: {type(error).__name__}: {error}"
            )
        return Event(event_id, kind, created, facts, rank, links, object_id, status, previous)


def _json(facts: Any) -> str:
    return msgspec.json.encode(facts).decode()


def _plain(_event_type: str, text: str) -> Any:
    return msgspec.json.decode(text)


def _decoded(
    loaded: dict[str, list[Event[Any]]], undecodable: Mapping[str, str]
) -> dict[str, list[Event[Any]]]:
    """Return what was loaded if no owner has an undecodable event. Raises UndecodableFacts."""
    reasons = {
        owner: undecodable[event.id]
        for owner, events in loaded.items()
        for event in events
        if event.id in undecodable
    }
    if not reasons:
        return loaded
    raise UndecodableFacts(reasons, {name: events for name, events in loaded.items() if name not in reasons})


def clean_links(links: Mapping[str, str | None]) -> dict[str, str]:
    """Return the links that have a value. Raises ValueError for one that is too long to be indexed."""
    result = {}
    for name, value in links.items():
        if value is None or value == "":
            continue
        if len(value) > MAX_LINK_LENGTH or "\x00" in value:
            raise ValueError(f"the link {name} is longer than {MAX_LINK_LENGTH} characters or holds a NUL")
        result[name] = value
    return result
