"""Writes what the rules derived: grants, access, gaps and ties. Rows that do not change are not written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from operator import attrgetter

from sqlalchemy import Table

from enrollment.domain import NO_ACCESS, Decision
from enrollment.store.tables import access, grants, rereads, unfulfilled
from processkit.postgres import statements
from processkit.postgres.database import Session
from processkit.postgres.sync import Row, Sync

Decisions = Mapping[str, Decision]
"""The decision for each user."""


def _columns(table: Table, *, without: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if column.name not in without)


_GRANT = _columns(grants, without=("changed_at", "duplicate_version"))
_ACCESS = _columns(access, without=("cause_event_id", "version", "changed_at"))
_GAP = _columns(
    unfulfilled,
    without=("read_at", "reads", "reviewed_reason", "reviewed_at", "reviewed_by", "review_note"),
)

GRANTS = Sync(grants, _GRANT, scope="user_id", also=("duplicate_version",), stamp="changed_at")
"""Synchronizes grants. Each row begins with the primary key."""
ACCESS = Sync(
    access,
    _ACCESS,
    scope="user_id",
    also=("cause_event_id", "version"),
    stamp="changed_at",
    # The row stays, so that the version of its next announcement is greater.
    vanished=lambda row: (*row[:2], False, NO_ACCESS, *(None for _ in _ACCESS[4:])),
)
"""Synchronizes the access to courses. Each row begins with the primary key."""
_GAPS = Sync(unfulfilled, _GAP, scope="user_id")
_WRITE_TIES = statements.upsert_newer(
    rereads, ("object_id", "created"), "created", same=("requested_at",), clear=("read_at", "failure")
)

DUPLICATE_OF = _GRANT.index("duplicate_of")
"""The place of that column in a row of `GRANTS`."""

# dataclasses.astuple would make deep copies.
_grant_values = attrgetter(*("state.value" if name == "state" else name for name in _GRANT[1:]))
_access_values = attrgetter(*_ACCESS[1:])
_gap_values = attrgetter(*_GAP[2:])


def grant_rows(decisions: Decisions) -> Iterator[Row]:
    """Return the rows for `GRANTS`."""
    for user_id, decision in decisions.items():
        for grant in decision.grants:
            yield (user_id, *_grant_values(grant))


def access_rows(decisions: Decisions) -> Iterator[Row]:
    """Return the rows for `ACCESS`."""
    for user_id, decision in decisions.items():
        for each in decision.access:
            yield (user_id, *_access_values(each))


def write_gaps(tx: Session, decisions: Decisions, now: datetime) -> None:
    """Write the paid orders without a grant, and the objects to reread because of a tie."""
    gaps = [
        (gap.order_id, user_id, *_gap_values(gap))
        for user_id, decision in decisions.items()
        for gap in decision.unfulfilled
    ]
    _GAPS(tx, decisions, gaps)
    newest: dict[str, int] = {}
    for decision in decisions.values():
        for tie in decision.ties:
            newest[tie.object_id] = max(tie.created, newest.get(tie.object_id, 0))
    if newest:
        # Sorted, because consumers of two users may write the same object.
        tx.execute(_WRITE_TIES, (now, *statements.columns_of(sorted(newest.items()))))


_STATE_HASH = f"""
select md5(string_agg(part, ' ' order by part)) from (
    select 'grants ' || count(*) || ' ' || coalesce(sum(hashtextextended(row::text, 0)), 0) as part
      from (select {", ".join(_GRANT)} from grants) as row
    union all
    select 'access ' || count(*) || ' ' || coalesce(sum(hashtextextended(row::text, 0)), 0)
      from (select {", ".join(_ACCESS)} from access where state <> '{NO_ACCESS}') as row
) as parts"""  # noqa: S608 - the names of columns and a constant


def state_hash(tx: Session) -> str:
    """Return a digest of all grants and access. It does not depend on when they were written."""
    row = tx.execute(_STATE_HASH).fetchone()
    assert row is not None
    return str(row[0])
