"""Grants of order lines: what was bought once."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from enrollment.domain.book import Book, cause_of
from enrollment.domain.payments import NOTHING, Aftermath
from enrollment.domain.sessions import session_mismatch, session_state, sessions_by_order
from enrollment.domain.types import Grant, Policy, State
from messaging.eventset.event import Event
from schemas.rules import PaidLine, allocate, is_complete, is_settled, paid_by_line
from schemas.times import instant


@dataclass(frozen=True, slots=True)
class CourseLine:
    """A line of an order that opens a course. `access_days` is None for access without an end."""

    line_id: str
    course_id: str
    access_days: int | None = None


def order_grants(
    book: Book, after: Mapping[str, Aftermath], now: datetime, policy: Policy
) -> Iterator[Grant]:
    """The grants of every line of every order that a session has answered."""
    sessions = sessions_by_order(book)
    for order_id, versions in book.orders.items():
        attempts = [
            list(_attempt(order_id, versions, events, after, now, policy))
            for events in sessions.get(order_id, ())
        ]
        if len(attempts) == 1:
            yield from attempts[0]
            continue
        # Two sessions of one order may both be paid. A line is as good as its best payment: giving back the
        # second charge must not take away what the first still pays for.
        by_line: dict[str, list[Grant]] = defaultdict(list)
        for grant in (grant for attempt in attempts for grant in attempt):
            by_line[grant.line_id].append(grant)
        for grants in by_line.values():
            yield min(grants, key=_goodness)


def course_lines(order: Event) -> list[CourseLine]:
    """Return the lines of an order that open a course. A plan's line opens nothing: its subscription does."""
    return [
        CourseLine(line["line_id"], line["course_id"], line.get("access_days"))
        for line in order.facts["lines"]
        if line.get("course_id") and line.get("kind") != "plan"
    ]


def paid_lines(order: Event, paid: int) -> list[PaidLine]:
    """Return every line of an order with its part of what was paid, in minor units with tax."""
    lines = order.facts["lines"]
    return [
        PaidLine(line["line_id"], part, line.get("bundle_id"))
        for line, part in zip(lines, paid_by_line([line["amount"] for line in lines], paid), strict=True)
    ]


def _attempt(
    order_id: str,
    versions: Sequence[Event],
    session: Sequence[Event],
    after: Mapping[str, Aftermath],
    now: datetime,
    policy: Policy,
) -> Iterator[Grant]:
    """What one session of an order grants. An order that was announced again has several versions."""
    states = [(event, session_state(event)) for event in session]
    complete = [state for _, state in states if is_complete(state)]
    order = next((v for v in versions for state in complete if session_mismatch(v, state) is None), None)
    if order is None:
        return
    settled = next((s for s in complete if is_settled(s) and session_mismatch(order, s) is None), None)
    # The payment counts from the first event that reports it, also if only a later one has all the amounts.
    paid_at = next((event.created for event, state in states if is_settled(state)), 0)
    intent = next(
        (event.links["payment_intent_id"] for event in session if "payment_intent_id" in event.links), None
    )
    since_then = after.get(intent, NOTHING) if intent else NOTHING
    lost: Collection[str] = ()
    if settled and since_then.refunds:
        lines = paid_lines(order, settled.paid)
        lost = allocate(lines, since_then.refunds, order.facts["currency"]).lost
    cause = cause_of((order, *session, *since_then.events))
    for line in course_lines(order):
        since = instant(paid_at) if settled else None
        until = since + timedelta(days=line.access_days) if since and line.access_days else None
        if settled is None:
            failed = any(event.type == "checkout.session.async_payment_failed" for event in session)
            state, reason = (State.EXPIRED, "payment_failed") if failed else (State.PENDING, "unpaid")
        elif line.line_id in lost:
            state, reason = State.REVOKED, "refunded"
        else:
            state, reason = standing(since_then, until, now, policy)
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
            flagged=since_then.flagged,
            cause=cause,
        )


def standing(after: Aftermath, until: datetime | None, now: datetime, policy: Policy) -> tuple[State, str]:
    """State and reason of a grant that was paid for and not refunded."""
    if after.dispute_lost:
        return State.REVOKED, "dispute_lost"
    if until is not None and until <= now:
        return State.EXPIRED, "access_ended"
    if after.dispute_open:
        return State.SUSPENDED, "dispute"
    if after.warning_open and policy.fraud_warning_suspends:
        return State.SUSPENDED, "fraud_warning"
    return State.ACTIVE, "paid"


_PLACE = {state: place for place, state in enumerate(State)}


def _goodness(grant: Grant) -> tuple[int, bool, float, str]:
    return (
        _PLACE[grant.state],
        grant.until is not None,
        -grant.until.timestamp() if grant.until else 0.0,
        grant.payment_intent_id or "",
    )
