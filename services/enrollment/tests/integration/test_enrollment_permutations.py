"""Whatever arrives in whatever order, however often, in whatever batches: the same grants, the same story.

Each example is a life of users that hypothesis makes up, happy or not; it goes through record and derive on a
real Postgres, while the clock moves on. What must come out is what the rules say of the whole set.
"""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from enrollment_consumer import CHANGED, DUPLICATE, MIGRATIONS, Consumer, fold
from enrollment_lives import stories
from enrollment_mutants import ByArrival
from enrollment_stories import DAY, Story, at, decode_all
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase

from enrollment.domain import Policy, decide
from messaging.eventset.derivation import Derivation
from messaging.eventset.event import Event, chronological
from messaging.message import Message

EXAMPLES = 1000
END = at(100 * DAY)
# Examples that failed once are kept beside the tests and tried first; commit them.
KEPT = DirectoryBasedExampleDatabase(Path(__file__).parents[1] / "failing-examples")

_numbers = itertools.count()


@dataclass(frozen=True)
class Arrival:
    """Lives; their messages shuffled, some of them twice, cut into batches; and when each batch comes."""

    people: list[Story]
    batches: list[list[Message]]
    times: list[float]

    def __repr__(self) -> str:
        """What a person needs who looks into a failure: ids, types and statuses in the order of arrival."""
        lines = []
        for time, batch in zip(self.times, self.batches, strict=True):
            lines.append(f"at {time / DAY:.1f} days:")
            for event in decode_all(batch):
                day = (event.created / 1e6 - at(0).timestamp()) / DAY
                lines.append(f"  {event.id} {event.type} {event.status} of day {day:.5f}")
        return "\n".join(lines)


@st.composite
def arrivals(draw: st.DrawFn) -> Arrival:
    """Any arrival of any lives."""
    people = draw(stories(next(_numbers)))
    messages = [message for story in people for message in story.messages]
    # a seed and not hypothesis' own randomness: that one likes small numbers, and few batches prove little
    rng = random.Random(draw(st.integers(0, 2**32)))
    messages += rng.sample(messages, k=rng.randint(0, len(messages)))
    rng.shuffle(messages)
    cuts = sorted(rng.randint(0, len(messages)) for _ in range(rng.randint(0, 8)))
    batches = [messages[a:b] for a, b in itertools.pairwise((0, *cuts, len(messages))) if a < b]
    times = sorted(rng.uniform(0, 100) * DAY for _ in batches)
    return Arrival(people, batches, times)


def live_through(consumer: Consumer, batches: Sequence[Sequence[Message]], times: Sequence[float]) -> None:
    """Each batch at its time, then the clock worker until nothing is due at the end."""
    for batch, time in zip(batches, times, strict=True):
        consumer.now = at(time)
        consumer.apply(batch)
    consumer.now = END
    while True:
        with consumer.transaction() as tx:
            due = consumer.derivation.due(tx, 50)
            consumer.derivation.derive_owners(tx, due)
        if not due:
            return


def live_and_check(consumer: Consumer, arrival: Arrival) -> None:
    """The property."""
    consumer.forget_outbox()
    live_through(consumer, arrival.batches, arrival.times)
    check(consumer, arrival.people)


def check(consumer: Consumer, people: Sequence[Story]) -> None:
    """State and announcements are what the rules say of all that happened."""
    events = chronological(event for story in people for event in story.events)
    announced = consumer.announced()
    told = fold(announced)
    users = [story.user for story in people]
    grants, access, gaps = consumer.grants(users), consumer.access(users), consumer.gaps(users)
    for story in people:
        expected = decide(story.user, _tied_to(story.user, events), END, Policy())
        assert [row[1:] for row in grants if row[0] == story.user] == [
            (
                *(g.kind, g.source_id, g.line_id, g.course_id, g.state, g.reason, g.since, g.until),
                *(g.payment_intent_id, g.flagged, g.duplicate_of),
            )
            for g in expected.grants
        ]
        assert [row[1:] for row in access if row[0] == story.user] == [
            (a.course_id, a.access, a.state, a.kind, a.source_id, a.since, a.until) for a in expected.access
        ]
        assert [row[1:] for row in gaps if row[0] == story.user] == sorted(
            (u.order_id, u.session_id, u.payment_intent_id, u.paid_at, u.reason) for u in expected.unfulfilled
        )
        assert {
            course: (body["access"], body["state"])
            for (user, course), body in told.items()
            if user == story.user
        } == {a.course_id: (a.access, a.state) for a in expected.access}
    _transitions_only(announced)


