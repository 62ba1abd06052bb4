"""The declared tables are those that the services' first migrations created."""

from collections.abc import Sequence

import psycopg
import pytest
from messaging_parcels import LINKS

from devstack.testing.catalog import catalog, create_tables
from devstack.testing.fixtures import MakeDatabase
from messaging.eventset import derivation
from messaging.eventset.event_set import EventSet
from messaging.outbox import rows as outbox
from processkit.postgres.tables import metadata

_EVENTS = """
create table events (
    event_id text primary key, type text not null, created bigint not null, rank smallint not null,
    object_id text, status text, previous_status text, customer text, parcel text, label text,
    facts jsonb not null, recorded_at timestamptz not null default now());
create index events_customer on events (customer) where customer is not null;
create index events_parcel on events (parcel) where parcel is not null;
create index events_label on events (label) where label is not null;"""
_LOOSE = """
create index events_parcel_loose on events (parcel) where parcel is not null and customer is null;
create index events_label_loose on events (label) where label is not null and customer is null;"""
_ANCHORS = """
create table owners (
    owner_id text primary key, next_change_at timestamptz, needs_derivation boolean not null default false,
    failure text, failed_at timestamptz, attempts integer not null default 0);
create index owners_due on owners (next_change_at) where next_change_at is not null;
create index owners_failed on owners (failed_at) where needs_derivation;
create table postponed_owners (
    id bigint generated always as identity primary key, owner_id text not null,
    postponed_at timestamptz not null default now());
create index postponed_owners_owner on postponed_owners (owner_id);"""
_OUTBOX = """
create table outbox (
    id bigint generated always as identity primary key, topic text not null, key text not null,
    event_id text not null, type text not null, source text not null, time timestamptz not null,
    value bytea not null, traceparent text, headers jsonb not null default '{}',
    created_at timestamptz not null default now());"""


@pytest.mark.parametrize(
    ("events", "ddl"),
    [
        (EventSet(LINKS), _EVENTS),
        (EventSet(LINKS, owner="customer", across=("parcel",)), _EVENTS + _LOOSE),
    ],
    ids=["every link counts", "most events name their owner"],
)
def test_the_declared_tables_equal_literal_ddl(
    events: EventSet, ddl: str, make_database: MakeDatabase
) -> None:
    declared, literal = make_database(), make_database()
    tables = metadata()
    made = [events.declare(tables), derivation.declare(tables), outbox.declare(tables)]
    assert [table.name for table in made] == ["events", "owners", "outbox"]
    create_tables(declared, tables)
    with psycopg.connect(literal) as connection:
        connection.execute(f"{ddl}{_ANCHORS}{_OUTBOX}")
    assert catalog(declared) == catalog(literal)
    assert column_order(declared) == column_order(literal)


def column_order(dsn: str) -> Sequence[tuple[str, str]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'public'"
            " order by table_name, ordinal_position"
        ).fetchall()
