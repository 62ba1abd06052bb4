"""Stripe's events, read through partial views that hide the differences between API versions.

`parse(value)` gives a `StripeEvent`: its object as one of the views, the links that tie it to others, its
lifecycle rank and its status before and after. `PERSONAL` names the facts that identify a person.
"""

from schemas.stripe.base import PERSONAL, View
from schemas.stripe.checkout import SessionView
from schemas.stripe.customers import CustomerView, PaymentMethodView, UnknownView
from schemas.stripe.discounts import PromotionCodeView
from schemas.stripe.invoices import InvoiceLine, InvoicePaymentView, InvoiceView
from schemas.stripe.parse import StripeEvent, StripeObject, parse
from schemas.stripe.payments import ChargeView, PaymentIntentView
from schemas.stripe.ranks import rank
from schemas.stripe.returns import BalanceTransaction, DisputeView, EarlyFraudWarningView, RefundView
from schemas.stripe.subscriptions import SubscriptionItem, SubscriptionView

__all__ = [
    "PERSONAL",
    "BalanceTransaction",
    "ChargeView",
    "CustomerView",
    "DisputeView",
    "EarlyFraudWarningView",
    "InvoiceLine",
    "InvoicePaymentView",
    "InvoiceView",
    "PaymentIntentView",
    "PaymentMethodView",
    "PromotionCodeView",
    "RefundView",
    "SessionView",
    "StripeEvent",
    "StripeObject",
    "SubscriptionItem",
    "SubscriptionView",
    "UnknownView",
    "View",
    "parse",
    "rank",
]
