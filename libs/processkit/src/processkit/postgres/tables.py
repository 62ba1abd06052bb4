"""The metadata in which a service declares its tables, and what its columns have in common."""

from collections.abc import Iterator
from typing import Any, TypeVar

from sqlalchemy import CheckConstraint, Column, DateTime, MetaData
from sqlalchemy.types import TypeEngine

T = TypeVar("T")

TIME = DateTime(timezone=True)
"""The type of every moment: Postgres stores it in UTC."""

_NAMES_OF_POSTGRES = {
    "pk": "%(table_name)s_pkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}


def metadata() -> MetaData:
    """Return empty metadata that names constraints as Postgres names those of literal DDL.

    Postgres names a check after the only column that it reads, so that is the name to give:
    `CheckConstraint("amount >= 0", name="amount")` on `orders` is named `orders_amount_check`. For any other
    name, wrap it: `name=sqlalchemy.sql.naming.conv("orders_paid_once")`.
    """
    return MetaData(naming_convention=_NAMES_OF_POSTGRES)


def required(kind: type[TypeEngine[T]] | TypeEngine[T], *names: str) -> Iterator[Column[T]]:
    """Return columns of one type that are not null and have no default."""
    return (Column(name, kind, nullable=False) for name in names)


def optional(kind: type[TypeEngine[T]] | TypeEngine[T], *names: str) -> Iterator[Column[T]]:
    """Return columns of one type that may be null."""
    return (Column(name, kind) for name in names)


def checked(
    kind: type[TypeEngine[T]] | TypeEngine[T], name: str, condition: str, **options: Any
) -> Column[T]:
    """Return a column whose values meet a condition in SQL that begins after the column's name: `">= 0"`.

    `options` are those of `Column`.
    """
    return Column(name, kind, CheckConstraint(f"{name} {condition}", name=name), **options)
