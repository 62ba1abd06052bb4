"""The tables of enrollment, declared once: statements, queries and the check of the migrations use these."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
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
from processkit.postgres.tables import metadata

FACTS = FactsOf(lambda event_type: FACTS_OF[kind_of(event_type)])
# Events of two users are connected only through an order: one user pays what another ordered.
EVENTS = EventSet(LINKS, facts=FACTS, owner=OWNER, across=("order_id",))

METADATA = metadata()
REVISION = "0002"
"""The newest revision in migrations/versions, which creates these tables."""

events = EVENTS.declare(METADATA)
owners = derivation.declare(METADATA)
outbox_rows.declare(METADATA)

grants = Table(
    "grants",
    METADATA,
    Column("user_id", Text, nullable=False),
    Column("kind", Text, CheckConstraint("kind in ('order', 'subscription', 'admin')", name="kind")),
    Column("source_id", Text, nullable=False),
    Column("line_id", Text, nullable=False),
    Column("course_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", DateTime(timezone=True)),
    Column("until", DateTime(timezone=True)),
    Column("payment_intent_id", Text),
    Column("flagged", Boolean, nullable=False),
    Column("duplicate_of", Text),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    # The version of the last announcement that the grant is a duplicate.
    Column("duplicate_version", BigInteger),
    PrimaryKeyConstraint("user_id", "kind", "source_id", "line_id"),
)
Index("grants_source", grants.c.source_id)

access = Table(
    "access",
    METADATA,
    Column("user_id", Text, nullable=False),
    Column("course_id", Text, nullable=False),
    Column("access", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("kind", Text),
    Column("source_id", Text),
    Column("since", DateTime(timezone=True)),
    Column("until", DateTime(timezone=True)),
    Column("cause_event_id", Text),
    Column("version", BigInteger, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("user_id", "course_id"),
)

# Paid orders without a grant. The refresher rereads their sessions.
unfulfilled = Table(
    "unfulfilled",
    METADATA,
    Column("order_id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("session_id", Text),
    Column("payment_intent_id", Text),
    Column("paid_at", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False),
    Column("read_at", DateTime(timezone=True)),
    Column("reads", Integer, nullable=False, server_default=text("0")),
)
Index("unfulfilled_user", unfulfilled.c.user_id)
Index("unfulfilled_paid", unfulfilled.c.paid_at)

# Objects whose events do not prove their order, and when each was reread. `created` is in microseconds.
rereads = Table(
    "rereads",
    METADATA,
    Column("object_id", Text, primary_key=True),
    Column("created", BigInteger, nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("read_at", DateTime(timezone=True)),
    Column("failure", Text),
)
Index("rereads_waiting", rereads.c.requested_at, postgresql_where=rereads.c.read_at.is_(None))
