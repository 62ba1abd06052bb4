"""Decides which mails are skipped instead of being sent, and how often and when an attempt is repeated."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from notifications.domain.mails import Mail

SkipReason = Literal["too_old", "not_before", "rebuild"]

REBUILD_MARGIN = timedelta(hours=1)
"""A rebuild does not store mails about the last hour: the consumer may be about to store them as pending."""

UNNAMED_WAIT = timedelta(minutes=5)
"""How long the mail about a refund that only its charge reports waits for the refund's own event, which names
the lines. Stripe sends both in the same seconds, in any order."""

FIRST_RETRY_SECONDS = 5.0
LONGEST_RETRY_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Policy:
    """Which mails are skipped. A receipt that arrives days after the payment would only confuse the buyer.

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


def due_at(mail: Mail, now: datetime) -> datetime:
    """Return when a mail that is new now is to be sent."""
    return max(now, mail.happened_at + UNNAMED_WAIT) if mail.unnamed else now


def is_left_to_the_consumer(mail: Mail, now: datetime) -> bool:
    """Whether a rebuild must not store this mail, because the consumer may be about to."""
    return now - mail.happened_at < REBUILD_MARGIN


def retry_seconds(attempts: int, max_attempts: int) -> float | None:
    """Return the pause after this many failed attempts; None if there is no other attempt."""
    if attempts >= max_attempts:
        return None
    return min(FIRST_RETRY_SECONDS * 2.0 ** (attempts - 1), LONGEST_RETRY_SECONDS)
