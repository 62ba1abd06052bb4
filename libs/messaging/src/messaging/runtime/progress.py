"""Detects partitions that have messages but whose position does not advance, and decides how to heal them.

The rule uses only positions, ends of the log and a clock. It assumes nothing about the cause of a stall, so
it also detects causes that were not foreseen.
"""

import enum
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field

from messaging.runtime.log_bounds import LogBounds, by_reason
from messaging.runtime.partitions import Place

# At most this much time counts between two looks: a frozen process did no work in the meantime.
MAX_STEP_SECONDS = 2.0
REJOIN_MOST_SECONDS = 600.0
# A partition without fetched messages counts as skipped only after the consumer has taken this many rounds
# of fetches from the others. Several, because the counted bytes were compressed when they were fetched.
FAIR_ROUNDS = 4
NOTHING_READ = -1


class Heal(enum.Enum):
    """The action of the consumer on a stalled partition."""

    SEEK = "seek"
    REJOIN = "rejoin"


@dataclass(frozen=True, slots=True)
class Stall:
    """A partition that has not advanced for `seconds`. `unreachable`: the reason why its end is unknown, if
    any."""

    place: Place
    seconds: float
    waiting: int
    unreachable: str | None
    heal: Heal | None

    def __str__(self) -> str:
        if self.unreachable is not None:
            return f"{self.place} (cannot be read: {self.unreachable})"
        return f"{self.place} ({self.waiting} messages waiting, no progress for {self.seconds:.0f} s)"


def describe(stalls: Iterable[Stall]) -> str:
    """Describe the stalls, with every partition and each reason once."""
    silent = {stall.place: f"cannot be read: {stall.unreachable}" for stall in stalls if stall.unreachable}
    parts = [str(stall) for stall in stalls if stall.unreachable is None]
    return "; ".join([*parts, *([by_reason(silent)] if silent else [])])


@dataclass(slots=True)
class _Mark:
    position: int
    reachable: bool

    @property
    def known(self) -> bool:
        return self.position != NOTHING_READ

    waiting: int = 0
    waited: float = 0.0
    idle: bool = False
    taken: int = 0
    heals: int = 0
    next_heal: float = 0.0
    unassigned: float = 0.0


@dataclass
class Progress:
    """Tracks for each partition how long it has not advanced. One per consumer, for the consumer's lifetime.

    `stall_seconds` is how long a partition may have messages without advancing. `round_bytes` is the most
    that one round of fetches over all partitions returns: until a busy consumer has taken a few rounds from
    the others, a partition without fetched messages is only waiting for its turn. One call of `look` counts
    at most `max_step_seconds`.
    """

    stall_seconds: float
    monotonic: Callable[[], float]
    round_bytes: Callable[[], int] = lambda: 0
    max_step_seconds: float = MAX_STEP_SECONDS
    _marks: dict[Place, _Mark] = field(default_factory=dict, init=False)
    _looked_at: float | None = field(default=None, init=False)
    _worked: float = field(default=0.0, init=False)
    _rejoins: int = field(default=0, init=False)
    _next_rejoin: float = field(default=0.0, init=False)
    _idle: bool = field(default=False, init=False)
    _taken: int = field(default=0, init=False)

    def took(self, size: int) -> None:
        """Count messages of `size` bytes that the consumer took from its queue; 0: the queue was empty."""
        self._taken += size
        self._idle = self._idle or size == 0

    def look(self, assigned: Iterable[Place], positions: Mapping[Place, int], log: LogBounds) -> list[Stall]:
        """Return the stalled partitions. Call it more often than every `max_step_seconds`.

        Each call counts the time since the last one; a consumer that waits for a dependency does not call.
        """
        now = self.monotonic()
        step = 0.0 if self._looked_at is None else min(now - self._looked_at, self.max_step_seconds)
        self._looked_at = now
        self._worked += step
        mine = set(assigned)
        stalls = self._unassigned(mine, step)
        for place in sorted(mine):
            bounds, reason = log.known.get(place), log.unreachable.get(place)
            position, mark = positions.get(place, NOTHING_READ), self._marks.get(place)
            waiting = bounds.waiting(position) if bounds else 0
            if (bounds is None and reason is None) or (position == NOTHING_READ and mark and mark.known):
                # Just assigned: the end of the log or the position is still unknown.
                continue
            if mark is None or mark.position != position or (waiting == 0 and reason is None):
                self._marks[place] = _Mark(position, reason is None)
                continue
            if mark.reachable != (reason is None):
                # Readable again: the time before does not count as a stall.
                mark.reachable = reason is None
                mark.next_heal = mark.waited + self.stall_seconds
            mark.unassigned, mark.waiting = 0.0, waiting
            mark.waited += step
            mark.idle = mark.idle or self._idle
            mark.taken += self._taken
            had_its_turn = mark.idle or mark.taken >= FAIR_ROUNDS * self.round_bytes()
            if mark.waited < self.stall_seconds or not had_its_turn:
                continue
            heal = None if reason is not None else self._heal(mark)
            stalls.append(Stall(place, mark.waited, waiting, reason, heal))
        self._idle, self._taken = False, 0
        return stalls

    def _unassigned(self, mine: Set[Place], step: float) -> list[Stall]:
        """Keep the marks of removed partitions for a while: a consumer that rejoins may get them back.

        Until it has partitions again, the stalls for which it left its group are still reported.
        """
        gone = self._marks.keys() - mine
        for place in gone:
            self._marks[place].unassigned += step
        for place in [place for place in gone if self._marks[place].unassigned > self.stall_seconds]:
            del self._marks[place]
        if mine:
            return []
        healed = {place: mark for place, mark in self._marks.items() if mark.heals}
        return [Stall(place, mark.waited, mark.waiting, None, None) for place, mark in healed.items()]

    def _heal(self, mark: _Mark) -> Heal | None:
        """Choose the action: first a seek, then rejoins at growing intervals."""
        if mark.waited < mark.next_heal:
            return None
        if mark.heals == 0:
            mark.heals, mark.next_heal = 1, mark.waited + self.stall_seconds
            return Heal.SEEK
        if self._worked < self._next_rejoin:
            return None
        # A partition may stall at every consumer of the group in turn, so the pauses belong to the consumer.
        if self._worked > self._next_rejoin + REJOIN_MOST_SECONDS:
            self._rejoins = 0
        pause = min(self.stall_seconds * 2**self._rejoins, REJOIN_MOST_SECONDS)
        self._rejoins += 1
        self._next_rejoin = self._worked + pause
        mark.heals, mark.next_heal = mark.heals + 1, mark.waited + pause
        return Heal.REJOIN
