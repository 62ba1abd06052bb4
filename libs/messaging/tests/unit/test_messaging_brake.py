"""The brake: too many dead letters stop the consumer."""

from dataclasses import dataclass

from messaging.runtime.brake import Brake


@dataclass
class HandClock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_brake_needs_both_a_count_and_a_share() -> None:
    brake = Brake(HandClock())
    assert not brake.would_trip(20, 20), "20 dead letters are not more than 20"
    assert brake.would_trip(21, 21)
    assert brake.would_trip(2099, 21), "21 of 2099 are more than 1 %"
    assert not brake.would_trip(2100, 21), "21 of 2100 are 1 %, not more"


def test_dead_letters_of_small_batches_add_up() -> None:
    brake = Brake(HandClock())
    for _ in range(20):
        assert not brake.would_trip(1, 1)
        brake.passed(1, 1)
    assert brake.would_trip(1, 1)


def test_would_trip_stores_nothing() -> None:
    # Each retry checks the same batch while the dead-letter topic is unavailable.
    brake = Brake(HandClock())
    assert not any(brake.would_trip(15, 15) for _ in range(100))


def test_a_batch_without_dead_letters_never_trips_the_brake() -> None:
    clock = HandClock()
    brake = Brake(clock)
    brake.passed(3000, 0)
    clock.now += 200
    brake.passed(30, 25)
    clock.now += 200  # the good messages leave the window: the share rises without a new dead letter
    assert not brake.would_trip(10, 0)


def test_dead_letters_before_the_window_do_not_count() -> None:
    clock = HandClock()
    brake = Brake(clock)
    brake.passed(20, 20)
    assert brake.would_trip(1, 1)
    clock.now += 299
    assert brake.would_trip(1, 1)
    clock.now += 2
    assert not brake.would_trip(1, 1)
