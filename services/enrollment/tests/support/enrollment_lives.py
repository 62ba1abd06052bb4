"""Hypothesis strategies for orders and subscriptions, with and without failures."""

from __future__ import annotations

from typing import Any

from enrollment_messages import DAY, unix
from enrollment_stories import Story
from hypothesis import strategies as st

from schemas.events import OrderLine

COURSES = ("a", "b")
PRICES = (0, 500, 500, 1500)
TAXES = (0, 0, 0, 95, 500)
"""Tax on top of the price, or part of it. One amount equals a price."""
OFTEN = st.sampled_from([True] * 7 + [False])
SELDOM = st.sampled_from([False] * 7 + [True])
# Few different times, so that many events share a second.
MOMENTS = st.sampled_from([day * DAY + second for day in range(0, 60, 3) for second in (0, 0, 1)])

SESSIONS = st.sampled_from(
    [
        ("completed", "paid", "complete"),
        ("completed", "paid", "complete"),
        ("completed", "unpaid", "complete"),
        ("completed", "no_payment_required", "complete"),
        ("async_payment_succeeded", "paid", "complete"),
        ("async_payment_failed", "unpaid", "complete"),
        ("expired", "unpaid", "expired"),
        ("expired", "no_payment_required", "expired"),
    ]
)
REFUNDS = st.sampled_from(
    [
        ("created", "pending"),
        ("created", "succeeded"),
        ("updated", "succeeded"),
        ("updated", "canceled"),
        ("failed", "failed"),
    ]
)
DISPUTES = st.sampled_from(
    [
        ("created", "needs_response"),
        ("created", "warning_needs_response"),
        ("updated", "under_review"),
        ("closed", "won"),
        ("closed", "lost"),
        ("closed", "warning_closed"),
    ]
)
INTENTS = st.sampled_from(
    [
        ("succeeded", "succeeded"),
        ("canceled", "canceled"),
        ("payment_failed", "requires_payment_method"),
        ("processing", "processing"),
    ]
)
STATUSES = st.sampled_from(
    ["incomplete", "trialing", "active", "active", "past_due", "unpaid", "paused", "canceled"]
)
INVOICES = st.sampled_from(
    [
        ("paid", "paid"),
        ("paid", "paid"),
        ("payment_failed", "open"),
        ("finalized", "open"),
        ("voided", "void"),
    ]
)


@st.composite
def stories(draw: st.DrawFn, number: int) -> list[Story]:
    """Draw one or two users with one to three orders or subscriptions each. Their ids contain `number`."""
    people = [
        Story(f"u{number}_{place}", prefix=f"{number}_{place}_") for place in range(draw(st.integers(1, 2)))
    ]
    for place, story in enumerate(people):
        for n in range(draw(st.integers(1, 3))):
            order = f"{number}_{place}_{n}"
            if draw(st.sampled_from([True, True, True, False])):
                _once(draw, story, order)
            else:
                _subscription(draw, story, order)
        for n in range(draw(st.integers(0, 2))):
            _decision(draw, story, f"{number}_{place}_d{n}")
    if len(people) == 2 and draw(st.booleans()):
        # One user pays the order of the other: the session names both.
        giver, taker = people
        order = f"{number}_gift"
        taker.order(order, ("a", 500))
        giver.session(order, 500, t=draw(MOMENTS))
    return people


def _once(draw: st.DrawFn, story: Story, order: str) -> None:
    courses = draw(st.lists(st.sampled_from(COURSES), min_size=1, max_size=2, unique=True))
    prices = [draw(st.sampled_from(PRICES)) for _ in courses]
    amount = sum(prices)
    tax = draw(st.sampled_from(TAXES)) if amount else 0
    price: dict[str, Any] = {
        "tax": tax,
        "inclusive": draw(SELDOM),
        "discount": draw(st.sampled_from([0, 0, 100])),
    }
    paid = amount if price["inclusive"] else amount + tax
    if draw(OFTEN):
        days = draw(st.sampled_from([None, None, None, None, 30]))
        bundle = draw(SELDOM)
        lines = [
            OrderLine(
                line_id=f"{order}_l{n}",
                kind="bundle" if bundle else "course",
                bundle_id="bundle" if bundle else None,
                course_id=course,
                title=course,
                list_amount=each,
                access_days=days,
            )
            for n, (course, each) in enumerate(zip(courses, prices, strict=True), 1)
        ]
        story.order(order, *lines, t=draw(MOMENTS))
    for _ in range(draw(st.sampled_from([0, 1, 1, 2]))):
        kind, status = draw(INTENTS)
        story.intent(order, paid, t=draw(MOMENTS), kind=kind, status=status)
    if draw(st.booleans()):
        story.charge(order, paid, t=draw(MOMENTS), captured=True, amount_captured=paid)
    # The order names its session, so that the session may name nothing.
    price["metadata"] = draw(st.sampled_from([None, None, None, {}]))
    if draw(OFTEN):
        story.session(order, amount, t=draw(MOMENTS), **price)
    for again in range(draw(st.integers(0, 3))):
        kind, payment, status = draw(SESSIONS)
        wrong = draw(SELDOM)
        other = again == 2 and draw(st.booleans())
        story.session(
            order,
            amount + wrong,
            kind=kind,
            payment=payment,
            status=status,
            t=draw(MOMENTS),
            **price,
            **({"session": f"cs_{order}_2", "intent": f"pi_{order}_2"} if other else {}),
        )
    _returns(draw, story, order, paid, [f"{order}_l{n}" for n in range(1, len(courses) + 1)])
    if draw(SELDOM):
        # Events of another account, which name everything of ours.
        story.account = "acct_other"
        story.session(order, amount, t=draw(MOMENTS), **price)
        _returns(draw, story, order, paid, [])
        story.account = None
    if draw(SELDOM):
        story.revoked(order, t=draw(MOMENTS))
    if draw(SELDOM):
        story.closed(order, t=draw(MOMENTS))
    if draw(SELDOM):
        story.fraud_warning(order, t=draw(MOMENTS), actionable=draw(st.booleans()))


