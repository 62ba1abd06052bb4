"""Rules of the counter: what may be asked for a course, and where a buyer may be sent.

Pure, like domain.py. Money is in the currency's minor unit.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from checkout import errors
from schemas import money

MAX_AMOUNT = 999_999_999_999
"""Twelve digits: the longest amount that Stripe takes in any currency."""
SESSION_PLACEHOLDER = "{CHECKOUT_SESSION_ID}"
MAX_URL = 2000


@dataclass(frozen=True, slots=True)
class Course:
    """A course as it stands in the catalog; `prices` by currency. `version` grows with every change."""

    course_id: str
    title: str
    category: str | None
    description: str
    prices: Mapping[str, int]
    access_days: int | None
    active: bool
    version: int


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


def refuse_price(currency: str, amount: int) -> str | None:
    """Why Stripe could never charge this price, as a sentence; None when it can."""
    step, minimum = money.step(currency), money.minimum_charge(currency)
    least = minimum if minimum is not None else step
    if amount < least:
        return f"The least that can be charged in {currency} is {least} (in minor units); {amount} is less."
    if amount > MAX_AMOUNT:
        return f"The most that can be charged is {MAX_AMOUNT} (in minor units); {amount} is more."
    if amount % step:
        return f"An amount in {currency} must be divisible by {step} (in minor units); {amount} is not."
    return None


def price_in(course: Course, currency: str | None, default: str) -> tuple[str, int]:
    """The currency and amount to charge; without a wish, the default. Raises CurrencyUnavailable."""
    if currency is None:
        if not course.prices:
            raise errors.CurrencyUnavailable(course.course_id, None, ())
        chosen = default if default in course.prices else min(course.prices)
        return chosen, course.prices[chosen]
    if currency not in course.prices:
        raise errors.CurrencyUnavailable(course.course_id, currency, sorted(course.prices))
    return currency, course.prices[currency]


def check_return_url(url: str, field: str, origins: Collection[str]) -> str:
    """The address, if a buyer may be sent there after the payment page. Raises ReturnUrlRefused.

    The origin must be one of `origins`, letter for letter: a prefix would also let `https://shop.example.evil.org`
    pass, and a backslash or user part is read differently by browsers than by us.
    """
    readable = len(url) <= MAX_URL and url.isascii() and url.isprintable()
    if not readable or any(char in url for char in '\\ "<>^`|'):
        raise errors.ReturnUrlRefused(field, sorted(origins))
    try:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        raise errors.ReturnUrlRefused(field, sorted(origins)) from None
    if origin.lower() not in origins or parts.fragment:
        raise errors.ReturnUrlRefused(field, sorted(origins))
    return url


def with_session_placeholder(url: str) -> str:
    """The address with Stripe's placeholder for the session id as a query parameter, once."""
    if SESSION_PLACEHOLDER in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}session_id={SESSION_PLACEHOLDER}"
