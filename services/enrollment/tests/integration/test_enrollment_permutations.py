"""Any order, repetition and batching of the same messages ends in the same grants and announcements.

Hypothesis draws the events of some users, with and without failures. They pass through record and derive on a
real Postgres while the clock advances. The result must be the decision of the rules for the whole set.
"""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from enrollment_consumer import CHANGED, DUPLICATE, MIGRATIONS, WITHDRAWN, Consumer, fold
from enrollment_lives import stories
from enrollment_messages import DAY, at
from enrollment_mutants import ByArrival
from enrollment_stories import Story, decode_all
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase

from enrollment.domain import Policy, decide
from messaging.eventset.derivation import Derivation
from messaging.eventset.event import Event, chronological
from messaging.message import Message

EXAMPLES = 1000
END = at(100 * DAY)
# Failed examples are stored beside the tests and are run first from then on; commit them.
KEPT = DirectoryBasedExampleDatabase(Path(__file__).parents[1] / "failing-examples")

_numbers = itertools.count()


@dataclass(frozen=True)
class Arrival:
    """Stories, their messages in batches (shuffled, some of them twice), and the time of each batch."""

    people: list[Story]
    batches: list[list[Message]]
    times: list[float]

    def __repr__(self) -> str:
        """Return ids, types and statuses in the order of arrival, to analyze a failure."""
        lines = []
        for time, batch in zip(self.times, self.batches, strict=True):
            lines.append(f"at {time / DAY:.1f} days:")
            for event in decode_all(batch):
                day = (event.created / 1e6 - at(0).timestamp()) / DAY
                lines.append(f"  {event.id} {event.type} {event.status} of day {day:.5f}")
        return "\n".join(lines)


@st.composite
def arrivals(draw: st.DrawFn) -> Arrival:
    """Draw any arrival of any stories."""
    people = draw(stories(next(_numbers)))
    messages = [message for story in people for message in story.messages]
    # A seed instead of Hypothesis' own numbers, which are mostly small: few batches prove little.
    rng = random.Random(draw(st.integers(0, 2**32)))
    messages += rng.sample(messages, k=rng.randint(0, len(messages)))
    rng.shuffle(messages)
    cuts = sorted(rng.randint(0, len(messages)) for _ in range(rng.randint(0, 8)))
    batches = [messages[a:b] for a, b in itertools.pairwise((0, *cuts, len(messages))) if a < b]
    times = sorted(rng.uniform(0, 100) * DAY for _ in batches)
    return Arrival(people, batches, times)


def apply_arrival(consumer: Consumer, batches: Sequence[Sequence[Message]], times: Sequence[float]) -> None:
    """Apply each batch at its time, then derive as the clock worker does until nothing is due."""
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


def apply_and_check(consumer: Consumer, arrival: Arrival) -> None:
    """The property: after any arrival, the result is that of the rules."""
    consumer.forget_outbox()
    apply_arrival(consumer, arrival.batches, arrival.times)
    check(consumer, arrival.people)


def check(consumer: Consumer, people: Sequence[Story]) -> None:
    """Check that state and announcements equal the decision of the rules for all events."""
    events = chronological(event for story in people for event in story.events)
    announced = consumer.announced()
    announced_state = fold(announced)
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
            for (user, course), body in announced_state.items()
            if user == story.user
        } == {a.course_id: (a.access, a.state) for a in expected.access}
    _transitions_only(announced)


def _tied_to(user: str, events: Sequence[Event]) -> list[Event]:
    """Return the events that links connect to a user, found one by one in the simplest way."""
    reached = {("user_id", user)}
    mine: dict[str, Event] = {}
    while True:
        found = [e for e in events if e.id not in mine and _reached(user, e, reached)]
        if not found:
            return [event for event in events if event.id in mine]
        for event in found:
            mine[event.id] = event
            # A link to another user does not lead to all events of that user.
            reached |= {link for link in event.links.items() if link[0] != "user_id"}


def _reached(user: str, event: Event, reached: set[tuple[str, str]]) -> bool:
    # An event that names another user belongs to this one only through an order.
    another = event.links.get("user_id", user) != user
    return any(link in reached and (not another or link[0] == "order_id") for link in event.links.items())


def _transitions_only(announced: Sequence[dict]) -> None:
    last: dict[tuple[str, str], tuple] = {}
    ids = [body["event_id"] for body in announced if body["type"] == CHANGED]
    assert len(ids) == len(set(ids))
    for body in announced:
        if body["type"] != CHANGED:
            assert body["type"] in (DUPLICATE, WITHDRAWN)
            continue
        key = (body["user_id"], body["course_id"])
        state = tuple(str(body[name]) for name in ("access", "state", "since", "until", "source"))
        version, before = last.get(key, (0, None))
        assert state != before, "announced although nothing changed"
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
def test_any_permutation_duplication_and_split_ends_in_the_same_state(consumer, arrival):
    apply_and_check(consumer, arrival)


class Forgetful(Derivation):
    """The mutant that derives only the users that the batch names itself."""

    def derive(self, tx, events):
        self.derive_owners(tx, {event.links["user_id"] for event in events if "user_id" in event.links})


class Timeless(Derivation):
    """The mutant whose clock worker never finds anything due."""

    def due(self, tx, limit):
        return []


@pytest.mark.parametrize("mutant", [ByArrival, Forgetful, Timeless])
def test_a_mutant_is_detected(consumer, mutant):
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
        apply_and_check(consumer, arrival)

    with pytest.raises(AssertionError):
        the_same_property()


def derive_again_and_replay(consumer: Consumer, empty: Consumer, dsn: str) -> None:
    """Check that deriving again and replaying the log into an empty database give the same state."""
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
        apply_arrival(consumer, arrival.batches, arrival.times)

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
    assert empty.state_hash() == before, "the replayed log gives another state"


@pytest.fixture
def empty(make_database):
    """A consumer with an empty database."""
    with Consumer(make_database(MIGRATIONS)) as made:
        yield made


def test_deriving_again_and_a_replay_give_the_same_state_hash(consumer, empty, dsn):
    derive_again_and_replay(consumer, empty, dsn)


def test_a_replay_detects_a_mutant_that_applies_events_by_arrival(consumer, empty, dsn):
    consumer.derivation.__class__ = empty.derivation.__class__ = ByArrival
    with pytest.raises(AssertionError, match="another state"):
        derive_again_and_replay(consumer, empty, dsn)


class Restless(Derivation):
    """The mutant that writes and announces unchanged state."""

    def derive_owners(self, tx, owners, announce=True):
        tx.execute("delete from grants where user_id = any(%s)", (list(owners),))
        super().derive_owners(tx, owners, announce)


def test_a_replay_detects_a_mutant_that_writes_unchanged_rows(consumer, empty, dsn):
    consumer.derivation.__class__ = Restless
    with pytest.raises(AssertionError, match="wrote something"):
        derive_again_and_replay(consumer, empty, dsn)
