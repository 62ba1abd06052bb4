"""Reads of the synchronous code that consumers use, on a connection of an asynchronous engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection

from processkit.postgres.database import Session

T = TypeVar("T")


async def read_on_engine(tx: AsyncConnection, read: Callable[[Session], T]) -> T:
    """Return what `read` returns in the transaction of `tx`. It may only execute queries and fetch rows."""
    return await tx.run_sync(lambda connection: read(cast(Session, _Reading(connection))))


@dataclass(frozen=True, slots=True)
class _Reading:
    """The part of a session that reads."""

    connection: Connection

    def execute(self, query: str, parameters: Sequence[Any] = ()) -> CursorResult[Any]:
        return self.connection.exec_driver_sql(query, tuple(parameters))
