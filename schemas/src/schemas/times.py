"""The time of an event: microseconds since the epoch (UTC), as `messaging` stores it, or Stripe's seconds.

All conversions are exact: integers and `timedelta`, never a float.
"""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_MICROSECOND = timedelta(microseconds=1)


def instant(microseconds: int) -> datetime:
    """Return the point in time, in UTC, that lies this many microseconds after the epoch."""
    return EPOCH + timedelta(microseconds=microseconds)


def microseconds(when: datetime) -> int:
    """Return the microseconds since the epoch: the inverse of `instant`.

    Raises TypeError for a time without a zone.
    """
    return (when - EPOCH) // _MICROSECOND


def from_seconds(seconds: int) -> datetime:
    """Return the point in time, in UTC, of one of Stripe's timestamps."""
    return EPOCH + timedelta(seconds=seconds)
