"""Whether the payment for a course that was bought twice is refunded automatically.

Enrollment's announcement only starts the decision: by then, the first order may have been refunded or
disputed, or its access may have ended. So the decision depends on the current state of both orders. If an
operator, the buyer or a bank has acted on one of them, an operator decides.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from checkout.domain.order_state import State, access_ends_at
from checkout.domain.refunds import DROPPED, PLANNED, REFUSED
from schemas.rules import DisputeEffect, dispute_effect

LONGEST_WAIT = timedelta(minutes=10)
"""The longest pause before an undecided refund is checked again."""
_FIRST_WAIT = timedelta(seconds=1)
_FIRST_REFUSAL, _LONGEST_REFUSAL = timedelta(minutes=1), timedelta(hours=6)


class Answer(IntEnum):
    """What to do. The greatest of several answers counts."""

    REFUND = 0
    WAIT = 1
    """A necessary event has not arrived yet, or a refund is pending: check again later."""
    ASK = 2
    """An operator decides."""
    DROP = 3
    """The order is no longer a duplicate."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, and its reason as a stable code."""

    answer: Answer
    reason: str


@dataclass(frozen=True, slots=True)
class Purchase:
    """The state of one order. `refunds`: the statuses of refunds requested here, without the one in question.

    `refund_failed`: a bank returned a refund of this order, wherever that refund was requested.
    """

    order_id: str
    user_id: str
    state: str
    paid_at: datetime | None = None
    dispute: str | None = None
    mismatch: str | None = None
    payment_intent_id: str | None = None
    refunds: Collection[str] = ()
    refund_failed: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """The order `first` already gave access to `course_id`; None if that order is unknown here.

    `access_days`: how long that order gives access; None: without end.
    """

    course_id: str
    user_id: str
    first: Purchase | None
    access_days: int | None = None


def decide_duplicate(
    later: Purchase, courses: Collection[str], claims: Sequence[Claim], now: datetime
) -> Verdict:
    """Decide whether the whole payment of `later` is refunded. `courses`: the courses of its lines."""
    claimed = {claim.course_id for claim in claims}
    found = [*_later(later)]
    if not claims or not set(courses) <= claimed:
        found.append(Verdict(Answer.WAIT, "course_not_announced"))
    for claim in claims:
        found += _claim(later, claim, now)
    return max(found, key=lambda verdict: verdict.answer, default=Verdict(Answer.REFUND, "duplicate"))


def wait_before_retry(tries: int) -> timedelta:
    """Return the pause before the next check, after this many tries."""
    return _growing(_FIRST_WAIT, tries, LONGEST_WAIT)


def wait_after_refusal(tries: int) -> timedelta:
    """Return the pause before a refused refund is requested again, after this many tries."""
    return _growing(_FIRST_REFUSAL, tries, _LONGEST_REFUSAL)


def _growing(first: timedelta, tries: int, longest: timedelta) -> timedelta:
    return min(first * int(2 ** min(tries - 1, 20)), longest)


def _later(order: Purchase) -> Iterator[Verdict]:
    def say(answer: Answer, reason: str) -> Verdict:
        return Verdict(answer, reason)

    yield from _touched(order, say)
    if order.state in (State.PAID, State.PARTIALLY_REFUNDED) and order.payment_intent_id is None:
        yield Verdict(Answer.DROP, "nothing_was_paid")


def _claim(later: Purchase, claim: Claim, now: datetime) -> Iterator[Verdict]:
    first = claim.first
    if first is None:
        # It may be missing from a restored backup. Whether it is still valid cannot be decided here.
        yield Verdict(Answer.ASK, "first_order_is_unknown")
        return
    yield from _touched(first, lambda answer, reason: Verdict(answer, f"first_order_{reason}"))
    if first.dispute is not None and dispute_effect(first.dispute) is DisputeEffect.INQUIRY:
        # The bank has opened an inquiry, which may still become a chargeback.
        yield Verdict(Answer.ASK, "first_order_inquiry")
    if {later.user_id, first.user_id} != {claim.user_id}:
        yield Verdict(Answer.ASK, "orders_of_two_users")
    if later.paid_at and first.paid_at:
        if (first.paid_at, first.order_id) >= (later.paid_at, later.order_id):
            # Never refund the earliest: an earlier valid order must remain.
            yield Verdict(Answer.ASK, "first_order_was_paid_later")
        ends_at = access_ends_at(first.paid_at, claim.access_days)
        if ends_at is not None and ends_at <= now:
            yield Verdict(Answer.DROP, "first_order_ended")


def _touched(order: Purchase, say: Callable[[Answer, str], Verdict]) -> Iterator[Verdict]:
    """Yield the reasons why an order is not simply paid: a refund, a dispute, a mismatch, no payment yet."""
    match order.state:
        case State.PAID if order.mismatch is not None:
            yield say(Answer.ASK, "does_not_fit")
        case State.PAID:
            pass
        case State.REFUNDED:
            yield say(Answer.DROP, "given_back")
        case State.PARTIALLY_REFUNDED:
            yield say(Answer.ASK, "partly_given_back")
        case _:
            # Enrollment consumed its payment first, or that staff accepted it: until that arrives, the
            # payment is a mismatch here. The order may also have been closed.
            yield say(Answer.WAIT, "not_paid_yet")
    if order.dispute is not None and not dispute_effect(order.dispute).harmless:
        # Enrollment has suspended or revoked it, and announces the duplicate again if access returns.
        yield say(Answer.DROP, "disputed")
    statuses = set(order.refunds) - {PLANNED, DROPPED, "canceled"}
    if order.refund_failed or statuses & {REFUSED, "failed"}:
        yield say(Answer.ASK, "refund_failed")
    elif statuses and order.state == State.PAID:
        yield say(Answer.WAIT, "refund_under_way")
