"""Stored rows become equal to computed rows, and nothing else is written."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import psycopg
import pytest
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Table, Text

from devstack.testing.catalog import create_tables
from devstack.testing.fixtures import MakeDatabase
from processkit.postgres import statements
from processkit.postgres.database import Database, Session
from processkit.postgres.sync import Change, Sync
from processkit.postgres.tables import metadata

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)

TABLES = metadata()
GRANTS = Table(
    "grants",
    TABLES,
    Column("user_id", Text, primary_key=True),
    Column("line_id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("until", DateTime(timezone=True)),
    Column("flagged", Boolean, nullable=False),
    Column("version", BigInteger),
    Column("changed_at", DateTime(timezone=True)),
)
GAPS = Table(
    "gaps",
    TABLES,
    Column("order_id", Text, primary_key=True),
    Column("user_id", Text),
    Column("reason", Text),
)
COLUMNS = ("user_id", "line_id", "state", "until", "flagged")
SYNC = Sync(GRANTS, COLUMNS, scope="user_id", also=("version",), stamp="changed_at")
KEEPING = Sync(
    GRANTS, COLUMNS, scope="user_id", vanished=lambda row: (*row[:2], "none", None, False), stamp="changed_at"
)


class State(StrEnum):
    ACTIVE = "active"
    REVOKED = "revoked"


def grant(user: str, line: str, state: str = State.ACTIVE, until: datetime | None = None) -> tuple[Any, ...]:
    return (user, line, state, until, False)


A1, A2, B1 = grant("a", "1"), grant("a", "2", until=LATER), grant("b", "1")


@pytest.fixture
def tx(make_database: MakeDatabase) -> Iterator[Session]:
    dsn = make_database()
    create_tables(dsn, TABLES)
    database = Database(dsn, "tests")
    with database.transaction() as session:
        yield session
    database.close()


@pytest.fixture
def filled(tx: Session) -> Session:
    SYNC(tx, ["a", "b"], [B1, A2, A1], NOON)
    return tx


def rows(tx: Session) -> list[tuple[Any, ...]]:
    return tx.execute("select user_id, line_id, state, until, flagged from grants order by 1, 2").fetchall()


def stamps(tx: Session) -> list[datetime]:
    return [row[0] for row in tx.execute("select changed_at from grants order by user_id, line_id")]


def test_new_rows_are_inserted_in_the_order_of_their_keys(tx: Session) -> None:
    changes = SYNC(tx, ["a", "b"], [B1, A2, A1], NOON)
    assert changes == [Change(None, row, (None,)) for row in (A1, A2, B1)]
    assert rows(tx) == [A1, A2, B1]
    assert stamps(tx) == [NOON] * 3


def test_nothing_is_written_if_nothing_differs(filled: Session) -> None:
    before = filled.execute("select ctid, * from grants order by 1").fetchall()
    elsewhere = A2[3].astimezone(timezone(timedelta(hours=5, minutes=30)))
    same = [grant("a", "1", "active"), grant("a", "2", State.ACTIVE, elsewhere), B1]
    assert SYNC(filled, {"a", "b"}, same, LATER) == []
    assert filled.execute("select ctid, * from grants order by 1").fetchall() == before


def test_only_rows_that_differ_are_written(filled: Session) -> None:
    revoked, endless = grant("a", "1", State.REVOKED), grant("a", "2", until=None)
    changes = SYNC(filled, ["a", "b"], [revoked, endless, B1], LATER)
    assert changes == [Change(A1, revoked, (None,)), Change(A2, endless, (None,))]
    assert rows(filled) == [revoked, endless, B1]
    assert stamps(filled) == [LATER, LATER, NOON]


def test_rows_that_are_no_longer_computed_are_deleted(filled: Session) -> None:
    assert SYNC(filled, ["a"], [A2], LATER) == [Change(A1, None, (None,))]
    assert rows(filled) == [A2, B1]


def test_rows_of_owners_outside_the_scope_are_left_alone(filled: Session) -> None:
    assert SYNC(filled, ["a"], [], LATER) == [Change(A1, None, (None,)), Change(A2, None, (None,))]
    assert rows(filled) == [B1]
    with pytest.raises(ValueError, match="a row of b was computed, which is not in the scope"):
        SYNC(filled, ["a"], [B1], LATER)


def test_an_empty_scope_changes_nothing(filled: Session) -> None:
    assert SYNC(filled, [], [], LATER) == []
    assert rows(filled) == [A1, A2, B1]


def test_a_vanished_row_may_be_replaced_instead_of_deleted(filled: Session) -> None:
    gone = ("a", "1", "none", None, False)
    assert KEEPING(filled, ["a"], [A2], LATER) == [Change(A1, gone, ())]
    assert rows(filled) == [gone, A2, B1]
    assert KEEPING(filled, ["a"], [A2], LATER) == [], "it vanishes only once"


def test_the_caller_chooses_the_values_that_are_stored_but_not_compared(filled: Session) -> None:
    revoked = grant("a", "1", "revoked")
    (change,) = SYNC.differences(filled, ["a"], [revoked, A2])
    SYNC.write(filled, [replace(change, also=(7,))], LATER)
    (again,) = SYNC.differences(filled, ["a"], [A1, A2])
    assert again == Change(revoked, A1, (7,)), "the stored value is handed to the caller"
    SYNC.write(filled, [again], LATER)
    assert filled.execute("select version from grants where line_id = '1' order by 1").fetchall() == [
        (7,),
        (None,),
    ], "without a new value the stored one stays"


def test_a_row_that_another_owner_has_taken_over_is_not_deleted(tx: Session) -> None:
    gaps = Sync(GAPS, ("order_id", "user_id", "reason"), scope="user_id")
    gaps(tx, ["a"], [("o", "a", "unpaid")])
    deletion = gaps.differences(tx, ["a"], [])
    assert gaps(tx, ["b"], [("o", "b", "unpaid")]) == [Change(None, ("o", "b", "unpaid"), ())]
    gaps.write(tx, deletion)
    assert tx.execute("select order_id, user_id from gaps").fetchall() == [("o", "b")]


def test_upsert_newer_keeps_the_row_with_the_greater_version(tx: Session) -> None:
    statement = statements.upsert_newer(
        GRANTS, ("user_id", "line_id", "state", "flagged", "version"), "version", clear=("until",)
    )
    for version, state in ((2, "active"), (1, "late"), (2, "again"), (3, "revoked")):
        tx.execute(statement, statements.columns_of([("a", "1", state, False, version)]))
    assert tx.execute("select state, version from grants").fetchall() == [("revoked", 3)]


def test_update_from_writes_only_rows_that_exist_and_differ(filled: Session) -> None:
    statement = statements.update_from(
        GRANTS, ("user_id", "line_id"), ("state",), same=("changed_at",), only_changed=True
    )
    given = [("a", "1", "revoked"), ("a", "2", "active"), ("c", "1", "revoked")]
    assert filled.execute(statement, (LATER, *statements.columns_of(given))).rowcount == 1
    assert stamps(filled) == [LATER, NOON, NOON]


def test_insert_ignore_keeps_existing_rows(filled: Session) -> None:
    statement = statements.insert_ignore(GRANTS, COLUMNS, same=("changed_at",))
    given = [grant("a", "1", "revoked"), grant("c", "1")]
    assert filled.execute(statement, (LATER, *statements.columns_of(given))).rowcount == 1
    assert rows(filled) == [A1, A2, B1, grant("c", "1")]


@pytest.mark.parametrize("states", [(State.ACTIVE, "none"), ("none", State.ACTIVE)], ids=str)
def test_a_column_may_hold_enums_and_texts(tx: Session, states: tuple[str, str]) -> None:
    given = [grant("a", str(line), state) for line, state in enumerate(states)]
    SYNC(tx, ["a"], given, NOON)
    assert rows(tx) == given


def test_texts_are_stored_unchanged(tx: Session) -> None:
    awkward = ['"', "\\", '\\"', ",", "{", "}", "NULL", "null", "", " ", "é", "\n", "\x1f", "%s", "'"]
    given = [grant("a", f"{place:02}", text) for place, text in enumerate(awkward)]
    SYNC(tx, ["a"], given, NOON)
    assert rows(tx) == given
    with pytest.raises(psycopg.errors.CharacterNotInRepertoire), tx.transaction():
        SYNC(tx, ["a"], [grant("a", "1", "a\x00b")], NOON)


def test_a_duplicate_row_in_one_batch_is_refused_by_the_database(tx: Session) -> None:
    statement = statements.upsert(GRANTS, COLUMNS)
    with pytest.raises(psycopg.errors.CardinalityViolation), tx.transaction():
        tx.execute(statement, statements.columns_of([A1, grant("a", "1", "revoked")]))
