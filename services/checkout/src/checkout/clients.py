"""Stripe, behind the few calls that checkout makes.

Every failure is logged with order id, Stripe's request id and code.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

import httpx
import stripe
import structlog
from prometheus_client import Counter, Histogram
from stripe import HTTPXClient, StripeClient

from checkout import errors
from checkout.offers import SESSION_PLACEHOLDER, Order, with_session_placeholder

log = structlog.stdlib.get_logger(__name__)

CALLS = Histogram("checkout_stripe_call_seconds", "Seconds a call of Stripe took", ["call"])
FAILURES = Counter("checkout_stripe_failures_total", "Failed calls of Stripe", ["call", "kind"])

# 2 tries of at most 4 s and a pause of 0.5 s fit into the 10 s that a caller waits at most.
TIMEOUT = httpx.Timeout(4.0, connect=2.0)
RETRIES = 1

# https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-locale
_LOCALE_NAMES = (
    "bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR "
    "ro ru sk sl sv th tr vi zh zh-HK zh-TW"
)
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
_LOCALES = frozenset(_LOCALE_NAMES.split())


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """A Checkout Session: `status` is open, complete or expired; `url` is there while it is open."""

    session_id: str
    status: str
    url: str | None
    expires_at: datetime
    currency: str | None
    amount: int | None


@dataclass(frozen=True, slots=True)
class MoneyBack:
    """A refund at Stripe."""

    stripe_refund_id: str
    status: str
    amount: int
    currency: str


class Stripe:
    """The calls. Each raises StripeRefused (a definite no) or StripeUnavailable (same key again)."""

    def __init__(self, key: str, api_base: str = "", *, timeout: httpx.Timeout = TIMEOUT) -> None:
        self._http = HTTPXClient(timeout=timeout)
        self._client = StripeClient(
            key,
            http_client=self._http,
            max_network_retries=RETRIES,
            base_addresses={"api": api_base} if api_base else {},
        )

    async def create_page(self, order: Order) -> PaymentPage:
        """Make the order's payment page; a repeated call of the same attempt gives the same page."""
        with CALLS.labels("create_session").time():
            try:
                session = await self._client.v1.checkout.sessions.create_async(
                    session_params(order),
                    {"idempotency_key": f"{order.order_id}:{order.attempt}"},
                )
            except stripe.StripeError as error:
                _fail("create_session", order.order_id, error)
        return _page(session)

    async def page(self, order_id: str, session_id: str) -> PaymentPage:
        """The payment page as it stands now."""
        with CALLS.labels("retrieve_session").time():
            try:
                session = await self._client.v1.checkout.sessions.retrieve_async(session_id)
            except stripe.StripeError as error:
                _fail("retrieve_session", order_id, error)
        return _page(session)

    async def expire_page(self, order_id: str, session_id: str) -> None:
        """End the payment page, so that nobody can pay on it any more. Refused when it is not open."""
        with CALLS.labels("expire_session").time():
            try:
                await self._client.v1.checkout.sessions.expire_async(session_id)
            except stripe.StripeError as error:
                _fail("expire_session", order_id, error)

    async def refund(
        self, order_id: str, payment_intent_id: str, amount: int, refund_id: str, attempt: int
    ) -> MoneyBack:
        """Give back `amount` (minor units) of the payment."""
        with CALLS.labels("create_refund").time():
            try:
                refund = await self._client.v1.refunds.create_async(
                    {
                        "payment_intent": payment_intent_id,
                        "amount": amount,
                        "metadata": {"order_id": order_id, "refund_id": refund_id},
                    },
                    {"idempotency_key": f"{refund_id}:{attempt}"},
                )
            except stripe.StripeError as error:
                _fail("create_refund", order_id, error)
        return MoneyBack(refund.id, refund.status or "pending", refund.amount, refund.currency)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]


