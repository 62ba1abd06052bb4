"""The time of an event: exact in both directions."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.times import EPOCH, from_seconds, instant, microseconds

MICROSECONDS = st.integers(-(10**16), 10**17)  # from 1653 to 5138


@given(MICROSECONDS)
def test_microseconds_survive_the_way_to_a_datetime_and_back(value: int) -> None:
    assert microseconds(instant(value)) == value
    assert instant(value).tzinfo is UTC


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])))
def test_a_datetime_of_any_zone_survives_the_way_to_microseconds_and_back(when: datetime) -> None:
    assert instant(microseconds(when)) == when


@given(st.integers(0, 4_102_444_800))
def test_stripe_s_seconds_and_our_microseconds_give_the_same_point_in_time(seconds: int) -> None:
    assert from_seconds(seconds) == instant(seconds * 1_000_000)


@pytest.mark.parametrize(
    ("value", "when"),
    [
        (0, EPOCH),
        (1, datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)),
        (-1, datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
        # a float has no room for the last digit: it would end in ...123457
        (253_402_300_799_123_456, datetime(9999, 12, 31, 23, 59, 59, 123_456, tzinfo=UTC)),
    ],
)
def test_no_microsecond_is_lost(value: int, when: datetime) -> None:
    assert instant(value) == when
    assert microseconds(when) == value


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        microseconds(datetime(2026, 1, 1))  # noqa: DTZ001
