"""The tables of reporting, declared once: statements, queries and the check of the migrations use these.

The analysts' views and their role, and the settings of autovacuum, are in the migrations only.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
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
from processkit.postgres.tables import TIME, metadata, optional, required
from reporting.domain.facts import FACTS_OF
from reporting.facts import FOLLOW

OWNER = "money_key"
"""The link to the owner of the money: the order if the event names one, else the payment."""

EVENTS = EventSet(links=(OWNER, *FOLLOW), facts=FactsOf(FACTS_OF.__getitem__))

METADATA = metadata()
REVISION = "0005"
"""The newest revision in migrations/versions, which creates these tables."""

EVENTS.declare(METADATA)
derivation.declare(METADATA)

money_lines = Table(
    "money_lines",
    METADATA,
    *required(Text, "order_id", "line_id", "kind", "reference"),
    *required(SmallInteger, "step"),
    *required(TIME, "occurred_at"),
    *required(Text, "currency"),
    *required(SmallInteger, "orders", "units"),
    *required(BigInteger, "gross", "discount", "refunded"),
    *optional(Text, "course_id", "bundle_id", "plan_id", "category", "title", "country"),
    *required(Text, "user_id", "payment_id"),
    Column("tax", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("order_id", "line_id", "kind", "reference", "step"),
    Column("disputed", BigInteger, nullable=False, server_default=text("0")),
    # What Stripe charged for a dispute.
    Column("fee", BigInteger, nullable=False, server_default=text("0")),
    CheckConstraint(
        "kind in ('sale', 'refund', 'refund_reversal', 'dispute_withdrawn', 'dispute_reinstated',"
        " 'dispute_fee')",
        name="kind",
    ),
)
# Reports read only this index: every column that they sum is in it.
Index(
    "money_lines_report",
    money_lines.c.currency,
    money_lines.c.occurred_at,
    postgresql_include=["orders", "units", "gross", "discount", "refunded", "tax", "disputed", "fee"],
)

unattributed_payments = Table(
    "unattributed_payments",
    METADATA,
    *required(Text, "owner_id", "payment_id", "reason"),
    *optional(Text, "order_id"),
    *required(TIME, "received_at"),
    *required(Text, "currency"),
    *required(BigInteger, "amount", "refunded"),
    *optional(Text, "expected_currency"),
    *optional(BigInteger, "expected_amount"),
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
    *required(TIME, "as_of"),
)
