"""The detection of stalled partitions, on a clock that the tests set."""

from collections.abc import Mapping
from itertools import pairwise

import pytest

from messaging.runtime.log_bounds import Bounds, LogBounds
from messaging.runtime.partitions import Place
from messaging.runtime.progress import REJOIN_MOST_SECONDS, Heal, Progress, Stall, describe

A, B = Place("orders", 0), Place("orders", 1)


class Consumer:
    """What the rule sees of a consumer: its assignment, positions, the log, and how busy it is."""

    def __init__(self, stall_seconds: float = 60.0, round_bytes: int = 1000) -> None:
        self.now = 1000.0
        self.assigned = {A, B}
        self.positions: dict[Place, int] = {A: 10, B: 10}
        self.ends: dict[Place, int] = {A: 10, B: 10}
        self.unreachable: Mapping[Place, str] = {}
        self.progress = Progress(stall_seconds, lambda: self.now, lambda: round_bytes)

    def work(self, seconds: float, took: int = 0) -> list[Stall]:
        """Work for a time, in turns of a second that take `took` bytes each; what the last turn finds."""
        stalls: list[Stall] = []
        for _ in range(round(seconds)):
            self.now += 1
            stalls = self.turn(took)
        return stalls

    def turn(self, took: int = 0) -> list[Stall]:
        self.progress.took(took)
        known = {place: Bounds(0, end) for place, end in self.ends.items() if place not in self.unreachable}
        return self.progress.look(self.assigned, self.positions, LogBounds(known, self.unreachable))


def test_a_partition_with_messages_that_does_not_advance_is_named_after_the_time() -> None:
    consumer = Consumer()
    consumer.ends[B] = 15
    assert consumer.work(60) == []
    (stall,) = consumer.work(2)
    assert (stall.place, stall.waiting, stall.unreachable) == (B, 5, None)
    assert describe([stall]).startswith("orders/1 (5 messages waiting, no progress for 6")


def test_a_partition_without_messages_never_stalls() -> None:
    assert Consumer().work(500) == []


def test_a_partition_that_advances_never_stalls() -> None:
    consumer = Consumer()
    for _ in range(20):
        consumer.ends[B] += 1000
        assert consumer.work(55) == []
        consumer.positions[B] += 1


def test_a_new_group_that_reads_nothing_stalls_too() -> None:
    consumer = Consumer()
    del consumer.positions[A]
    (stall,) = consumer.work(70)
    assert (stall.place, stall.waiting) == (A, 10)


def test_it_seeks_first_and_then_rejoins_at_growing_intervals() -> None:
    consumer = Consumer()
    consumer.ends[B] = 15
    healed = []
    for second in range(1, 4000):
        healed += [(second, stall.heal) for stall in consumer.work(1) if stall.heal]
    seconds = [second for second, _ in healed]
    pauses = [later - earlier for earlier, later in pairwise(seconds)]
    assert [heal for _, heal in healed][:3] == [Heal.SEEK, Heal.REJOIN, Heal.REJOIN]
    assert pauses[:6] == [60, 60, 120, 240, 480, 600]
    assert max(pauses) == REJOIN_MOST_SECONDS


def test_progress_ends_a_stall_and_the_next_one_begins_with_a_seek_again() -> None:
    consumer = Consumer()
    consumer.ends[B] = 15
    consumer.work(200)
    consumer.positions[B] = 15
    assert consumer.work(1) == []
    consumer.ends[B] = 20
    found = [stall.heal for _ in range(70) for stall in consumer.work(1) if stall.heal]
    assert found == [Heal.SEEK]


def test_time_in_which_the_process_was_frozen_does_not_count() -> None:
    consumer = Consumer()
    consumer.ends[B] = 15
    consumer.work(5)
    consumer.now += 3600
    assert consumer.turn() == []
    assert consumer.work(50) == []
    assert consumer.work(10) != []


def test_time_without_a_look_does_not_count() -> None:
    # A consumer that waits for its database reports that and does not call `look`.
    consumer = Consumer()
    consumer.ends[B] = 15
    for _ in range(25):
        assert consumer.turn() == []
        consumer.now += 600


