"""Batch statements are generated from the declared tables: their keys and types are listed nowhere else."""

import pytest
from sqlalchemy import ARRAY, BigInteger, Boolean, Column, DateTime, Table, Text, Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import JSONB

from processkit.postgres import statements
from processkit.postgres.sync import Sync
from processkit.postgres.tables import metadata

TABLES = metadata()
ACCESS = Table(
    "access",
    TABLES,
    Column("user_id", Text, primary_key=True),
    Column("course_id", Text, primary_key=True),
    Column("granted", Boolean, nullable=False),
    Column("until", DateTime(timezone=True)),
    Column("version", BigInteger, nullable=False),
    Column("changed_at", DateTime(timezone=True)),
)
MAILS = Table(
    "mails",
    TABLES,
    Column("mail_id", Uuid, primary_key=True),
    Column("about", Text, unique=True),
    Column("context", JSONB),
    Column("order", Text),
    Column("line_ids", ARRAY(Text)),
)


def test_an_expression_becomes_text_and_parameters_for_psycopg() -> None:
    query = select(ACCESS.c.user_id).where(
        ACCESS.c.course_id.in_(["a", "b"]), ACCESS.c.version > bindparam("least")
    )
    text, parameters = statements.for_psycopg(query, least=7)
    assert " ".join(text.split()) == (
        "SELECT access.user_id FROM access WHERE access.course_id IN (%(course_id_1_1)s::VARCHAR,"
        " %(course_id_1_2)s::VARCHAR) AND access.version > %(least)s::BIGINT"
    )
    assert parameters == {"course_id_1_1": "a", "course_id_1_2": "b", "least": 7}


def test_rows_become_one_array_for_each_column() -> None:
    assert statements.columns_of([("a", 1), ("b", None)]) == [["a", "b"], [1, None]]
    with pytest.raises(ValueError, match="shorter"):
        statements.columns_of([("a", 1), ("b",)])


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            statements.insert(MAILS, ("mail_id", "context", "order")),
            'insert into mails (mail_id, context, "order")'
            ' select new.mail_id, new.context::jsonb, new."order"'
            " from unnest(%s::uuid[], %s::text[], %s::text[]) with ordinality"
            ' as new(mail_id, context, "order", n) order by n',
        ),
        (
            statements.insert_ignore(ACCESS, ("user_id", "course_id"), same=("changed_at",)),
            "insert into access (changed_at, user_id, course_id)"
            " select %s::timestamp with time zone, new.user_id, new.course_id"
            " from unnest(%s::text[], %s::text[]) with ordinality as new(user_id, course_id, n) order by n"
            " on conflict (user_id, course_id) do nothing",
        ),
        (
            statements.insert_ignore(MAILS, ("about",), key=("about",)),
            "insert into mails (about) select new.about from unnest(%s::text[]) with ordinality"
            " as new(about, n) order by n on conflict (about) do nothing",
        ),
        (
            statements.upsert(ACCESS, ("user_id", "course_id", "granted"), only_changed=True),
            "insert into access (user_id, course_id, granted)"
            " select new.user_id, new.course_id, new.granted"
            " from unnest(%s::text[], %s::text[], %s::boolean[]) with ordinality"
            " as new(user_id, course_id, granted, n) order by n"
            " on conflict (user_id, course_id) do update set granted = excluded.granted"
            " where (access.granted) is distinct from (excluded.granted)",
        ),
        (
            statements.upsert_newer(ACCESS, ("user_id", "course_id", "version"), "version", clear=("until",)),
            "insert into access (user_id, course_id, version)"
            " select new.user_id, new.course_id, new.version"
            " from unnest(%s::text[], %s::text[], %s::bigint[]) with ordinality"
            " as new(user_id, course_id, version, n) order by n"
            " on conflict (user_id, course_id) do update set version = excluded.version, until = null"
            " where access.version < excluded.version",
        ),
        (
            statements.update_from(
                ACCESS, ("user_id",), ("granted",), same=("changed_at",), clear=("until",), only_changed=True
            ),
            "update access set changed_at = %s::timestamp with time zone, granted = new.granted, until = null"
            " from unnest(%s::text[], %s::boolean[]) as new(user_id, granted)"
            " where access.user_id = new.user_id and (access.granted) is distinct from (new.granted)",
        ),
        (
            statements.delete_from(ACCESS, ("user_id", "course_id")),
            "delete from access using unnest(%s::text[], %s::text[]) as gone(user_id, course_id)"
            " where access.user_id = gone.user_id and access.course_id = gone.course_id",
        ),
        (
            statements.select_in(MAILS, ("about", "order"), "mail_id"),
            'select about, "order" from mails where mail_id = any(%s::uuid[])',
        ),
    ],
    ids=["insert", "insert_ignore", "another key", "upsert", "upsert_newer", "update", "delete", "select"],
)
def test_a_statement_lists_the_columns_with_their_types(statement: str, expected: str) -> None:
    assert statement == expected


def test_an_upsert_of_nothing_but_the_key_inserts_what_is_missing() -> None:
    key = ("user_id", "course_id")
    assert statements.upsert(ACCESS, key) == statements.insert_ignore(ACCESS, key)


def test_a_column_of_arrays_is_refused_because_unnest_flattens_it() -> None:
    with pytest.raises(ValueError, match=r"mails\.line_ids"):
        statements.insert(MAILS, ("mail_id", "line_ids"))


def test_a_sync_without_its_key_or_scope_is_refused() -> None:
    with pytest.raises(ValueError, match="columns of access must include course_id, user_id"):
        Sync(ACCESS, ("granted",), scope="user_id")
    with pytest.raises(ValueError, match="columns of mails must include about"):
        Sync(MAILS, ("mail_id",), scope="about")
