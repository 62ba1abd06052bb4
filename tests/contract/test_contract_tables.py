"""The tables that each service declares are those that its migrations create.

New databases and upgraded ones follow the migrations; queries follow the declarations.
"""

import difflib
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine, pool

from checkout.store import tables as checkout
from devstack.testing.catalog import catalog, create_tables
from devstack.testing.fixtures import MakeDatabase
from enrollment.store import tables as enrollment
from notifications.store import tables as notifications
from reporting.store import tables as reporting

SERVICES = Path(__file__).resolve().parents[2] / "services"
DECLARED = {
    "checkout": checkout.METADATA,
    "enrollment": enrollment.METADATA,
    "notifications": notifications.METADATA,
    "reporting": reporting.METADATA,
}
NEEDED = {
    "checkout": checkout.REVISION,
    "enrollment": enrollment.REVISION,
    "notifications": notifications.REVISION,
    "reporting": reporting.REVISION,
}


@pytest.mark.parametrize("service", NEEDED)
def test_a_program_needs_the_newest_of_its_revisions_which_strictly_increase(service: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(SERVICES / service / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    newest_first = [script.revision for script in scripts.walk_revisions()]
    assert scripts.get_heads() == [NEEDED[service]]
    # A process compares revisions as text.
    assert newest_first == sorted(set(newest_first), reverse=True)
    assert len({len(revision) for revision in newest_first}) == 1


@pytest.mark.parametrize("service", DECLARED)
def test_alembic_finds_no_difference_between_the_migrated_and_the_declared_tables(
    service: str, make_database: MakeDatabase
) -> None:
    dsn = make_database(SERVICES / service)
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=pool.NullPool
    )
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, DECLARED[service]) == []


@pytest.mark.parametrize("service", DECLARED)
def test_the_catalogs_of_a_migrated_and_a_declared_database_are_equal(
    service: str, make_database: MakeDatabase
) -> None:
    # Alembic compares no checks, no conditions of indexes and no included columns.
    declared = made(DECLARED[service], make_database())
    migrated = catalog(without_views(make_database(SERVICES / service)))
    difference = "\n".join(difflib.unified_diff(migrated, declared, "migrated", "declared", lineterm="", n=0))
    assert not difference, difference


def made(metadata: MetaData, dsn: str) -> list[str]:
    """The catalog of a database with the declared tables."""
    create_tables(dsn, metadata)
    return catalog(dsn)


def without_views(dsn: str) -> str:
    """Drop the views of a database: migrations create them, and no query of a service reads them."""
    with psycopg.connect(dsn) as connection:
        views = connection.execute("select viewname from pg_views where schemaname = 'public'").fetchall()
        for (name,) in views:
            connection.execute(f"drop view {name} cascade")
    return dsn
