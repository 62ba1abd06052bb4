"""The tables of notifications: the only place where they are declared.

A test compares these tables with the migrations.
"""

from sqlalchemy import (
    Column,
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
from processkit.postgres.tables import TIME, checked, metadata, optional, required

EVENTS = EventSet(LINKS, facts=STORED)

METADATA = metadata()
REVISION = "0004"
"""The newest revision in migrations/versions, which creates these tables."""

EVENTS.declare(METADATA)
derivation.declare(METADATA)


deliveries = Table(
    "deliveries",
    METADATA,
    Column("delivery_id", Uuid, primary_key=True),
    *required(Text, "template"),
    # The id of the order or the refund.
    *required(Text, "about", "order_id", "user_id"),
    Column(
        "recipient",
        Text,
        nullable=False,
        comment=(
            "Personal data, as are the events of type masterji.order.placed.v1:"
            " erase both when a person asks for it."
        ),
    ),
    *required(Text, "locale"),
    # When the order was paid, or the refund succeeded.
    *required(TIME, "happened_at"),
    # One of `notifications.domain.contexts`.
    *required(JSONB, "context"),
    checked(
        Text,
        "state",
        "in ('pending', 'sent', 'failed', 'skipped')",
        nullable=False,
    ),
    # Why it is skipped or has failed.
    *optional(Text, "reason"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    # Part of the Message-ID.
    Column("resends", Integer, nullable=False, server_default=text("0")),
    *optional(Text, "resent_by"),
    *required(TIME, "next_attempt_at", "created_at"),
    *optional(TIME, "sent_at"),
    *optional(Text, "last_error"),
    *optional(TIME, "failed_at", "reviewed_at"),
    *optional(Text, "reviewed_by", "review_note"),
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
