"""Lists of strings reach Postgres unchanged."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from processkit.postgres.arrays import text_array
from processkit.postgres.database import Database

TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=8)
AWKWARD = st.sampled_from(
    ['"', "\\", '\\"', ",", "{", "}", "NULL", "null", "", " ", "\x1e", "\x1f", '"\x1e"', "\n"]
)


@pytest.fixture(scope="module")
def connection(postgres_admin_dsn: str) -> Iterator[psycopg.Connection[Any]]:
    database = Database(postgres_admin_dsn, "arrays")
    yield database.connection()
    database.close()


@given(st.lists(st.one_of(TEXTS, AWKWARD, st.none()), max_size=6))
@example(["\x1e", None])
@example(["\x1f", "a"])
@example(["\x1fa", None, "\x1e"])
@example([None, None])
@example([])
def test_a_list_of_strings_arrives_unchanged(
    connection: psycopg.Connection[Any], items: list[str | None]
) -> None:
    row = connection.execute("select %s::text[], %s::text[]", (items, text_array(items))).fetchone()
    assert row == (items, items)


def test_strings_match_their_rows(connection: psycopg.Connection[Any]) -> None:
    rows = connection.execute(
        "select v from unnest(array['a', 'b']) as t(v) where v = any(%s)", (["b", "c"],)
    )
    assert rows.fetchall() == [("b",)]


def test_strings_are_cast_as_the_statement_requires(connection: psycopg.Connection[Any]) -> None:
    row = connection.execute(
        "select a::jsonb, n from unnest(%s::text[], %s::bigint[]) as t(a, n)",
        (['{"a": "\\"b\\\\"}'], [2**40]),
    ).fetchone()
    assert row == ({"a": '"b\\'}, 2**40)


@pytest.mark.parametrize(
    "items", [[1, None, -(2**40)], [True, False], [b"\x00\xff"], [datetime(2026, 11, 25, tzinfo=UTC), None]]
)
def test_other_lists_are_dumped_by_psycopg(connection: psycopg.Connection[Any], items: list[Any]) -> None:
    row = connection.execute("select %s", (items,)).fetchone()
    assert row == (items,)


def test_a_nul_is_refused_as_in_a_single_string(connection: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.CharacterNotInRepertoire):
        connection.execute("select %s::text[]", (["a", "b\x00c"],))


def test_mixed_lists_are_refused(connection: psycopg.Connection[Any]) -> None:
    with pytest.raises((psycopg.DataError, TypeError)):
        connection.execute("select %s::text[]", (["a", 1],))
