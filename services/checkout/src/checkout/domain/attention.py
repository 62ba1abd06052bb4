"""What needs an operator: mismatched payments, orders and disputes that wait too long, stuck refunds, and
duplicates that are not refunded."""

from datetime import timedelta

UNANSWERED = timedelta(hours=1)
"""How long a refund may stay without Stripe's answer, or refused."""
WITH_THE_BANK = timedelta(days=7)
"""How long a bank may take to confirm a refund."""
UNDECIDED = timedelta(minutes=15)
"""How long an automatic refund may stay undecided."""

PAYMENT_OVERDUE = timedelta(days=14)
"""How long a payment may be on its way. The slowest methods need about ten working days."""
PAGE_OVERDUE = timedelta(days=1)
"""How long after the end of its page an order may be open: Stripe reports the end within minutes."""
DISPUTE_OVERDUE = timedelta(days=120)
"""How long a bank may take to decide a dispute."""
LISTED_AGAIN = timedelta(days=30)
"""When an order that still waits is listed again after a review."""

STUCK = ("requested", "refused", "pending", "requires_action", "failed")
"""The statuses in which a refund can need an operator. A failed refund needs one immediately."""

NOT_LOOKED_AT = "not_looked_at"
"""The reason of a duplicate whose refund no worker has checked."""
