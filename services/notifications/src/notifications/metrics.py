"""Metrics. Alert on GIVEN_UP above zero, and on OLDEST_PENDING above a few minutes."""

from prometheus_client import Counter

from processkit.metrics import Figure

SENT = Counter("notifications_sent_total", "Mails that the mail server accepted", ["template"])
DEFERRED = Counter("notifications_deferred_total", "Attempts that will be retried", ["template"])
WITHDRAWN = Counter(
    "notifications_withdrawn_total", "Mails that were not sent because they were no longer true", ["template"]
)
FAILED = Counter("notifications_failed_total", "Mails that failed permanently", ["template", "reason"])
PENDING = Figure("notifications_pending", "Mails that are pending", roles=["clock"])
OLDEST_PENDING = Figure(
    "notifications_oldest_pending_seconds", "Age of the oldest pending mail", roles=["clock"]
)
GIVEN_UP = Figure(
    "notifications_given_up", "Mails in state failed: each needs a resend or a review", roles=["clock"]
)
