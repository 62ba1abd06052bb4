"""Makes the stored rows of some owners equal to the rows that were computed for them.

    GRANTS = Sync(
        tables.grants, ("user_id", "kind", "source_id", "line_id", "course_id", "state"),
        scope="user_id", also=("duplicate_version",), stamp="changed_at",
    )
    GRANTS(tx, user_ids, rows, now)

That is one read, at most one delete and at most one upsert, and no write if nothing differs. Rows are tuples
in the order of the columns, which include the table's primary key. Values are compared as Python compares
them: an enum must be a StrEnum or given as its value, and datetimes must be aware.

Where the messages to send, or further values to write, depend on the differences, take the two steps apart:

    changes = []
    for change in ACCESS.differences(tx, user_ids, rows):
        cause, version = change.also            # as stored; None for a new row
        changes.append(replace(change, also=(cause_of(change.after), next_version(version))))
    ACCESS.write(tx, changes, now)
    outbox.append(tx, [announcement(change) for change in changes])

With `vanished=lambda row: (*row[:2], False, "none")`, rows that are no longer computed get those values
instead of being deleted.

Between the read and the write no other transaction may write rows of these owners: lock the owners before.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from psycopg.rows import tuple_row
from sqlalchemy import Table

from processkit.postgres import statements
from processkit.postgres.database import Session

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One row that differs. `before` is the stored row (None: new), `after` the computed one (None: deleted).

    `also` holds the values of the columns that are stored with the row but not compared.
    """

    before: Row | None
    after: Row | None
    also: Row


class Sync:
    """Synchronizes `columns` of a table with computed rows, for the owners in the column `scope`.

    `also` names columns that are read and written, but not compared. `stamp` names the column that holds when
    a row was last written. `vanished` returns what replaces a stored row that is no longer computed; without
    it, such a row is deleted.

    Raises ValueError if the primary key or `scope` is not among the columns.
    """

    def __init__(
        self,
        table: Table,
        columns: Sequence[str],
        *,
        scope: str,
        also: Sequence[str] = (),
        stamp: str | None = None,
        vanished: Callable[[Row], Row] | None = None,
    ) -> None:
        key = statements.key_of(table)
        if missing := {scope, *key} - set(columns):
            raise ValueError(f"columns of {table.name} must include {', '.join(sorted(missing))}")
        # A row that has moved to another owner since it was read must not be deleted for this one.
        deleted = tuple(dict.fromkeys((*key, scope)))
        places = {name: place for place, name in enumerate(columns)}
        self._key: Callable[[Row], Any] = itemgetter(*(places[name] for name in key))
        self._deleted = [places[name] for name in deleted]
        self._scope = places[scope]
        self._width = len(columns)
        self._also = (None,) * len(also)
        self._vanished = vanished
        self._stamped = stamp is not None
        written = (*columns, *also)
        self._read = statements.select_in(table, written, scope)
        self._delete = statements.delete_from(table, deleted)
        self._upsert = statements.upsert(table, written, same=() if stamp is None else (stamp,))

    def __call__(
        self, tx: Session, scope: Collection[str], rows: Iterable[Row], now: datetime | None = None
    ) -> list[Change]:
        """Make the stored rows of the owners in `scope` equal to `rows`, and return what changed."""
        changes = self.differences(tx, scope, rows)
        self.write(tx, changes, now)
        return changes

    def differences(self, tx: Session, scope: Collection[str], rows: Iterable[Row]) -> list[Change]:
        """Return the rows of the owners in `scope` that differ from `rows`, ordered by key.

        Raises ValueError for a row of an owner that is not in `scope`.
        """
        owners = set(scope)
        stored = self._stored(tx, owners) if owners else {}
        width, changes = self._width, []
        wanted = {self._key(row): row for row in rows}
        for key, after in wanted.items():
            if after[self._scope] not in owners:
                raise ValueError(f"a row of {after[self._scope]} was computed, which is not in the scope")
            found = stored.pop(key, None)
            if found is None:
                changes.append(Change(None, after, self._also))
            elif found[:width] != after:
                changes.append(Change(found[:width], after, found[width:]))
        for found in stored.values():
            before = found[:width]
            replacement = self._vanished(before) if self._vanished else None
            if replacement != before:
                changes.append(Change(before, replacement, found[width:]))
        return sorted(changes, key=lambda change: self._key(change.after or change.before or ()))

    def write(self, tx: Session, changes: Iterable[Change], now: datetime | None = None) -> None:
        """Write the changes: the rows without an `after` are deleted, the others inserted or updated."""
        gone, written = [], []
        for change in changes:
            if change.after is not None:
                written.append((*change.after, *change.also))
            elif change.before is not None:
                gone.append([change.before[place] for place in self._deleted])
        if gone:
            tx.execute(self._delete, statements.columns_of(gone))
        if written:
            stamp = (now,) if self._stamped else ()
            tx.execute(self._upsert, (*stamp, *statements.columns_of(written)))

    def _stored(self, tx: Session, owners: Collection[str]) -> dict[Any, Row]:
        with tx.cursor(row_factory=tuple_row) as cursor:
            return {self._key(row): row for row in cursor.execute(self._read, (list(owners),))}