def session_params(order: Order) -> Any:
    """The parameters of the order's session: a function of the order alone, as its key demands."""
    metadata = {"order_id": order.order_id, "user_id": order.user_id}
    product: dict[str, Any] = {"name": order.title[:250], "metadata": {"course_id": order.course_id}}
    if order.description:
        product["description"] = order.description[:500]
    who = {"customer": order.customer_id} if order.customer_id else {"customer_email": order.email}
    return {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "line_items": [
            {
                "price_data": {
                    "currency": order.currency,
                    "unit_amount": order.amount,
                    "product_data": product,
                },
                "quantity": 1,
            }
        ],
        "client_reference_id": order.order_id,
        "metadata": metadata,
        # Stripe does not copy a session's metadata to its payment.
        "payment_intent_data": {"metadata": metadata, "description": order.title[:250]},
        "locale": stripe_locale(order.locale),
        "expires_at": int(order.session_expires_at.timestamp()),
        "success_url": with_session_placeholder(order.success_url),
        "cancel_url": order.cancel_url.replace(SESSION_PLACEHOLDER, ""),
        **who,
    }


def stripe_locale(tag: str) -> str:
    """The language of the payment page: the buyer's if Stripe has it, else the browser's."""
    tag = tag.replace("_", "-")
    language = tag.split("-")[0]
    return next((known for known in (tag, language) if known in _LOCALES), "auto")


def _page(session: stripe.checkout.Session) -> PaymentPage:
    return PaymentPage(
        session_id=session.id,
        status=session.status or "expired",
        url=session.url,
        expires_at=datetime.fromtimestamp(session.expires_at, UTC),
        currency=session.currency,
        amount=session.amount_total,
    )


def _fail(call: str, order_id: str, error: stripe.StripeError) -> NoReturn:
    """Log what Stripe said and raise it in our own words."""
    refused = _is_definite(error)
    # The SDK copies the code for some kinds of error only.
    code = error.code or getattr(error.error, "code", None)
    FAILURES.labels(call, "refused" if refused else "unavailable").inc()
    log.error(
        "stripe call failed",
        call=call,
        order_id=order_id,
        stripe_request_id=error.request_id,
        stripe_code=code,
        status=error.http_status,
        param=getattr(error, "param", None),
        kind=type(error).__name__,
        detail=_impersonal(str(error.user_message or error)),
        refused=refused,
    )
    if refused:
        raise errors.StripeRefused(
            "Stripe, our payment provider, refused this request. The error is logged; try again later, "
            "and name the order when you ask for help.",
            code=code,
            request_id=error.request_id,
            param=getattr(error, "param", None),
        ) from error
    raise errors.StripeUnavailable(
        "Stripe, our payment provider, does not answer now. Nothing was charged; try again in a few seconds.",
        code=code,
        request_id=error.request_id,
    ) from error


def _impersonal(words: str) -> str:
    """Stripe's words for developers. They name no card or key in full, but repeat an address they refuse."""
    return _ADDRESS.sub("[address]", words)[:500]


def _is_definite(error: stripe.StripeError) -> bool:
    """Whether Stripe surely did nothing, so that a new attempt may use a new key.

    https://docs.stripe.com/error-low-level: a 5xx leaves the outcome open, and is replayed for its key ever
    after; once it comes as a replay, no retry with this key can mend it. A 409 means that another request
    with the same key is under way, a 429 that this one was not looked at.
    """
    status = error.http_status
    if status is None or status in (409, 429):
        return False
    if status >= 500:
        headers = {str(name).lower(): value for name, value in dict(error.headers or {}).items()}
        return str(headers.get("idempotent-replayed", "")).lower() == "true"
    # Anything else that Stripe itself did not word, such as a proxy's page, tells nothing about the outcome.
    return isinstance(error, _WORDED)


_WORDED = (
    stripe.InvalidRequestError,
    stripe.IdempotencyError,
    stripe.CardError,
    stripe.AuthenticationError,
    stripe.PermissionError,
)
