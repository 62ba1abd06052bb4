"""The messages that checkout publishes, for the outbox. A repeated message has the same id."""

from datetime import datetime
from typing import Literal

from checkout.domain.catalog import Course
from checkout.domain.lines import line_id
from checkout.domain.order import Order
from messaging.message import OutgoingMessage
from schemas.events import (
    CourseChanged,
    Event,
    OrderExpired,
    OrderLine,
    OrderPlaced,
    OrderRevoked,
    PaymentAccepted,
    Price,
    Terms,
)

SOURCE = "masterji/checkout"
Reason = Literal["session_expired", "session_never_created", "superseded", "canceled"]


def order_placed(order: Order, session_id: str, at: datetime, traceparent: str) -> OutgoingMessage:
    """Return the message that the buyer received a payment page for this order."""
    event = OrderPlaced(
        order_id=order.order_id,
        user_id=order.user_id,
        email=order.email,
        locale=order.locale,
        country=order.country,
        currency=order.currency,
        terms=Terms(version=order.terms_version, accepted_at=order.terms_accepted_at),
        promo_code=order.promo_code,
        session_id=session_id,
        amount_total=order.amount,
        lines=[
            OrderLine(
                line_id=line_id(order.order_id, line.position),
                kind=line.kind.value,
                course_id=line.course_id,
                bundle_id=line.bundle_id,
                bundle_title=line.bundle_title,
                plan_id=line.plan_id,
                category=line.category,
                title=line.title,
                list_amount=line.list_amount,
                discount_amount=line.discount_amount,
                access_days=line.access_days,
            )
            for line in order.lines
        ],
    )
    return _message(event, f"{order.order_id}.placed", at, traceparent)


def order_expired(
    order_id: str, user_id: str, session_id: str | None, reason: Reason, at: datetime, traceparent: str
) -> OutgoingMessage:
    """Return the message that the order ended without a payment."""
    event = OrderExpired(
        order_id=order_id, user_id=user_id, session_id=session_id, reason=reason, expired_at=at
    )
    return _message(event, f"{order_id}.expired", at, traceparent)


def order_revoked(order: Order, reason: str, admin: str, at: datetime, traceparent: str) -> OutgoingMessage:
    """Return the message that staff ended an order for which nothing was paid."""
    event = OrderRevoked(
        order_id=order.order_id, user_id=order.user_id, revoked_by=admin, reason=reason, revoked_at=at
    )
    return _message(event, f"{order.order_id}.revoked", at, traceparent)


def payment_accepted(
    order: Order, session_id: str, reason: str, admin: str, at: datetime, traceparent: str
) -> OutgoingMessage:
    """Return the message that staff accepted a session as the payment of an order."""
    event = PaymentAccepted(
        order_id=order.order_id,
        user_id=order.user_id,
        session_id=session_id,
        accepted_by=admin,
        reason=reason,
        accepted_at=at,
    )
    return _message(event, f"{order.order_id}.accepted.{session_id}", at, traceparent)


def course_changed(course: Course, at: datetime, traceparent: str) -> OutgoingMessage:
    """Return the message with the newest state of a course."""
    event = CourseChanged(
        course_id=course.course_id,
        title=course.title,
        category=course.category,
        description=course.description,
        prices=[Price(currency=currency, amount=amount) for currency, amount in course.prices.items()],
        access_days=course.access_days,
        active=course.active,
        version=course.version,
    )
    return _message(event, f"course.{course.course_id}.{course.version}", at, traceparent)


def _message(event: Event, event_id: str, at: datetime, traceparent: str) -> OutgoingMessage:
    return OutgoingMessage.of(event, id=event_id, source=SOURCE, time=at, traceparent=traceparent)
