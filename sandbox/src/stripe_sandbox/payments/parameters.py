"""Parameters of payments that several endpoints accept."""

from __future__ import annotations

from collections.abc import Mapping

from stripe_sandbox.rest.params import Choice, Email, Field, ListOf, Removed, Text, choice, timestamp
from stripe_sandbox.rest.shapes import METADATA, Shape, shape

PAYMENT_METHOD_TYPES = Removed(
    "Leave it out: payment methods are chosen dynamically.",
    without_version=ListOf(Choice(("card", "sepa_debit")), maximum=10),
)


#: The customer's consent to debits: accepted, and not returned.
MANDATE_DATA = Shape(
    {
        "customer_acceptance": Shape(
            {
                "accepted_at": timestamp(),
                "offline": Shape({}, clearable=True),
                "online": Shape({"ip_address": Text(required=True), "user_agent": Text(required=True)}),
                "type": Choice(("offline", "online"), required=True),
            },
            required=True,
        )
    },
    clearable=True,
)


_ADDRESS: Mapping[str, Field] = {
    name: Text(clearable=True) for name in ("city", "country", "line1", "line2", "postal_code", "state")
}


SHIPPING = Shape(
    {
        "address": Shape(_ADDRESS, required=True),
        "carrier": Text(),
        "name": Text(required=True),
        "phone": Text(),
        "tracking_number": Text(),
    }
)


CAPTURE = choice("automatic", "automatic_async", "manual")


#: What a payment intent is created with, directly or by a session.
INTENT: Mapping[str, Field] = shape(
    capture_method=CAPTURE,
    description=Text(),
    metadata=METADATA,
    receipt_email=Email(),
    setup_future_usage=choice("off_session", "on_session"),
    shipping=SHIPPING,
    statement_descriptor=Text(max_length=22),
    statement_descriptor_suffix=Text(max_length=22),
    transfer_group=Text(),
).fields
