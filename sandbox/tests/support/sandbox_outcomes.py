"""Stripe's test cards that are declined, and the events of a payment by its outcome."""

from __future__ import annotations

from typing import NamedTuple


class Decline(NamedTuple):
    """A card that is always declined: its number, its ready-made payment method, and Stripe's answer."""

    number: str
    method: str
    code: str
    decline_code: str


DECLINES = (
    Decline("4000000000000002", "pm_card_chargeDeclined", "card_declined", "generic_decline"),
    Decline(
        "4000000000009995", "pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"
    ),
    Decline("4000000000000069", "pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    Decline("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
    Decline(
        "4000000000000119", "pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"
    ),
)

#: Can be attached to a customer, unlike the cards above.
ATTACHES_THEN_DECLINES = Decline(
    "4000000000000341", "pm_card_chargeCustomerFail", "card_declined", "generic_decline"
)

CHARGED = ["charge.succeeded", "payment_intent.succeeded"]
REFUSED = ["charge.failed", "payment_intent.payment_failed"]
