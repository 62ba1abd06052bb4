"""The tables of enrollment, declared once: statements, queries and the check of the migrations use these."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from enrollment.domain.facts import FACTS_OF, LINKS, OWNER
from enrollment.domain.kinds import kind_of
from messaging.eventset import derivation
from messaging.eventset.event_set import EventSet
from messaging.eventset.facts import FactsOf
from messaging.outbox import rows as outbox_rows
from processkit.postgres.tables import TIME, checked, metadata, optional, required

FACTS = FactsOf(lambda event_type: FACTS_OF[kind_of(event_type)])
# Events of two users are connected only through an order: one user pays what another ordered.
EVENTS = EventSet(LINKS, facts=FACTS, owner=OWNER, across=("order_id",))

METADATA = metadata()
REVISION = "0006"
"""The newest revision in migrations/versions, which creates these tables."""

events = EVENTS.declare(METADATA)
owners = derivation.declare(METADATA)
outbox_rows.declare(METADATA)

grants = Table(
    "grants",
    METADATA,
    *required(Text, "user_id"),
    checked(Text, "kind", "in ('order', 'subscription', 'admin')"),
    *required(Text, "source_id", "line_id", "course_id", "state", "reason"),
    *optional(TIME, "since", "until"),
    *optional(Text, "payment_intent_id"),
    *required(Boolean, "flagged"),
    *optional(Text, "duplicate_of"),
    *required(TIME, "changed_at"),
    # The version of the last announcement that the grant is a duplicate.
    *optional(BigInteger, "duplicate_version"),
    PrimaryKeyConstraint("user_id", "kind", "source_id", "line_id"),
)
Index("grants_source", grants.c.source_id)

access = Table(
    "access",
    METADATA,
    *required(Text, "user_id", "course_id"),
    *required(Boolean, "access"),
    *required(Text, "state"),
    *optional(Text, "kind", "source_id"),
    *optional(TIME, "since", "until"),
    *optional(Text, "cause_event_id"),
    *required(BigInteger, "version"),
    *required(TIME, "changed_at"),
    PrimaryKeyConstraint("user_id", "course_id"),
)

# The catalog: which courses exist.
courses = Table(
    "courses",
    METADATA,
    Column("course_id", Text, primary_key=True),
    *required(BigInteger, "version"),
)

# Paid orders without a grant. The refresher rereads their sessions.
unfulfilled = Table(
    "unfulfilled",
    METADATA,
    Column("order_id", Text, primary_key=True),
    *required(Text, "user_id"),
    *optional(Text, "session_id", "payment_intent_id"),
    *required(TIME, "paid_at"),
    *required(Text, "reason"),
    *optional(TIME, "read_at"),
    Column("reads", Integer, nullable=False, server_default=text("0")),
    # The reason that an administrator has reviewed; with any other reason the order is listed again.
    *optional(Text, "reviewed_reason"),
    *optional(TIME, "reviewed_at"),
    *optional(Text, "reviewed_by", "review_note"),
)
Index("unfulfilled_user", unfulfilled.c.user_id)
Index("unfulfilled_paid", unfulfilled.c.paid_at)

# Objects whose events do not prove their order, and when each was reread. `created` is in microseconds.
rereads = Table(
    "rereads",
    METADATA,
    Column("object_id", Text, primary_key=True),
    *required(BigInteger, "created"),
    *required(TIME, "requested_at"),
    *optional(TIME, "read_at"),
    *optional(Text, "failure"),
)
Index("rereads_waiting", rereads.c.requested_at, postgresql_where=rereads.c.read_at.is_(None))
