"""Failed calls of Stripe: logged with order and request id, and sorted by what they mean."""

import re
from typing import NoReturn

import stripe
import structlog
from prometheus_client import Counter

from checkout import errors

log = structlog.stdlib.get_logger(__name__)

FAILURES = Counter("checkout_stripe_failures_total", "Failed calls of Stripe", ["call", "kind"])
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")


def fail(call: str, order_id: str, error: stripe.StripeError) -> NoReturn:
    """Log what Stripe said and raise it in our own words."""
    refused = is_definite(error)
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


def is_definite(error: stripe.StripeError) -> bool:
    """Whether Stripe surely did nothing, so that a new attempt may use a new key.

    https://docs.stripe.com/error-low-level: a 5xx leaves the outcome open, and is replayed for its key ever
    after; once it comes as a replay, no retry with this key can succeed. A 409 means that another request
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
