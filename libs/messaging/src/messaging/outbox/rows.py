"""The outbox: messages stored in the same transaction as the change that they announce."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import BigInteger, Column, DateTime, Identity, LargeBinary, MetaData, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from messaging.message import OutgoingMessage
from processkit import tracing
from processkit.postgres.database import Session
from processkit.postgres.statements import columns_of, insert

if TYPE_CHECKING:
    # Only APIs need it, and importing it delays the start of every process.
    from sqlalchemy.ext.asyncio import AsyncConnection

CHANNEL = "outbox"

_COLUMNS = ("topic", "key", "event_id", "type", "source", "time", "value", "traceparent", "headers")
_NOTIFY = f"notify {CHANNEL}"


def declare(metadata: MetaData) -> Table:
    """Declare the outbox in the metadata, and return it."""
    return Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("topic", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("event_id", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("source", Text, nullable=False),
        Column("time", DateTime(timezone=True), nullable=False),
        Column("value", LargeBinary, nullable=False),
        Column("traceparent", Text),
        Column("headers", JSONB, nullable=False, server_default=text("'{}'")),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )


_APPEND = insert(declare(MetaData()), _COLUMNS)


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
