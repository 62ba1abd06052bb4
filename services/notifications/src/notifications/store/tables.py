"""The tables of notifications: the only place where they are declared.

A test compares these tables with the migrations.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from messaging.eventset import derivation
from messaging.eventset.event_set import EventSet
from notifications.facts import LINKS, STORED
from processkit.postgres.tables import metadata

EVENTS = EventSet(LINKS, facts=STORED)

METADATA = metadata()
REVISION = "0002"
"""The newest revision in migrations/versions, which creates these tables."""

EVENTS.declare(METADATA)
derivation.declare(METADATA)


def _time() -> DateTime:
    return DateTime(timezone=True)


deliveries = Table(
    "deliveries",
    METADATA,
    Column("delivery_id", Uuid, primary_key=True),
    Column("template", Text, nullable=False),
    # The id of the order or the refund.
    Column("about", Text, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column(
        "recipient",
        Text,
        nullable=False,
        comment=(
            "Personal data, as are the events of type masterji.order.placed.v1:"
            " erase both when a person asks for it."
        ),
    ),
    Column("locale", Text, nullable=False),
    # When the order was paid, or the refund succeeded.
    Column("happened_at", _time(), nullable=False),
    # One of `notifications.domain.contexts`.
    Column("context", JSONB, nullable=False),
    Column(
        "state",
        Text,
        CheckConstraint("state in ('pending', 'sent', 'failed', 'skipped')", name="state"),
        nullable=False,
    ),
    # Why it is skipped or has failed.
    Column("reason", Text),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    # Part of the Message-ID.
    Column("resends", Integer, nullable=False, server_default=text("0")),
    Column("resent_by", Text),
    Column("next_attempt_at", _time(), nullable=False),
    Column("created_at", _time(), nullable=False),
    Column("sent_at", _time()),
    Column("last_error", Text),
    Column("failed_at", _time()),
    Column("reviewed_at", _time()),
    Column("reviewed_by", Text),
    Column("review_note", Text),
    UniqueConstraint("template", "about"),
)
Index(
    "deliveries_due",
    deliveries.c.next_attempt_at,
    deliveries.c.delivery_id,
    postgresql_where=deliveries.c.state == "pending",
)
Index(
    "deliveries_given_up",
    deliveries.c.failed_at,
    deliveries.c.delivery_id,
    postgresql_where=deliveries.c.state == "failed",
)
Index("deliveries_newest", deliveries.c.created_at.desc(), deliveries.c.delivery_id.desc())
Index("deliveries_order", deliveries.c.order_id)
Index("deliveries_user", deliveries.c.user_id)
