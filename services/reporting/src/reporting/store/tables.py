"""The tables of reporting, declared once: statements, queries and the check of the migrations use these.

The analysts' views and their role, and the settings of autovacuum, are in the migrations only.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from messaging.eventset import derivation
from messaging.eventset.event_set import EventSet
from messaging.eventset.facts import FactsOf
from processkit.postgres.tables import metadata
from reporting.domain.facts import FACTS_OF

OWNER = "money_key"
"""The link to the owner of the money: the order if the event names one, else the payment."""

EVENTS = EventSet(links=(OWNER, "payment_intent_id"), facts=FactsOf(FACTS_OF.__getitem__))

METADATA = metadata()
REVISION = "0002"
"""The newest revision in migrations/versions, which creates these tables."""

EVENTS.declare(METADATA)
derivation.declare(METADATA)

money_lines = Table(
    "money_lines",
    METADATA,
    Column("order_id", Text, nullable=False),
    Column("line_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("step", SmallInteger, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("currency", Text, nullable=False),
    Column("orders", SmallInteger, nullable=False),
    Column("units", SmallInteger, nullable=False),
    Column("gross", BigInteger, nullable=False),
    Column("discount", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    Column("course_id", Text),
    Column("bundle_id", Text),
    Column("plan_id", Text),
    Column("category", Text),
    Column("title", Text),
    Column("country", Text),
    Column("user_id", Text, nullable=False),
    Column("payment_id", Text, nullable=False),
    Column("tax", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("order_id", "line_id", "kind", "reference", "step"),
    CheckConstraint("kind in ('sale', 'refund', 'refund_reversal')", name="kind"),
)
# Reports read only this index: every column that they sum is in it.
Index(
    "money_lines_report",
    money_lines.c.currency,
    money_lines.c.occurred_at,
    postgresql_include=["orders", "units", "gross", "discount", "refunded", "tax"],
)

unattributed_payments = Table(
    "unattributed_payments",
    METADATA,
    Column("owner_id", Text, nullable=False),
    Column("payment_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("order_id", Text),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    Column("expected_currency", Text),
    Column("expected_amount", BigInteger),
    PrimaryKeyConstraint("owner_id", "payment_id"),
)
Index(
    "unattributed_payments_newest",
    unattributed_payments.c.received_at.desc(),
    unattributed_payments.c.payment_id.desc(),
)

progress = Table(
    "progress",
    METADATA,
    Column("slot", SmallInteger, primary_key=True, autoincrement=False),
    Column("as_of", DateTime(timezone=True), nullable=False),
)
