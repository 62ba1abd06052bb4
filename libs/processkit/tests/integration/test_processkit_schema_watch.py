"""Readiness requires a schema that is not older than the program; a newer one is accepted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from processkit.health import Health
from processkit.schema_watch import OLDER, SchemaWatch, older_revisions

SERVICES = sorted(path.parent for path in Path(__file__).parents[4].glob("services/*/migrations"))


@pytest.fixture
def service(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations" / "versions"
    folder.mkdir(parents=True)
    (folder / "0001_a.py").write_text('revision = "0001"\ndown_revision = None\n')
    (folder / "0002_b.py").write_text('revision, down_revision = "0002", "0001"\n')
    (folder / "0003_c.py").write_text('revision = "0003"\ndown_revision = "0002"\n')
    return tmp_path


def at(dsn: str, revision: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("create table if not exists alembic_version (version_num varchar(32) primary key)")
        connection.execute("delete from alembic_version")
        if revision:
            connection.execute("insert into alembic_version values (%s)", (revision,))


def test_the_older_revisions_are_all_but_the_newest(service: Path) -> None:
    assert older_revisions(service) == {"0001", "0002"}


@pytest.mark.parametrize("folder", SERVICES, ids=lambda path: path.name)
def test_the_older_revisions_of_each_service_agree_with_alembic(folder: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(folder / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    assert len(SERVICES) == 4
    assert older_revisions(folder) == known - set(scripts.get_heads())


def test_a_process_is_ready_once_its_schema_is_new_enough(
    service: Path, make_database: Callable[..., str]
) -> None:
    dsn, health = make_database(), Health()
    watch = SchemaWatch(dsn, service, health)
    watch.once()
    assert health.ready() == (False, {"schema": OLDER}), "never migrated"
    for revision, expected in (
        ("", OLDER),
        ("0001", OLDER),
        ("0002", OLDER),
        ("0003", "ok"),
        ("0004", "ok"),  # of the next release, whose migration runs before its programs are deployed
        ("0002", OLDER),  # a restored backup
    ):
        at(dsn, revision)
        watch.once()
        assert health.ready()[1] == {"schema": expected}, revision


def test_an_unavailable_database_does_not_change_the_last_report(
    service: Path, make_database: Callable[..., str], postgres_admin_dsn: str
) -> None:
    dsn, health = make_database(), Health()
    at(dsn, "0003")
    watch = SchemaWatch(dsn, service, health)
    watch.once()
    name = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
    with psycopg.connect(postgres_admin_dsn, autocommit=True) as admin:
        admin.execute(f"alter database {name} allow_connections false")  # type: ignore[arg-type]
        watch.once()
        assert health.ready() == (True, {"schema": "ok"})
        admin.execute(f"alter database {name} allow_connections true")  # type: ignore[arg-type]
