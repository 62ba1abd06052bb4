"""An event as a service stores it, and the order in which events apply. Pure: no I/O."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Generic, Protocol, TypeGuard, TypeVar

from msgspec import Struct

F_co = TypeVar("F_co", covariant=True)
F = TypeVar("F")


class Event(Struct, Generic[F_co], frozen=True, gc=False):
    """One stored event with facts of the type `F_co`. Two events with the same `id` are the same event."""

    id: str
    type: str
    created: int
    """Microseconds since the epoch (UTC) by the clock of the source; Stripe's has whole seconds."""
    facts: F_co
    """What the service needs of the payload: a struct (see `messaging.eventset.facts`), or JSON values."""
    rank: int = 0
    """Position in the lifecycle of the object, for events of the same `created`."""
    links: Mapping[str, str] = {}
    """Link column -> value. Events that share a link belong together."""
    object_id: str | None = None
    status: str | None = None
    previous_status: str | None = None
    """The status before this event, as the event states it: proves which of two events came first."""


class Report(Protocol):
    """What an external system reports of one of its objects: the same fields as those of an `Event`."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def created_us(self) -> int: ...
    @property
    def rank(self) -> int: ...
    @property
    def object_id(self) -> str | None: ...
    @property
    def status(self) -> str | None: ...
    @property
    def previous_status(self) -> str | None: ...


def event_of_report(report: Report, links: Mapping[str, str], facts: F) -> Event[F]:
    """Return the event to store: what the report states, with the links and facts that the service needs."""
    return Event(
        id=report.id,
        type=report.type,
        created=report.created_us,
        rank=report.rank,
        links=links,
        facts=facts,
        object_id=report.object_id,
        status=report.status,
        previous_status=report.previous_status,
    )


def has_facts(event: Event[Any], kind: type[F]) -> TypeGuard[Event[F]]:
    """Return whether the event's facts are of that struct."""
    return isinstance(event.facts, kind)


def chronological(events: Iterable[Event[F]], on_tie: Callable[[], None] | None = None) -> list[Event[F]]:
    """Return the events in the order in which they apply; it depends on nothing but the set.

    Ordered by `created`, then by proof (`previous_status` names the status of another event of the same
    object and instant), then by lifecycle rank, then by id. A tie is a group of events of one object and
    instant that is sorted by rank or id, without proof; `on_tie` is called for each. Events of the same
    status are not a tie.
    """
    ordered = sorted(events, key=lambda event: (event.created, event.rank, event.id))
    groups: dict[tuple[int, str], list[int]] = defaultdict(list)
    for index, event in enumerate(ordered):
        if event.object_id is not None:
            groups[event.created, event.object_id].append(index)
    for places in groups.values():
        if len(places) < 2:
            continue
        group = [ordered[place] for place in places]
        chained, contradictory = _by_succession(group)
        if on_tie is not None and (contradictory or not _proven(chained)):
            on_tie()
        for place, event in zip(places, chained, strict=True):
            ordered[place] = event
    return ordered


def _by_succession(group: Sequence[Event[F]]) -> tuple[list[Event[F]], bool]:
    """Order events of one object and instant so that each follows the event whose status it replaced.

    A stable topological sort: without proof, or with contradictory proofs, the given order (rank, id)
    remains. Also returns whether proofs contradicted each other.
    """
    predecessors: dict[int, set[int]] = {i: set() for i in range(len(group))}
    for i, later in enumerate(group):
        if later.previous_status is None or later.previous_status == later.status:
            continue
        for j, earlier in enumerate(group):
            if i != j and earlier.status == later.previous_status:
                predecessors[i].add(j)
    result: list[Event[F]] = []
    waiting = list(range(len(group)))
    placed: set[int] = set()
    contradictory = False
    while waiting:
        free = next((i for i in waiting if predecessors[i] <= placed), None)
        # proofs in a cycle prove nothing: take the first in (rank, id)
        contradictory = contradictory or free is None
        chosen = waiting[0] if free is None else free
        waiting.remove(chosen)
        placed.add(chosen)
        result.append(group[chosen])
    return result, contradictory


def _proven(chain: Sequence[Event[Any]]) -> bool:
    return all(
        later.status == earlier.status or later.previous_status == earlier.status
        for earlier, later in pairwise(chain)
    )