def test_a_busy_consumer_may_let_a_partition_wait_for_its_turn() -> None:
    consumer = Consumer(round_bytes=1000)
    consumer.ends[B] = 15
    # 65 seconds with 30 bytes each are less than four rounds: the partition's messages may lie in the queue.
    assert consumer.work(65, took=30) == []
    # After several rounds over all partitions it counts as skipped.
    assert [stall.place for stall in consumer.work(80, took=30)] == [B]


def test_one_empty_queue_shows_that_nothing_was_fetched_of_a_partition() -> None:
    consumer = Consumer(round_bytes=1_000_000)
    consumer.ends[B] = 15
    assert consumer.work(70, took=10) == []
    assert [stall.place for stall in consumer.work(1, took=0)] == [B]


def test_a_partition_that_cannot_be_read_is_named_and_not_healed() -> None:
    consumer = Consumer()
    consumer.unreachable = {B: "the partition has no leader"}
    (stall,) = consumer.work(300)
    assert (stall.place, stall.heal) == (B, None)
    assert describe([stall]) == "orders/1 (cannot be read: the partition has no leader)"
    # When its leader is back, the client gets the full time to fetch.
    consumer.unreachable = {}
    consumer.ends[B] = 15
    assert [stall.heal for _ in range(59) for stall in consumer.work(1) if stall.heal] == []
    assert [stall.heal for _ in range(5) for stall in consumer.work(1) if stall.heal] == [Heal.SEEK]


def test_a_partition_whose_leader_comes_and_goes_does_not_escape() -> None:
    consumer = Consumer()
    consumer.ends[B] = 15
    for number in range(20):
        consumer.unreachable = {B: "no leader"} if number % 2 else {}
        stalls = consumer.work(10)
    assert [stall.place for stall in stalls] == [B]


@pytest.mark.parametrize("away", [5, 50])
def test_earlier_attempts_are_remembered_while_the_consumer_rejoins(away: int) -> None:
    consumer = Consumer()
    consumer.ends[B] = 15
    consumer.work(130)
    consumer.assigned = set()
    assert [stall.place for stall in consumer.work(away)] == [B], "still reported while nothing is assigned"
    # Assigned again: at first neither the log's end nor the group's position is known.
    consumer.assigned = {A, B}
    ends, positions = consumer.ends, consumer.positions
    consumer.ends, consumer.positions = {}, {}
    consumer.work(2)
    consumer.ends = ends
    consumer.work(2)
    consumer.positions = positions
    assert [stall.place for stall in consumer.work(1)] == [B]
    found = [stall.heal for _ in range(70) for stall in consumer.work(1) if stall.heal]
    assert found == [Heal.REJOIN]


def test_a_partition_that_moved_to_another_consumer_is_forgotten() -> None:
    consumer = Consumer()
    consumer.ends[B] = 15
    consumer.work(100)
    consumer.assigned = {A}
    assert consumer.work(1) == []
    consumer.work(70)
    consumer.assigned = {A, B}
    assert consumer.work(59) == [], "what is known of it has ended"


def test_a_partition_that_moves_between_consumers_does_not_cause_constant_rejoins() -> None:
    consumer = Consumer()
    rejoined = []
    consumer.ends[B] = 15
    while consumer.now < 10_000:
        if any(stall.heal is Heal.REJOIN for stall in consumer.work(1)):
            rejoined.append(consumer.now)
            # It moves to another consumer and returns after some time.
            consumer.assigned = {A}
            consumer.work(150)
            consumer.assigned = {A, B}
    pauses = [later - earlier for earlier, later in pairwise(rejoined)]
    assert all(later >= earlier for earlier, later in pairwise(pauses))
    assert pauses[-1] >= REJOIN_MOST_SECONDS


def test_every_unreachable_partition_is_named_and_each_reason_once() -> None:
    places = [Place("orders", number) for number in range(12)]
    reason = "its leader, broker 1, does not answer: Failed to get offsets: Local: Timed out"
    text = describe([Stall(place, 70.0, 0, reason, None) for place in places])
    assert all(f"orders/{number}" in text for number in range(12))
    assert text.count(reason) == 1
