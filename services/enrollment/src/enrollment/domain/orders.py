"""Grants of order lines: what was bought once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from enrollment.domain.book import Book, cause_of
from enrollment.domain.payments import NOTHING, Aftermath
from enrollment.domain.refunds import Line, refunded_lines
from enrollment.domain.types import Grant, Policy, State, moment
from messaging.eventset.event import Event

_PAID = frozenset({"paid", "no_payment_required"})


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


def sessions_by_order(book: Book) -> dict[str, list[list[Event]]]:
    """The sessions of each order, by their metadata or because the order names them."""
    named = {
        version.links["session_id"]: order_id
        for order_id, versions in book.orders.items()
        for version in versions
        if "session_id" in version.links
    }
    result: dict[str, list[list[Event]]] = defaultdict(list)
    for session_id, events in book.sessions.items():
        order_id = book.order_of_session.get(session_id) or named.get(session_id)
        if order_id is not None:
            result[order_id].append(events)
    return result


def order_lines(order: Event) -> list[Line]:
    """The lines of an order that open a course by themselves; a plan's is opened by its subscription."""
    return [
        Line(line["line_id"], line["course_id"], line["amount"], line.get("access_days"))
        for line in order.facts["lines"]
        if line.get("course_id") and line.get("kind") != "plan"
    ]


def is_paid(session: Event) -> bool:
    """Whether this event says that its session is settled.

    `payment_status` alone does not: a session whose whole price was discounted says `no_payment_required`
    even when it expires unused.
    """
    return is_complete(session) and session.facts.get("payment_status") in _PAID


def is_complete(session: Event) -> bool:
    """Whether the buyer went through with the session; the money may still be on its way."""
    return session.status == "complete"


def disagreement(order: Event, session: Event) -> str | None:
    """What differs between an order and the session that claims to pay for it; None when they agree."""
    if session.facts.get("currency") != order.facts["currency"]:
        return "currency_differs"
    if session.facts.get("amount") != order.facts["amount"]:
        return "amount_differs"
    return None


def _attempt(
    order_id: str,
    versions: Sequence[Event],
    session: Sequence[Event],
    after: Mapping[str, Aftermath],
    now: datetime,
    policy: Policy,
) -> Iterator[Grant]:
    """What one session of an order grants. An order that was announced again has several versions."""
    complete = [event for event in session if is_complete(event)]
    order = next((version for version in versions for e in complete if not disagreement(version, e)), None)
    if order is None:
        return
    complete = [event for event in complete if not disagreement(order, event)]
    paid = next((event for event in complete if is_paid(event)), None)
    intent = next(
        (event.links["payment_intent_id"] for event in session if "payment_intent_id" in event.links), None
    )
    since_then = after.get(intent, NOTHING) if intent else NOTHING
    lines = order_lines(order)
    lost = refunded_lines(all_lines(order), since_then.refunds)
    cause = cause_of((order, *session, *since_then.events))
    for line in lines:
        if line.course_id is None:
            continue
        since = moment(paid.created) if paid else None
        until = since + timedelta(days=line.access_days) if since and line.access_days else None
        if paid is None:
            failed = any(event.type == "checkout.session.async_payment_failed" for event in complete)
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


def all_lines(order: Event) -> list[Line]:
    """Every line that money was paid for, also those that open no course."""
    return [Line(line["line_id"], line.get("course_id"), line["amount"]) for line in order.facts["lines"]]


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
