"""The pauses between attempts."""

import random

from processkit.backoff import Backoff


def test_waits_double_up_to_the_maximum_and_are_at_least_half_of_it() -> None:
    backoff = Backoff(random.Random(1), first=0.1, most=10.0)
    ceilings = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]
    for ceiling in ceilings:
        assert ceiling / 2 <= backoff.next_seconds() <= ceiling


def test_waits_stay_finite_after_thousands_of_attempts() -> None:
    backoff = Backoff(random.Random(1))
    for _ in range(5000):
        assert backoff.next_seconds() <= 10.0


def test_two_consumers_do_not_retry_at_the_same_time() -> None:
    one, two = Backoff(random.Random(1)), Backoff(random.Random(2))
    assert [one.next_seconds() for _ in range(5)] != [two.next_seconds() for _ in range(5)]


def test_success_resets_the_wait() -> None:
    backoff = Backoff(random.Random(1), first=0.1)
    for _ in range(8):
        backoff.next_seconds()
    backoff.reset()
    assert backoff.next_seconds() <= 0.1
