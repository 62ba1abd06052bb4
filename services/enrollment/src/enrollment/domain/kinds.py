"""The kind of object that an event is about, by the event's type."""

from enum import Enum
from functools import lru_cache


class Kind(Enum):
    """The kind of object that an event is about."""

    ORDER = "order"
    ORDER_EXPIRED = "order expired"
    ORDER_REVOKED = "order revoked"
    PAYMENT_ACCEPTED = "payment accepted"
    DECISION = "decision"
    SESSION = "session"
    INTENT = "payment intent"
    CHARGE = "charge"
    REFUND = "refund"
    DISPUTE = "dispute"
    WARNING = "early fraud warning"
    SUBSCRIPTION = "subscription"
    INVOICE = "invoice"
    INVOICE_PAYMENT = "invoice payment"
    CUSTOMER_DELETED = "customer deleted"
    OTHER = "other"


GRANTED = "masterji.access.granted.v1"
REVOKED = "masterji.access.revoked.v1"

# The first matching prefix decides: charge.refunded is about the charge, charge.refund.updated is about the
# refund.
_PREFIXES = (
    ("masterji.order.placed.", Kind.ORDER),
    ("masterji.order.expired.", Kind.ORDER_EXPIRED),
    ("masterji.order.payment_accepted.", Kind.PAYMENT_ACCEPTED),
    ("masterji.order.revoked.", Kind.ORDER_REVOKED),
    ("masterji.access.", Kind.DECISION),
    ("checkout.session.", Kind.SESSION),
    ("payment_intent.", Kind.INTENT),
    ("charge.dispute.", Kind.DISPUTE),
    ("charge.refund.", Kind.REFUND),
    ("charge.", Kind.CHARGE),
    ("refund.", Kind.REFUND),
    ("radar.early_fraud_warning.", Kind.WARNING),
    ("customer.subscription.", Kind.SUBSCRIPTION),
    ("customer.deleted", Kind.CUSTOMER_DELETED),
    ("invoice_payment.", Kind.INVOICE_PAYMENT),
    ("invoice.", Kind.INVOICE),
)


@lru_cache(maxsize=1024)
def kind_of(event_type: str) -> Kind:
    """Return the kind of an event type; OTHER if no rule reads it."""
    for prefix, kind in _PREFIXES:
        if event_type.startswith(prefix):
            return kind
    return Kind.OTHER
