"""Prometheus metrics of consumers, derivations and relays. Times are seconds."""

from prometheus_client import Counter, Gauge, Histogram

from processkit.metrics import Computed, Figure

CONSUMED = Counter("messaging_consumed_total", "Messages whose offsets were committed", ["group", "topic"])
APPLIED = Counter("messaging_applied_total", "Messages recorded and derived", ["group", "topic"])
IGNORED = Counter("messaging_ignored_total", "Messages not meant for this service", ["group", "topic"])
DEAD_LETTERS = Counter("messaging_dead_letters_total", "Messages dead-lettered", ["group", "topic", "reason"])
LAG = Computed(
    "messaging_lag",
    "Messages between the consumer's position and the log's end, as the broker states it",
    ["group", "topic", "partition"],
)
STALLED = Gauge(
    "messaging_stalled_partitions",
    "Assigned partitions that have messages and do not advance, or cannot be read",
    ["group", "reason"],
)
STALLS = Counter(
    "messaging_stalls_total",
    "Times that an assigned partition stopped advancing",
    ["group", "topic", "partition"],
)
HEALS = Counter(
    "messaging_heals_total", "Actions that a consumer took on its stalled partitions", ["group", "action"]
)
GROUP_LAG = Figure(
    "messaging_group_lag",
    "Messages between the group's committed offsets and the log's ends, as the brokers state both",
    ["group", "topic"],
    roles=["clock"],
)
GROUP_STALLED = Figure(
    "messaging_group_stalled_partitions",
    "Partitions that have messages and whose committed offset does not advance",
    ["group"],
    roles=["clock"],
)
GROUP_UNREACHABLE = Figure(
    "messaging_group_unreachable_partitions",
    "Partitions whose first offset and end cannot be read",
    ["group"],
    roles=["clock"],
)
BATCH_SIZE = Histogram(
    "messaging_batch_messages", "Messages per batch", ["group"], buckets=(1, 3, 10, 30, 100, 300, 1000, 3000)
)
BATCH_SECONDS = Histogram(
    "messaging_batch_seconds", "Seconds from the poll of a batch to its commit", ["group"]
)
AGE = Histogram(
    "messaging_end_to_end_seconds",
    "Age of a batch's oldest message (by ce_time) when it was committed",
    ["group"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 1000, 10_000, 100_000),
)
PAUSED = Computed("messaging_paused", "1 while the consumer waits for a dependency", ["group"])
HALTED = Gauge("messaging_halted", "1 when the consumer halted: manual intervention required", ["group"])
RETRIES = Counter("messaging_retries_total", "Failed attempts to record or derive a batch", ["group", "kind"])
TIES = Counter(
    "messaging_ties_total",
    "Groups of events of one object and second whose order had to be guessed",
    ["owner"],
)
FAILED_DERIVATIONS = Counter(
    "messaging_failed_derivations_total", "Owners whose derivation failed and will be retried", ["owner"]
)
NEEDS_DERIVATION = Figure(
    "messaging_needs_derivation", "Owners waiting for a derivation to succeed", ["owner"], roles=["clock"]
)
POSTPONED = Figure(
    "messaging_postponed",
    "Owners whose derivation waits for another session's lock on their rows",
    ["owner"],
    roles=["clock"],
)
DATABASE_BYTES = Figure("messaging_database_bytes", "Size of the service's database", roles=["clock"])
OUTBOX_BACKLOG = Figure("messaging_outbox_backlog", "Rows not yet published", roles=["relay", "clock"])
OUTBOX_AGE = Figure(
    "messaging_outbox_age_seconds", "Age of the oldest row not yet published", roles=["relay", "clock"]
)
OUTBOX_PUBLISHED = Counter("messaging_outbox_published_total", "Rows published and removed", ["topic"])
OUTBOX_FAILURES = Counter("messaging_outbox_failures_total", "Relay rounds that failed and started again")
