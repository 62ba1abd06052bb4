"""Decides which mails are stored as skipped instead of being sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from notifications.domain.mails import Mail

SkipReason = Literal["too_old", "not_before", "rebuild"]

REBUILD_MARGIN = timedelta(hours=1)
"""A rebuild leaves younger mails to the consumer, which may be about to store them as pending."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Which mails are skipped. A receipt that arrives days after the payment would only alarm the buyer.

    `not_before` is for an empty database that reads the log again: the previous database has sent the mails
    about what happened earlier.
    """

    max_age: timedelta
    not_before: datetime | None = None

    def skip(self, mail: Mail, now: datetime) -> SkipReason | None:
        """Return why this mail is skipped, or None if it must be sent."""
        if self.not_before is not None and mail.happened_at < self.not_before:
            return "not_before"
        return "too_old" if now - mail.happened_at > self.max_age else None

    def skip_rebuilt(self, mail: Mail, now: datetime) -> SkipReason:
        """Return why a mail that a rebuild has found missing is skipped: a rebuild sends nothing."""
        return self.skip(mail, now) or "rebuild"


def is_left_to_the_consumer(mail: Mail, now: datetime) -> bool:
    """Whether a rebuild must not store this mail, because the consumer may be about to."""
    return now - mail.happened_at < REBUILD_MARGIN
