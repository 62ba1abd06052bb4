"""The table of topics: what each carries, by what key, for how long, from whom and for whom.

Nothing else in the system spells a topic's name: producers ask `stripe_topic` or `events.TOPIC_OF`, consumers
subscribe to `consumed_by(service)`, the topic job creates what `TOPICS` lists, and the AsyncAPI document is
generated from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

STRIPE_CHECKOUT = "stripe.checkout"
STRIPE_PAYMENTS = "stripe.payments"
STRIPE_REFUNDS = "stripe.refunds"
STRIPE_DISPUTES = "stripe.disputes"
STRIPE_BILLING = "stripe.billing"
STRIPE_CUSTOMERS = "stripe.customers"
STRIPE_OTHER = "stripe.other"
STRIPE_REREADS = "stripe.rereads"

ORDERS = "orders"
CATALOG = "catalog"
ENROLLMENTS = "enrollments"
DECISIONS = "decisions"

DAY_MS = 86_400_000

RETENTION_MS = 35 * DAY_MS
"""Stripe keeps its events for 30 days. Five more days leave time for a rebuild. Then personal data expires
automatically."""

DEAD_LETTER_RETENTION_MS = 90 * DAY_MS
"""Longer than that of other topics: a dead letter needs an operator, and after 35 days it is the last copy of
its message. Still limited, since a dead letter may contain personal data."""

MAX_MESSAGE_BYTES = 2 * 1024 * 1024
"""Above the 900 KiB that webhook-ingest accepts per body, with room for headers."""

MAX_DEAD_LETTER_BYTES = MAX_MESSAGE_BYTES + 64 * 1024
"""A dead letter is the original message with more headers, so its limit is higher."""

CONSUMER_SERVICES = ("enrollment", "notifications", "reporting", "checkout")
"""Services with a consumer group, hence with a dead-letter topic."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic, as it must exist on every broker. `key` says in words what the message key is."""

    name: str
    key: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    description: str
    partitions: int = 12
    retention_ms: int = RETENTION_MS
    cleanup: Literal["delete", "compact", "compact,delete"] = "delete"
    max_message_bytes: int = MAX_MESSAGE_BYTES

    def config(self) -> dict[str, str]:
        """Return the topic's settings for the Kafka admin API. Replication is configured by the
        cluster's operators."""
        entries = {"cleanup.policy": self.cleanup, "max.message.bytes": str(self.max_message_bytes)}
        if "delete" in self.cleanup:
            entries["retention.ms"] = str(self.retention_ms)
        return entries


# Keys give locality; nothing relies on the order of a partition.
_STRIPE_KEY = "customer, else payment_intent, else the object's id"


def _stripe(
    name: str,
    consumers: tuple[str, ...],
    description: str,
    producers: tuple[str, ...] = ("webhook-ingest",),
) -> Topic:
    return Topic(name, _STRIPE_KEY, producers, consumers, description)


def dead_letter_topic(service: str) -> str:
    """The dead-letter topic of a service's consumer group."""
    return f"{service}.dlq"


def _dead_letters(service: str) -> Topic:
    return Topic(
        dead_letter_topic(service),
        "the failed message's own key",
        (service,),
        ("operators",),
        f"Messages that {service} could not handle, unchanged; reason and origin are in the headers.",
        retention_ms=DEAD_LETTER_RETENTION_MS,
        max_message_bytes=MAX_DEAD_LETTER_BYTES,
    )


