"""What operators watch: alert on GIVEN_UP above zero, and on OLDEST_PENDING of more than a few minutes."""

from prometheus_client import Counter

from processkit.metrics import Figure

SENT = Counter("notifications_sent_total", "Mails that the mail server accepted", ["template"])
DEFERRED = Counter("notifications_deferred_total", "Tries that are to be repeated", ["template"])
FAILED = Counter("notifications_failed_total", "Mails given up", ["template", "reason"])
PENDING = Figure("notifications_pending", "Mails that wait to be sent")
OLDEST_PENDING = Figure("notifications_oldest_pending_seconds", "Age of the oldest mail that waits")
GIVEN_UP = Figure("notifications_given_up", "Mails in state failed: each wants a resend or a review")