def _tied_to(user: str, events: Sequence[Event]) -> list[Event]:
    """What is connected to a user by links: reached one by one, the slow and obvious way."""
    reached = {("user_id", user)}
    mine: dict[str, Event] = {}
    while True:
        found = [e for e in events if e.id not in mine and _reached(user, e, reached)]
        if not found:
            return [event for event in events if event.id in mine]
        for event in found:
            mine[event.id] = event
            # another user at the end of a link is no way on to everything that is theirs
            reached |= {link for link in event.links.items() if link[0] != "user_id"}


def _reached(user: str, event: Event, reached: set[tuple[str, str]]) -> bool:
    # what names another user concerns this one only through an order
    another = event.links.get("user_id", user) != user
    return any(link in reached and (not another or link[0] == "order_id") for link in event.links.items())


def _transitions_only(announced: Sequence[dict]) -> None:
    last: dict[tuple[str, str], tuple] = {}
    ids = [body["event_id"] for body in announced if body["type"] == CHANGED]
    assert len(ids) == len(set(ids))
    for body in announced:
        if body["type"] != CHANGED:
            assert body["type"] == DUPLICATE
            continue
        key = (body["user_id"], body["course_id"])
        state = tuple(str(body[name]) for name in ("access", "state", "since", "until", "source"))
        version, before = last.get(key, (0, None))
        assert state != before, "announced though nothing changed"
        assert body["version"] > version
        last[key] = (body["version"], state)


@pytest.mark.timeout(900)
@settings(
    max_examples=EXAMPLES,
    database=KEPT,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
@given(arrival=arrivals())
def test_any_permutation_duplication_and_split_ends_the_same(consumer, arrival):
    live_and_check(consumer, arrival)


class Forgetful(Derivation):
    """The mutant that derives only from what the batch itself says."""

    def derive(self, tx, events):
        self.derive_owners(tx, {event.links["user_id"] for event in events if "user_id" in event.links})


class Timeless(Derivation):
    """The mutant whose clock worker never finds anything due."""

    def due(self, tx, limit):
        return []


@pytest.mark.parametrize("mutant", [ByArrival, Forgetful, Timeless])
def test_a_mutant_does_not_survive(consumer, mutant):
    consumer.derivation.__class__ = mutant

    @settings(
        max_examples=300,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(arrival=arrivals())
    def the_same_property(arrival):
        live_and_check(consumer, arrival)

    with pytest.raises(AssertionError):
        the_same_property()


def derive_again_and_replay(consumer: Consumer, empty: Consumer, dsn: str) -> None:
    """Whatever arrived: deriving it again, or reading the log into an empty database, changes nothing."""
    people: list[Story] = []

    @settings(
        max_examples=60,
        database=None,
        phases=[Phase.generate],
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(arrival=arrivals())
    def fill(arrival):
        people.extend(arrival.people)
        live_through(consumer, arrival.batches, arrival.times)

    fill()
    before = consumer.state_hash()
    consumer.forget_outbox()
    consumer.derivation.rebuild(dsn)
    assert consumer.state_hash() == before
    assert consumer.announced() == []
    log = [message for story in people for message in story.messages]
    batches = [log[start : start + 500] for start in range(0, len(log), 500)]
    rows = consumer.rows_as_written()
    consumer.apply(*batches)
    assert consumer.rows_as_written() == rows, "a replay into the live database wrote something"
    assert consumer.announced() == []
    empty.now = END
    empty.apply(*batches)
    assert empty.state_hash() == before, "the log tells another story than the events did"


@pytest.fixture
def empty(make_database):
    """A consumer whose database has read nothing yet."""
    with Consumer(make_database(MIGRATIONS)) as made:
        yield made


def test_deriving_again_and_replaying_give_the_same_state_hash(consumer, empty, dsn):
    derive_again_and_replay(consumer, empty, dsn)


def test_a_mutant_that_goes_by_arrival_replays_into_another_hash(consumer, empty, dsn):
    consumer.derivation.__class__ = empty.derivation.__class__ = ByArrival
    with pytest.raises(AssertionError, match="another story"):
        derive_again_and_replay(consumer, empty, dsn)


class Restless(Derivation):
    """The mutant that writes and announces what was there already."""

    def derive_owners(self, tx, owners, announce=True):
        tx.execute("delete from grants where user_id = any(%s)", (list(owners),))
        super().derive_owners(tx, owners, announce)


def test_a_mutant_that_writes_everything_anew_is_seen_by_a_replay(consumer, empty, dsn):
    consumer.derivation.__class__ = Restless
    with pytest.raises(AssertionError, match="wrote something"):
        derive_again_and_replay(consumer, empty, dsn)
