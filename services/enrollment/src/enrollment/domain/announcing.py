"""What is announced of a change, and with which version."""

from datetime import datetime

from enrollment.domain.types import Grant
from schemas.times import microseconds


def next_version(now: datetime, last: int | None) -> int:
    """Return the version of an announcement after one with the version `last`; None: it is the first.

    Versions grow even if the clock moves back, since consumers ignore a version that is not greater.
    """
    return max(microseconds(now), 0 if last is None else last + 1)


def is_new_duplicate(grant: Grant, known: str | None) -> bool:
    """Return whether to announce the grant as a duplicate; `known` is the first order as last derived.

    It is announced again when another order turns out to be the first, or after it was no duplicate.
    """
    return grant.duplicate_of is not None and grant.duplicate_of != known