_TOPICS = (
    _stripe(
        STRIPE_CHECKOUT,
        ("checkout", "enrollment", "notifications", "reporting"),
        "checkout.session.*: sessions completed, paid late, failed or expired.",
    ),
    _stripe(
        STRIPE_PAYMENTS,
        ("checkout", "enrollment", "notifications", "reporting"),
        "payment_intent.* and charge.*: attempts, successes, declines.",
    ),
    _stripe(
        STRIPE_REFUNDS,
        ("checkout", "enrollment", "notifications", "reporting"),
        "refund.*, charge.refunded, charge.refund.*: refunds, and refunds that fail.",
    ),
    _stripe(
        STRIPE_DISPUTES,
        ("checkout", "enrollment", "notifications", "reporting"),
        "charge.dispute.*, radar.early_fraud_warning.*, review.*: disputes, inquiries and fraud warnings.",
    ),
    _stripe(
        STRIPE_BILLING,
        ("enrollment",),
        "customer.subscription.*, invoice.*, invoice_payment.*: recurring payments.",
    ),
    _stripe(
        STRIPE_CUSTOMERS,
        ("enrollment",),
        "customer.*, payment_method.*, setup_intent.*: customers and their payment methods.",
    ),
    _stripe(
        STRIPE_OTHER, (), "Every other event type, so that unknown types are kept; events of other accounts."
    ),
    _stripe(
        STRIPE_REREADS,
        ("checkout", "enrollment", "notifications", "reporting"),
        "Objects read again from Stripe: an event was lost, or it was unknown which of two came first.",
        producers=("checkout", "enrollment"),
    ),
    Topic(
        ORDERS,
        "order_id",
        ("checkout",),
        ("checkout", "enrollment", "notifications", "reporting"),
        "Orders that were placed, that ended without a payment, that staff accepted as paid or ended.",
    ),
    Topic(
        CATALOG,
        "course_id, bundle_id or plan_id",
        ("checkout",),
        ("enrollment",),
        "The newest state of each course, bundle and plan; compacted to one message per key.",
        cleanup="compact",
    ),
    Topic(
        ENROLLMENTS,
        "user_id",
        ("enrollment",),
        ("checkout",),
        "The full access state of one user and course after each change, and duplicate purchases.",
    ),
    Topic(
        DECISIONS,
        "user_id",
        ("enrollment",),
        ("enrollment",),
        "Access that administrators granted or revoked by hand.",
    ),
    *(_dead_letters(service) for service in CONSUMER_SERVICES),
)

TOPICS: dict[str, Topic] = {topic.name: topic for topic in _TOPICS}


def consumed_by(service: str) -> tuple[str, ...]:
    """The names of the topics that a service subscribes to, in the order of the table.

    Raises ValueError for a service without a consumer group.
    """
    if service not in CONSUMER_SERVICES:
        raise ValueError(
            f"{service!r} is not a service with a consumer group: {', '.join(CONSUMER_SERVICES)}"
        )
    return tuple(topic.name for topic in _TOPICS if service in topic.consumers)


# The first prefix that fits wins, so the narrower stands before the wider.
_ROUTES = (
    ("checkout.session.", STRIPE_CHECKOUT),
    ("payment_intent.", STRIPE_PAYMENTS),
    ("charge.refund", STRIPE_REFUNDS),  # charge.refunded and charge.refund.updated
    ("charge.dispute.", STRIPE_DISPUTES),
    ("charge.", STRIPE_PAYMENTS),
    ("refund.", STRIPE_REFUNDS),
    ("radar.early_fraud_warning.", STRIPE_DISPUTES),
    ("review.", STRIPE_DISPUTES),
    ("customer.subscription.", STRIPE_BILLING),
    ("invoice.", STRIPE_BILLING),
    ("invoice_payment.", STRIPE_BILLING),
    ("customer.", STRIPE_CUSTOMERS),
    ("payment_method.", STRIPE_CUSTOMERS),
    ("setup_intent.", STRIPE_CUSTOMERS),
)


def stripe_topic(event_type: str) -> str:
    """The topic of a Stripe event type; `stripe.other` for every type that the table does not name."""
    for prefix, topic in _ROUTES:
        if event_type.startswith(prefix):
            return topic
    return STRIPE_OTHER


def _id(value: Any) -> str | None:
    """The id in a reference, which Stripe sends plain or, when it was expanded, as the object itself."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) and value else None


def stripe_key(obj: Any) -> str | None:
    """The message key for a Stripe object, given as decoded JSON: its customer, else payment intent, else
    own id.

    None where the object has none of them (a balance, an upcoming invoice) or is no object at all; Kafka then
    spreads the message over the partitions.
    """
    if not isinstance(obj, Mapping):
        return None
    if obj.get("object") == "customer":
        return _id(obj)
    return _id(obj.get("customer")) or _id(obj.get("payment_intent")) or _id(obj)
