"""Grants of order lines: one-time purchases."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from enrollment.domain.book import Book, cause_of
from enrollment.domain.facts import IntentFacts, OrderExpiredFacts, OrderFacts, SessionFacts
from enrollment.domain.payments import NO_HISTORY, PaymentHistory
from enrollment.domain.sessions import session_mismatch, session_state, sessions_by_order
from enrollment.domain.types import Grant, Policy, State
from messaging.eventset.event import Event
from schemas.rules import Coverage, PaidLine, ended_unpaid, is_complete, is_settled, paid_by_line
from schemas.times import instant


@dataclass(frozen=True, slots=True)
class CourseLine:
    """A line of an order that opens a course. `access_days` is None for access without an end."""

    line_id: str
    course_id: str
    access_days: int | None = None


def order_grants(
    book: Book, histories: Mapping[str, PaymentHistory], now: datetime, policy: Policy
) -> Iterator[Grant]:
    """Return the grants of all lines of the orders that have a completed session."""
    sessions = sessions_by_order(book)
    for order_id, versions in book.orders.items():
        attempts = [
            list(_attempt(book, order_id, versions, events, histories, now, policy))
            for events in sessions.get(order_id, ())
        ]
        if len(attempts) == 1:
            yield from attempts[0]
            continue
        # Two sessions of one order may both be paid. The best payment decides each line: a refund of the
        # second must not revoke what the first still pays for.
        by_line: dict[str, list[Grant]] = defaultdict(list)
        for grant in (grant for attempt in attempts for grant in attempt):
            by_line[grant.line_id].append(grant)
        for grants in by_line.values():
            yield min(grants, key=_preference)


def course_lines(order: Event[OrderFacts]) -> list[CourseLine]:
    """Return the lines of an order that open a course. A plan's line opens nothing: its subscription does."""
    return [
        CourseLine(line.line_id, line.course_id, line.access_days)
        for line in order.facts.lines
        if line.course_id and line.kind != "plan"
    ]


def paid_lines(order: Event[OrderFacts], paid: int) -> list[PaidLine]:
    """Return every line of an order with its part of what was paid, in minor units with tax."""
    lines = order.facts.lines
    return [
        PaidLine(line.line_id, part, line.bundle_id)
        for line, part in zip(lines, paid_by_line([line.amount for line in lines], paid), strict=True)
    ]


def _attempt(
    book: Book,
    order_id: str,
    versions: Sequence[Event[OrderFacts]],
    session: Sequence[Event[SessionFacts]],
    histories: Mapping[str, PaymentHistory],
    now: datetime,
    policy: Policy,
) -> Iterator[Grant]:
    """Return what one session of an order grants. `versions` are the announcements of the order."""
    states = [(event, session_state(event)) for event in session]
    complete = [state for _, state in states if is_complete(state)]
    order = next(
        (v for v in versions for state in complete if session_mismatch(book, v, state) is None), None
    )
    if order is None:
        return
    settled = next((s for s in complete if is_settled(s) and session_mismatch(book, order, s) is None), None)
    # Access counts from the first event that reports the payment, even if only a later one has all amounts.
    paid_at = next((event.created for event, state in states if is_settled(state)), 0)
    intent = next(
        (event.links["payment_intent_id"] for event in session if "payment_intent_id" in event.links), None
    )
    history = histories.get(intent, NO_HISTORY) if intent else NO_HISTORY
    covered: Coverage | None = None
    if settled and (history.refunds or history.disputes):
        covered = history.coverage(paid_lines(order, settled.paid), order.facts.currency)
    attempts: Sequence[Event[IntentFacts]] = ()
    if intent and settled is None:
        attempts = book.intents.get(intent, ())
    closing = None if settled else book.closings.get(order_id)
    revocation = book.revocations.get(order_id) if settled and intent is None else None
    decisions = [event for event in (closing, revocation) if event is not None]
    cause = cause_of((order, *session, *attempts, *history.events, *decisions))
    for line in course_lines(order):
        since = instant(paid_at) if settled else None
        until = since + timedelta(days=line.access_days) if since and line.access_days else None
        if settled is None:
            state, reason = _state_until_paid(closing, session, attempts)
        elif revocation is not None:
            state, reason = State.REVOKED, "order_revoked"
        else:
            state, reason = _state_when_paid(history, covered, line.line_id, until, now, policy)
        yield Grant(
            kind="order",
            source_id=order_id,
            line_id=line.line_id,
            course_id=line.course_id,
            state=state,
            reason=reason,
            since=since,
            until=until,
            payment_intent_id=intent,
            flagged=history.flagged,
            cause=cause,
        )


def _state_until_paid(
    closing: Event[OrderExpiredFacts] | None,
    session: Sequence[Event[SessionFacts]],
    attempts: Sequence[Event[IntentFacts]],
) -> tuple[State, str]:
    """Return the state and reason of a line whose session is complete and not paid."""
    if ended_unpaid(session, attempts) is not None:
        return State.EXPIRED, "payment_failed"
    completed_at = min(event.created for event in session if event.status == "complete")
    # A session that was completed after the order was closed is on its way again.
    if closing is not None and closing.created >= completed_at:
        return State.EXPIRED, "order_closed"
    return State.PENDING, "unpaid"


def _state_when_paid(
    history: PaymentHistory,
    covered: Coverage | None,
    line_id: str,
    until: datetime | None,
    now: datetime,
    policy: Policy,
) -> tuple[State, str]:
    """Return the state and reason of a line that was paid. `covered`: by refunds and disputes, if any."""
    if covered is not None and line_id in covered.refunded:
        return State.REVOKED, "refunded"
    if covered is not None and line_id in covered.charged_back:
        return State.REVOKED, "dispute_lost"
    if until is not None and until <= now:
        return State.EXPIRED, "access_ended"
    if covered is not None and line_id in covered.withheld:
        return State.SUSPENDED, "dispute"
    if history.warning_open and policy.fraud_warning_suspends:
        return State.SUSPENDED, "fraud_warning"
    return State.ACTIVE, "paid"


_RANK = {state: rank for rank, state in enumerate(State)}


def _preference(grant: Grant) -> tuple[int, bool, float, str]:
    return (
        _RANK[grant.state],
        grant.until is not None,
        -grant.until.timestamp() if grant.until else 0.0,
        grant.payment_intent_id or "",
    )
