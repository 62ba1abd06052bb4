"""What a webhook endpoint at Stripe must send: the event types that a service acts on, and in which version.

An endpoint that sends more is fine: webhook-ingest accepts and stores every type.
"""

OLDEST_VERSION = "2024-10-28"
"""The oldest API version of an endpoint with which all rules apply. In older ones, down to 2023-10-16, Stripe
sends no refund.* events for card payments, so a refund is known without the lines that it names.
https://docs.stripe.com/changelog/acacia/2024-10-28/refund-webhook-update"""

_NEEDED = {
    "checkout.session": ("completed", "async_payment_succeeded", "async_payment_failed", "expired"),
    "payment_intent": ("processing", "succeeded", "payment_failed", "canceled"),
    "charge": ("succeeded", "captured", "updated", "refunded"),
    "charge.refund": ("updated",),
    "refund": ("created", "updated", "failed"),
    "charge.dispute": ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated"),
    "radar.early_fraud_warning": ("created", "updated"),
    "customer": ("deleted",),
    "customer.subscription": ("created", "updated", "deleted", "paused", "resumed"),
    "invoice": ("paid", "payment_failed"),
    "invoice_payment": ("paid",),
}
NEEDED_TYPES = tuple(f"{subject}.{action}" for subject, actions in _NEEDED.items() for action in actions)
"""All of them."""

NEEDED_SINCE = {"invoice_payment.paid": "2025-03-31"}
"""Before this version, an invoice itself names its payment."""


def is_before(version: str, date: str) -> bool:
    """Whether an API version, such as 2025-03-31.basil, is older than the version of a date."""
    return version < date


def needed_types(version: str | None) -> frozenset[str]:
    """Return the types that an endpoint on this API version must send; None: on the newest version."""
    return frozenset(
        event_type
        for event_type in NEEDED_TYPES
        if version is None or not is_before(version, NEEDED_SINCE.get(event_type, ""))
    )
