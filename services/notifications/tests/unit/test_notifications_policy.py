"""Which mails are skipped, and when an attempt is repeated."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from notifications_story import START

from notifications.domain.mails import Mail
from notifications.domain.policy import Policy, is_left_to_the_consumer, retry_seconds
from notifications.mails.samples import RECEIPT


def mail(happened_at: datetime) -> Mail:
    return Mail("ord_1", "ord_1", "user_1", "asha@example.com", "en", happened_at, RECEIPT)


@pytest.mark.parametrize(
    ("age", "not_before", "reason"),
    [
        (timedelta(hours=71), None, None),
        (timedelta(hours=73), None, "too_old"),
        (timedelta(hours=1), timedelta(hours=2), None),
        (timedelta(hours=3), timedelta(hours=2), "not_before"),
    ],
)
def test_mails_about_the_past_are_skipped(
    age: timedelta, not_before: timedelta | None, reason: str | None
) -> None:
    now = START + age
    policy = Policy(timedelta(hours=72), now - not_before if not_before else None)

    assert policy.skip(mail(START), now) == reason
    assert policy.skip_rebuilt(mail(START), now) == (reason or "rebuild")


def test_pauses_between_attempts_double_up_to_an_hour() -> None:
    pauses = [retry_seconds(failed, 15) for failed in range(1, 16)]

    assert pauses[:4] == [5, 10, 20, 40]
    assert pauses[9:] == [2560, 3600, 3600, 3600, 3600, None]


def test_a_rebuild_leaves_mails_of_the_last_hour_to_the_consumer() -> None:
    assert is_left_to_the_consumer(mail(START), START + timedelta(minutes=59))
    assert not is_left_to_the_consumer(mail(START), START + timedelta(minutes=60))
