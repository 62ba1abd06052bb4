"""What needs an operator: mismatched payments, stuck refunds, and duplicates that are not refunded."""

from datetime import timedelta

UNANSWERED = timedelta(hours=1)
"""How long a refund may stay without Stripe's answer, or refused."""
WITH_THE_BANK = timedelta(days=7)
"""How long a bank may take to confirm a refund."""
UNDECIDED = timedelta(minutes=15)
"""How long an automatic refund may stay undecided."""

STUCK = ("requested", "refused", "pending", "requires_action", "failed")
"""The statuses in which a refund can need an operator. A failed refund needs one immediately."""

NOT_LOOKED_AT = "not_looked_at"
"""The reason of a duplicate whose refund no worker has checked."""
