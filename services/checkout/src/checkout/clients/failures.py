"""Logs failed calls of Stripe, and turns them into our errors: refused or unavailable."""

import re
from typing import NoReturn

import stripe
import structlog
from prometheus_client import Counter

from checkout import errors

log = structlog.stdlib.get_logger(__name__)

# Kinds: refused, unavailable; buyer, when the buyer's own data is the reason, which no operator can fix.
FAILURES = Counter("checkout_stripe_failures_total", "Failed calls of Stripe", ["call", "kind"])
_EMAIL = "customer_email"
"""The parameter that holds the buyer's email address."""
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")


def fail(call: str, order_id: str, error: stripe.StripeError) -> NoReturn:
    """Log Stripe's error, and raise EmailRefused, StripeRefused or StripeUnavailable."""
    refused = is_definite(error)
    param = getattr(error, "param", None)
    kind = ("buyer" if param == _EMAIL else "refused") if refused else "unavailable"
    # The SDK copies the code for some kinds of error only.
    code = error.code or getattr(error.error, "code", None)
    FAILURES.labels(call, kind).inc()
    (log.warning if kind == "buyer" else log.error)(
        "stripe call failed",
        call=call,
        order_id=order_id,
        stripe_request_id=error.request_id,
        stripe_code=code,
        status=error.http_status,
        param=param,
        kind=type(error).__name__,
        detail=_impersonal(str(error.user_message or error)),
        refused=refused,
    )
    if kind == "buyer":
        raise errors.EmailRefused(
            "Stripe, our payment provider, does not accept your email address. Correct it in your account,"
            " then sign in again.",
            code=code,
            request_id=error.request_id,
            param=param,
        ) from error
    if refused:
        raise errors.StripeRefused(
            "Stripe, our payment provider, refused this request. The error is logged; try again later, "
            "and name the order when you ask for help.",
            code=code,
            request_id=error.request_id,
            param=param,
        ) from error
    raise errors.StripeUnavailable(
        "Stripe, our payment provider, does not answer now. Nothing was charged; try again in a few seconds.",
        code=code,
        request_id=error.request_id,
    ) from error


def translated(error: stripe.StripeError) -> errors.StripeError:
    """Return our error, with Stripe's message, for an error that concerns no order."""
    kind = errors.StripeRefused if is_definite(error) else errors.StripeUnavailable
    return kind(_impersonal(str(error.user_message or error)), request_id=error.request_id)


def _impersonal(words: str) -> str:
    """Return Stripe's message without email addresses; it contains no complete card number or key."""
    return _ADDRESS.sub("[address]", words)[:500]


def is_definite(error: stripe.StripeError) -> bool:
    """Return whether Stripe certainly did nothing, so that a new attempt may use a new key.

    https://docs.stripe.com/error-low-level: after a 5xx the outcome is unknown, and Stripe stores that answer
    for the key. Once it is a replay of the stored answer, no retry with this key can succeed. A 409 means
    that another request with the same key is in progress, a 429 that this one was not processed.
    """
    status = error.http_status
    if status is None or status in (409, 429):
        return False
    if status >= 500:
        headers = {str(name).lower(): value for name, value in dict(error.headers or {}).items()}
        return str(headers.get("idempotent-replayed", "")).lower() == "true"
    # After any other answer, such as a proxy's error page, the outcome is unknown.
    return isinstance(error, _WORDED)


_WORDED = (
    stripe.InvalidRequestError,
    stripe.IdempotencyError,
    stripe.CardError,
    stripe.AuthenticationError,
    stripe.PermissionError,
)
