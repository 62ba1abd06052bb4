"""The outbox: messages stored in the same transaction as the change that they announce."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import BigInteger, Column, Identity, LargeBinary, MetaData, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from messaging.message import OutgoingMessage
from processkit import tracing
from processkit.postgres.database import Session
from processkit.postgres.statements import columns_of, insert
from processkit.postgres.tables import TIME, optional, required

if TYPE_CHECKING:
    # Only APIs need it, and importing it delays the start of every process.
    from sqlalchemy.ext.asyncio import AsyncConnection

CHANNEL = "outbox"

_NOTIFY = f"notify {CHANNEL}"


def declare(metadata: MetaData) -> Table:
    """Declare the outbox in the metadata, and return it."""
    return Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        *required(Text, "topic", "key", "event_id", "type", "source"),
        *required(TIME, "time"),
        *required(LargeBinary, "value"),
        *optional(Text, "traceparent"),
        Column("headers", JSONB, nullable=False, server_default=text("'{}'")),
        Column("created_at", TIME, nullable=False, server_default=func.now()),
    )


_TABLE = declare(MetaData())
COLUMNS = tuple(column.name for column in _TABLE.c if column.name not in ("id", "created_at"))
"""The columns that hold the fields of an `OutgoingMessage`, in their order. Postgres fills the others."""

_APPEND = insert(_TABLE, COLUMNS)


def append(tx: Session, messages: Sequence[OutgoingMessage]) -> None:
    """Add messages that are published once this transaction commits, and wake the relay at that time.

    A message without a traceparent continues the trace of the current batch, or starts a trace.
    """
    if messages:
        tx.execute(_APPEND, _arrays(messages))
        tx.execute(_NOTIFY)


async def append_on_engine(tx: AsyncConnection, messages: Sequence[OutgoingMessage]) -> None:
    """Do the same as `append` on a connection of an asynchronous engine."""
    if messages:
        await tx.exec_driver_sql(_APPEND, tuple(_arrays(messages)))
        await tx.exec_driver_sql(_NOTIFY)


def _arrays(messages: Sequence[OutgoingMessage]) -> list[list[Any]]:
    return columns_of(
        (
            message.topic,
            message.key,
            message.id,
            message.type,
            message.source,
            message.time,
            message.value,
            message.traceparent or tracing.current(),
            msgspec.json.encode(message.headers).decode(),
        )
        for message in messages
    )