def _returns(
    draw: st.DrawFn, story: Story, order: str, amount: int, lines: list[str], intent: str = ""
) -> None:
    """Draw refunds and disputes of one payment."""
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2, 3]))):
        kind, status = draw(REFUNDS)
        more: dict[str, Any] = {"only_charge": draw(st.booleans())}
        if draw(st.booleans()):
            more["previous"] = {"status": draw(st.sampled_from(["pending", "succeeded"]))}
        if lines and draw(st.integers(0, 2)) == 2:
            more["lines"] = draw(st.lists(st.sampled_from(lines), min_size=1, unique=True))
        refund = f"re_{order}_{draw(st.integers(1, 2))}"
        sum_of = draw(st.sampled_from([amount, amount, 500, 1, 1500]))
        story.refund(
            order, sum_of, t=draw(MOMENTS), kind=kind, status=status, refund=refund, intent=intent, **more
        )
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        _charge_that_states_refunds(draw, story, order, amount, intent)
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        kind, status = draw(DISPUTES)
        sum_of = draw(st.sampled_from([amount, amount, 500, 1, 1500]))
        taken, returned = (draw(MOMENTS), -sum_of), (draw(MOMENTS), sum_of)
        story.dispute(
            order,
            status,
            kind=kind,
            t=draw(MOMENTS),
            dispute=f"dp_{order}_{draw(st.integers(1, 2))}",
            amount=sum_of,
            intent=intent,
            bookings=draw(st.sampled_from([(), (taken,), (taken, returned)])),
        )


def _charge_that_states_refunds(
    draw: st.DrawFn, story: Story, order: str, amount: int, intent: str = ""
) -> None:
    """Draw an event of a charge that states what was refunded of it, as old API versions report refunds."""
    refunded = draw(st.sampled_from([0, 1, 500, amount]))
    listed: dict[str, Any] = {}
    if draw(st.booleans()):
        refund = {
            "id": f"re_{order}_{draw(st.integers(1, 2))}",
            "object": "refund",
            "amount": refunded or 1,
            "currency": "eur",
            "status": draw(st.sampled_from(["pending", "succeeded", "failed"])),
            "created": unix(draw(MOMENTS)),
        }
        listed = {"refunds": {"object": "list", "data": [refund], "has_more": False}}
    story.charge(
        order,
        amount,
        t=draw(MOMENTS),
        kind=draw(st.sampled_from(["refunded", "updated"])),
        intent=intent,
        captured=True,
        amount_captured=amount,
        amount_refunded=refunded,
        **listed,
    )


def _subscription(draw: st.DrawFn, story: Story, order: str) -> None:
    if draw(OFTEN):
        story.plan_order(order, t=draw(MOMENTS))
    if draw(st.booleans()):
        story.plan_session(order, t=draw(MOMENTS))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(MOMENTS)
        story.subscription(
            order,
            draw(STATUSES),
            t=draw(MOMENTS),
            kind=draw(st.sampled_from(["created", "updated", "deleted"])),
            period=(start, start + 30 * DAY),
            trial_end=draw(st.sampled_from([None, None, 14 * DAY])),
            cancel_at=draw(st.sampled_from([None, None, 20 * DAY])),
            at_period_end=draw(st.booleans()),
        )
    for _ in range(draw(st.integers(0, 3))):
        kind, status = draw(INVOICES)
        story.invoice(
            order,
            draw(st.integers(0, 1)),
            kind,
            t=draw(MOMENTS),
            until=draw(st.sampled_from([30, 60])) * DAY,
            status=status,
            reason=draw(st.sampled_from(["subscription_create", "subscription_cycle"])),
            proration=draw(SELDOM),
        )
    if draw(st.booleans()):
        story.invoice_payment(order, 0, t=draw(MOMENTS))
        _returns(draw, story, order, 2000, [], intent=f"pi_in_{order}_0")
    if draw(SELDOM):
        story.customer_deleted(t=draw(MOMENTS))


def _decision(draw: st.DrawFn, story: Story, decision: str) -> None:
    course = draw(st.sampled_from(COURSES))
    t = draw(MOMENTS)
    if draw(st.booleans()):
        story.grant(decision, course, t, until=draw(st.sampled_from([None, t + 5 * DAY])))
    else:
        story.revoke(decision, course, t)
