"""Constraints of declared tables have the names that Postgres gives to those of literal DDL."""

import psycopg
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from devstack.testing.catalog import catalog, create_tables
from devstack.testing.fixtures import MakeDatabase
from processkit.postgres.tables import checked, metadata, optional, required

_LITERAL = """
create table orders (
    order_id text primary key, user_id text not null, number bigint not null unique, amount bigint not null
    check (amount >= 0), unique (user_id, number));
create table lines (
    order_id text not null references orders, line_id text not null, user_id text, number bigint,
    primary key (order_id, line_id), foreign key (user_id, number) references orders (user_id, number));"""


def test_constraints_have_the_names_that_postgres_gives(make_database: MakeDatabase) -> None:
    tables = metadata()
    Table(
        "orders",
        tables,
        Column("order_id", Text, primary_key=True),
        *required(Text, "user_id"),
        Column("number", BigInteger, nullable=False, unique=True),
        checked(BigInteger, "amount", ">= 0", nullable=False),
        UniqueConstraint("user_id", "number"),
    )
    Table(
        "lines",
        tables,
        Column("order_id", Text, ForeignKey("orders.order_id"), primary_key=True),
        Column("line_id", Text, primary_key=True),
        *optional(Text, "user_id"),
        *optional(BigInteger, "number"),
        ForeignKeyConstraint(["user_id", "number"], ["orders.user_id", "orders.number"]),
    )
    declared, literal = make_database(), make_database()
    create_tables(declared, tables)
    with psycopg.connect(literal) as connection:
        connection.execute(_LITERAL)
    assert catalog(declared) == catalog(literal)
