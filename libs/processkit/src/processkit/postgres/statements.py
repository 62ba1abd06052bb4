"""Batch statements for psycopg, generated from a declared table. One statement writes any number of rows.

Each column is one parameter: an array with a value for each row. `columns_of` turns rows into such arrays:

    NOTE = upsert_newer(tables.enrollments, ("user_id", "course_id", "access", "version"), "version")
    tx.execute(NOTE, columns_of(rows))

`same` names columns that have one value for all rows. Those values come first:

    ADD = insert_ignore(tables.deliveries, ("delivery_id", "context"), same=("created_at",))
    tx.execute(ADD, (now, *columns_of(rows)))

`clear` names columns that an update sets to null. A JSON column takes JSON text. Sort rows by their key where
two transactions may write the same rows, or they can deadlock. A statement ends where `returning` may follow.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ARRAY, JSON, ClauseElement, Column, Table
from sqlalchemy.dialects.postgresql import dialect
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.compiler import SQLCompiler

_DIALECT = dialect()  # type: ignore[no-untyped-call]
_PSYCOPG = PGDialect_psycopg()  # type: ignore[no-untyped-call]


def for_psycopg(query: ClauseElement, **values: Any) -> tuple[str, dict[str, Any]]:
    """Return an expression of SQLAlchemy as text and parameters for psycopg.

    `values` are those of its bind parameters without a value.
    """
    compiled = query.compile(dialect=_PSYCOPG)
    assert isinstance(compiled, SQLCompiler)
    state = compiled.construct_expanded_state(values)
    return state.statement, dict(state.parameters)


def columns_of(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Return the parameters for rows of equal length: one array for each column. There must be a row."""
    return [list(column) for column in zip(*rows, strict=True)]


def key_of(table: Table) -> tuple[str, ...]:
    """Return the names of the primary key's columns."""
    return tuple(column.name for column in table.primary_key)


def insert(table: Table, columns: Sequence[str], *, same: Sequence[str] = ()) -> str:
    """Return a statement that inserts the rows in their order."""
    wanted = [*(f"%s::{_type(table.c[name])}" for name in same), *_values(table, columns)]
    return (
        f"insert into {_name(table)} ({_list((*same, *columns))}) select {', '.join(wanted)}"  # noqa: S608
        f" from {_unnest(table, columns)} with ordinality as new({_list(columns)}, n) order by n"
    )


def insert_ignore(
    table: Table, columns: Sequence[str], *, same: Sequence[str] = (), key: Sequence[str] | None = None
) -> str:
    """Return a statement that inserts the rows whose `key` (by default the primary key) does not exist."""
    return f"{insert(table, columns, same=same)} on conflict ({_list(key or key_of(table))}) do nothing"


def upsert(
    table: Table, columns: Sequence[str], *, same: Sequence[str] = (), only_changed: bool = False
) -> str:
    """Return a statement that inserts the rows, and updates those whose primary key exists.

    With `only_changed`, an existing row with these values already is not written.
    """
    names = [name for name in columns if name not in key_of(table)]
    updated = [f"{_quote(name)} = excluded.{_quote(name)}" for name in (*names, *same)]
    if not updated:
        return insert_ignore(table, columns)
    where = f" where {_differs(_name(table), names, 'excluded')}" if only_changed else ""
    return f"{_on_conflict(table, columns, same)} do update set {', '.join(updated)}{where}"


def upsert_newer(
    table: Table, columns: Sequence[str], newer: str, *, same: Sequence[str] = (), clear: Sequence[str] = ()
) -> str:
    """Return an upsert that updates only rows whose stored value of the column `newer` is smaller."""
    names = [name for name in columns if name not in key_of(table)]
    updated = [f"{_quote(name)} = excluded.{_quote(name)}" for name in (*names, *same)]
    updated += [f"{_quote(name)} = null" for name in clear]
    return (
        f"{_on_conflict(table, columns, same)} do update set {', '.join(updated)}"
        f" where {_name(table)}.{_quote(newer)} < excluded.{_quote(newer)}"
    )


def update_from(
    table: Table,
    key: Sequence[str],
    columns: Sequence[str],
    *,
    same: Sequence[str] = (),
    clear: Sequence[str] = (),
    only_changed: bool = False,
) -> str:
    """Return a statement that updates the rows with the given keys. Parameters: `same`, `key`, `columns`.

    With `only_changed`, a row with these values already is not written.
    """
    updated = [f"{_quote(name)} = %s::{_type(table.c[name])}" for name in same]
    updated += [
        f"{_quote(name)} = {value}" for name, value in zip(columns, _values(table, columns), strict=True)
    ]
    updated += [f"{_quote(name)} = null" for name in clear]
    changed = f" and {_differs(_name(table), columns, 'new')}" if only_changed else ""
    return (
        f"update {_name(table)} set {', '.join(updated)}"  # noqa: S608
        f" from {_unnest(table, (*key, *columns))} as new({_list((*key, *columns))})"
        f" where {_matches(table, key, 'new')}{changed}"
    )


def delete_from(table: Table, key: Sequence[str]) -> str:
    """Return a statement that deletes the rows with the given keys."""
    return (
        f"delete from {_name(table)} using {_unnest(table, key)} as gone({_list(key)})"  # noqa: S608
        f" where {_matches(table, key, 'gone')}"
    )


def select_in(table: Table, columns: Sequence[str], scope: str) -> str:
    """Return a query of the rows whose column `scope` is in an array, its only parameter."""
    return (
        f"select {_list(columns)} from {_name(table)}"  # noqa: S608
        f" where {_quote(scope)} = any(%s::{_type(table.c[scope])}[])"
    )


def _on_conflict(table: Table, columns: Sequence[str], same: Sequence[str]) -> str:
    return f"{insert(table, columns, same=same)} on conflict ({_list(key_of(table))})"


def _unnest(table: Table, columns: Sequence[str]) -> str:
    return f"unnest({', '.join(f'%s::{_array_type(table.c[name])}[]' for name in columns)})"


def _values(table: Table, columns: Sequence[str]) -> list[str]:
    return [
        f"new.{_quote(name)}" + (f"::{_type(table.c[name])}" if _is_json(table.c[name]) else "")
        for name in columns
    ]


def _array_type(column: Column[Any]) -> str:
    if isinstance(column.type, ARRAY):
        raise ValueError(f"unnest would take {column} apart: write a column of arrays row by row")
    return "text" if _is_json(column) else _type(column)


def _type(column: Column[Any]) -> str:
    return column.type.compile(_DIALECT).lower()


def _is_json(column: Column[Any]) -> bool:
    return isinstance(column.type, JSON)


def _matches(table: Table, key: Sequence[str], other: str) -> str:
    return " and ".join(f"{_name(table)}.{_quote(name)} = {other}.{_quote(name)}" for name in key)


def _differs(table: str, columns: Sequence[str], other: str) -> str:
    stored = ", ".join(f"{table}.{_quote(name)}" for name in columns)
    given = ", ".join(f"{other}.{_quote(name)}" for name in columns)
    return f"({stored}) is distinct from ({given})"


def _list(columns: Sequence[str]) -> str:
    return ", ".join(map(_quote, columns))


def _name(table: Table) -> str:
    return _quote(table.name)


def _quote(name: str) -> str:
    return str(_DIALECT.identifier_preparer.quote(name))
