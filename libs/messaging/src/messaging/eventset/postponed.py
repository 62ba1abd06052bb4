"""Owners that are set aside because another session keeps their rows locked.

A derivation waits for such a lock only for a short time, so that a session that never ends, such as an
operator's, does not stop all other owners of the partition. A mark is a row of its own table, since the
owner's row may be the one that is locked, and inserting a row waits for no other session. The derivation that
ends the wait begins by deleting the marks that it sees. A mark that is inserted after that, for a newer
event, is kept, and leads to another derivation.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import BigInteger, Column, Identity, Index, MetaData, Table, Text, func

from processkit.postgres.database import Session
from processkit.postgres.tables import TIME, required

WAIT = "set local lock_timeout = '5s'"
"""Two consumers that derive the same owners wait for each other for less than that."""
WAIT_NO_LONGER = "set local lock_timeout = '100ms'"
"""Once one lock was not released in time: the owners whose rows are locked are searched for."""
MAX_POSTPONED = 20
"""More locked owners in one batch are no matter of single owners: the consumer waits for the database."""


def declare(metadata: MetaData, anchors: str) -> Table:
    """Declare the table of the marks in the metadata, and return it."""
    table = Table(
        name_of(anchors),
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        *required(Text, "owner_id"),
        Column("postponed_at", TIME, nullable=False, server_default=func.now()),
    )
    Index(f"{table.name}_owner", table.c.owner_id)
    return table


def name_of(anchors: str) -> str:
    """Return the name of the table that belongs to this table of anchors."""
    return f"postponed_{anchors}"


_ADD = "insert into {marks} (owner_id) select unnest(%s::text[])"
_AMONG = "select distinct owner_id from {marks} where owner_id = any(%s)"
_REMOVE = "delete from {marks} where owner_id = any(%s)"
_OLDEST = "select owner_id from {marks} group by owner_id order by min(id) limit %s"
_COUNT = "select count(distinct owner_id) from {marks}"


class Postponed:
    """The marks of one derivation."""

    def __init__(self, anchors: str) -> None:
        self._marks = name_of(anchors)

    def add(self, tx: Session, owners: Collection[str]) -> None:
        """Mark the owners, whether or not they are marked already."""
        if owners:
            tx.execute(self._in_marks(_ADD), (sorted(owners),))

    def among(self, tx: Session, owners: Iterable[str]) -> set[str]:
        """Return those of the owners that are marked."""
        return {row[0] for row in tx.execute(self._in_marks(_AMONG), (list(owners),))}

    def remove(self, tx: Session, owners: Iterable[str]) -> None:
        """Delete the marks of these owners that are committed."""
        tx.execute(self._in_marks(_REMOVE), (list(owners),))

    def oldest(self, tx: Session, limit: int) -> list[str]:
        """Return the owners that have been waiting for the longest time."""
        return [row[0] for row in tx.execute(self._in_marks(_OLDEST), (limit,))]

    def count(self, tx: Session) -> int:
        """Return how many owners are marked."""
        row = tx.execute(self._in_marks(_COUNT)).fetchone()
        assert row is not None
        return int(row[0])

    def _in_marks(self, statement: str) -> str:
        return statement.format(marks=self._marks)
