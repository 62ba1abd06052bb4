"""Stripe's events, read in part and alike for all API versions.

`parse(value)` gives a `StripeEvent`: its object as one of the structs here, the links that tie it to others,
its lifecycle rank and its status before and after.
"""

from schemas.stripe.checkout import Session
from schemas.stripe.customers import Customer, PaymentMethod, Unknown
from schemas.stripe.discounts import PromotionCode
from schemas.stripe.invoices import Invoice, InvoiceLine, InvoicePayment
from schemas.stripe.parse import StripeEvent, StripeObject, parse
from schemas.stripe.payments import Charge, PaymentIntent
from schemas.stripe.ranks import rank
from schemas.stripe.returns import BalanceTransaction, Dispute, EarlyFraudWarning, Refund
from schemas.stripe.subscriptions import Subscription, SubscriptionItem

__all__ = [
    "BalanceTransaction",
    "Charge",
    "Customer",
    "Dispute",
    "EarlyFraudWarning",
    "Invoice",
    "InvoiceLine",
    "InvoicePayment",
    "PaymentIntent",
    "PaymentMethod",
    "PromotionCode",
    "Refund",
    "Session",
    "StripeEvent",
    "StripeObject",
    "Subscription",
    "SubscriptionItem",
    "Unknown",
    "parse",
    "rank",
]
