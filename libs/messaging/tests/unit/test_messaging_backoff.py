"""How long to wait, and when to stop."""

import random
from dataclasses import dataclass

from messaging.runtime.brake import Brake
from processkit.backoff import Backoff


@dataclass
class HandClock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def test_waits_double_up_to_the_most_and_are_never_too_short() -> None:
    backoff = Backoff(random.Random(1), first=0.1, most=10.0)
    ceilings = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]
    for ceiling in ceilings:
        assert ceiling / 2 <= backoff.next_seconds() <= ceiling


def test_waits_stay_finite_after_a_night_of_tries() -> None:
    backoff = Backoff(random.Random(1))
    for _ in range(5000):
        assert backoff.next_seconds() <= 10.0


def test_two_consumers_do_not_come_back_at_the_same_moment() -> None:
    one, two = Backoff(random.Random(1)), Backoff(random.Random(2))
    assert [one.next_seconds() for _ in range(5)] != [two.next_seconds() for _ in range(5)]


def test_success_begins_anew() -> None:
    backoff = Backoff(random.Random(1), first=0.1)
    for _ in range(8):
        backoff.next_seconds()
    backoff.reset()
    assert backoff.next_seconds() <= 0.1


def test_the_brake_wants_both_a_number_and_a_share() -> None:
    brake = Brake(HandClock())
    assert not brake.would_trip(20, 20), "20 dead letters are not more than 20"
    assert brake.would_trip(21, 21)
    assert brake.would_trip(2099, 21), "21 of 2099 are more than 1 %"
    assert not brake.would_trip(2100, 21), "21 of 2100 are 1 %, not more"


def test_small_batches_add_up() -> None:
    brake = Brake(HandClock())
    for _ in range(20):
        assert not brake.would_trip(1, 1)
        brake.passed(1, 1)
    assert brake.would_trip(1, 1)


def test_asking_remembers_nothing() -> None:
    # The same batch is asked about on each retry while the dead-letter topic is away.
    brake = Brake(HandClock())
    assert not any(brake.would_trip(15, 15) for _ in range(100))


def test_a_sound_batch_never_trips_it() -> None:
    clock = HandClock()
    brake = Brake(clock)
    brake.passed(3000, 0)
    clock.now += 200
    brake.passed(30, 25)
    clock.now += 200  # the many sound ones leave the window: the share rises, but nothing new is wrong
    assert not brake.would_trip(10, 0)


def test_what_is_long_ago_is_forgotten() -> None:
    clock = HandClock()
    brake = Brake(clock)
    brake.passed(20, 20)
    assert brake.would_trip(1, 1)
    clock.now += 299
    assert brake.would_trip(1, 1)
    clock.now += 2
    assert not brake.would_trip(1, 1)
