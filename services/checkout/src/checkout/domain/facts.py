"""What the rules read of Stripe's events, as it is stored. Amounts are in minor units.

The stored JSON names the kind of object, so that it can be read without the event, and by the release before
while both run. A field that is None, or has its default, is not stored.
"""

from messaging.eventset.facts import Facts
from schemas.rules import Booking, ListedRefund


class SessionFacts(Facts, frozen=True, tag_field="object", tag="checkout.session"):
    """A Checkout Session. `amount_total` is with tax, `before_tax` is the subtotal less the discount."""

    mode: str | None = None
    payment_status: str | None = None
    currency: str | None = None
    amount_total: int | None = None
    amount_tax: int = 0
    before_tax: int | None = None
    """None in events that were recorded before tax was supported: then the total has no tax."""
    payment_intent: str | None = None
    customer: str | None = None


class IntentFacts(Facts, frozen=True, tag_field="object", tag="payment_intent"):
    """A payment intent. Its status and the links to its charge are all that the rules read."""


class ChargeFacts(Facts, frozen=True, tag_field="object", tag="charge"):
    """A successful charge. `receipt_url` is Stripe's page with the receipt.

    `amount_returned` is how much of it was refunded; releases before did not store it.
    """

    receipt_url: str | None = None
    amount_returned: int = 0
    currency: str | None = None
    refunds: tuple[ListedRefund, ...] = ()


class RefundFacts(Facts, frozen=True, tag_field="object", tag="refund"):
    """A refund. `created` is when it was requested, in seconds; `line_ids` are the lines that it names."""

    amount: int = 0
    currency: str | None = None
    created: int | None = None
    line_ids: tuple[str, ...] = ()


class DisputeFacts(Facts, frozen=True, tag_field="object", tag="dispute"):
    """A dispute of a payment. `created` is when it was opened, in seconds; `bookings` are what it moved on
    the balance. Releases before stored neither."""

    amount: int | None = None
    currency: str | None = None
    created: int | None = None
    bookings: tuple[Booking, ...] = ()
