"""Prometheus metrics of the ingest. Labels are resolved once, since each lookup costs on the hot path."""

from prometheus_client import Counter, Gauge, Histogram

from webhook_ingest.errors import Reason

ACCEPTED = Counter("ingest_accepted_total", "Events answered 2xx: Kafka has them", ["topic"])
FOREIGN = Counter("ingest_foreign_total", "Events of other Stripe accounts, which no service reads")
REJECTED = Counter("ingest_rejected_total", "Requests answered 4xx, nothing published", ["reason"])
UNAVAILABLE = Counter("ingest_unavailable_total", "Events answered 503: Stripe sends them again", ["cause"])
FAILED = Counter("ingest_failed_total", "Events answered 500 by a defect of ours: Stripe sends them again")
PUBLISH_SECONDS = Histogram(
    "ingest_publish_seconds",
    "Seconds from a verified event to Kafka's acknowledgement",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
IN_FLIGHT = Gauge("ingest_in_flight", "Requests that are being read or wait for Kafka")
BUFFERED = Gauge("ingest_buffered_bytes", "Bytes of bodies that are being read or wait for Kafka")

# Every reason stands at 0 from the start, so that an alert on its rate sees the first one too.
REJECTED_BY = {reason: REJECTED.labels(reason.slug) for reason in Reason}
