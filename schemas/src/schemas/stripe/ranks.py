"""Lifecycle ranks: what must have come first, when Stripe's `created` (whole seconds) cannot tell.

A rank is `1000 * kind + 10 * major + minor`. Kinds stand in the order of causes: there is a payment
before there is its refund. Inside a kind, for most objects the event's type is the major part; for
refunds, disputes and invoices it is the status, because many of their events are a plain `.updated`. A
rank is deterministic, not all-knowing: where `previous_attributes` proves another order, that wins
(messaging.eventset.event.chronological).
"""

_UNKNOWN_MAJOR = 50
_REREAD = 999
"""An object that was read again from Stripe is newer than any event of the same second about it."""


def _places(*names: str) -> dict[str, int]:
    return {name: 10 * (place + 1) for place, name in enumerate(names)}


_KINDS = {
    kind: 1000 * (place + 1)
    for place, kind in enumerate(
        (
            "customer",
            "payment_method",
            "setup_intent",
            "payment_intent",
            "charge",
            "checkout.session",
            "subscription",
            "invoice",
            "invoice_payment",
            "radar.early_fraud_warning",
            "review",
            "refund",
            "dispute",
        )
    )
}

_ACTIONS: dict[str, dict[str, int]] = {
    "payment_method": _places("attached", "updated", "automatically_updated", "detached"),
    "payment_intent": _places(
        "created",
        "requires_action",
        "processing",
        "payment_failed",
        "partially_funded",
        "amount_capturable_updated",
        "succeeded",
        "canceled",
    ),
    "charge": _places("pending", "failed", "succeeded", "captured", "updated", "refunded", "expired"),
    "checkout.session": _places("completed", "async_payment_succeeded", "async_payment_failed", "expired"),
    "subscription": _places(
        "created",
        "trial_will_end",
        "pending_update_applied",
        "pending_update_expired",
        "updated",
        "paused",
        "resumed",
        "deleted",
    ),
    "review": _places("opened", "closed"),
}
_DEFAULT_ACTIONS = _places("created", "updated", "deleted")

_STATUSES: dict[str, dict[str, int]] = {
    "refund": _places("pending", "requires_action", "succeeded", "canceled", "failed"),
    "dispute": _places(
        "warning_needs_response",
        "warning_under_review",
        "warning_closed",
        "needs_response",
        "under_review",
        "prevented",
        "appeal_needs_response",
        "appeal_under_review",
        "won",
        "lost",
    ),
    "invoice": _places("draft", "open", "uncollectible", "paid", "void"),
}

_MINOR = {
    "refund": ("created", "updated", "failed"),
    "dispute": ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated"),
    "invoice": (
        "created",
        "updated",
        "finalized",
        "sent",
        "payment_failed",
        "payment_action_required",
        "paid",
        "payment_succeeded",
        "voided",
    ),
}

_SUBSCRIPTION_STATUSES = (
    "incomplete",
    "trialing",
    "active",
    "past_due",
    "unpaid",
    "paused",
    "incomplete_expired",
    "canceled",
)


def rank(event_type: str, kind: str, status: str | None) -> int:
    """The lifecycle rank of an event of this type about an object of this kind in this status (fits a
    smallint)."""
    base = _KINDS.get(kind)
    if base is None:
        return 0
    action = event_type.rpartition(".")[2]
    if action == "reread":
        return base + _REREAD
    statuses = _STATUSES.get(kind)
    if statuses is not None:
        minors = _MINOR[kind]
        minor = minors.index(action) if action in minors else 1
        return base + statuses.get(status or "", 0) + minor
    actions = _ACTIONS.get(kind, _DEFAULT_ACTIONS)
    major = actions.get(action, _UNKNOWN_MAJOR)
    minor = 0
    if kind == "subscription" and status in _SUBSCRIPTION_STATUSES:
        minor = _SUBSCRIPTION_STATUSES.index(status)
    return base + major + minor
