"""What a buyer asks for, and the order that follows from it. Amounts are in minor units."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, by the token; `locale` a language tag."""

    user_id: str
    email: str
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a buyer asks for: the request, checked for its shape only."""

    course_id: str
    terms_version: str
    currency: str | None = None
    success_url: str | None = None
    cancel_url: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order as the use cases see it."""

    order_id: str
    user_id: str
    email: str
    locale: str
    course_id: str
    title: str
    description: str
    category: str | None
    access_days: int | None
    currency: str
    amount: int
    terms_version: str
    terms_accepted_at: datetime
    success_url: str
    cancel_url: str
    customer_id: str | None
    attempt: int
    session_expires_at: datetime
    """What is asked of Stripe, in this attempt."""
    session_id: str | None
    state: str
