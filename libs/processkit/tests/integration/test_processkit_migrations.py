"""Migrations on a real database, including two simultaneous jobs."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from processkit.errors import LockHeld
from processkit.postgres.migrations import migrate, upgrade

ENV = "from processkit.postgres.migrations import run_env\n\nrun_env()\n"
REVISION = '''
from alembic import op

revision, down_revision = "{revision}", {down}


def upgrade() -> None:
    op.execute("""{sql}""")
'''


@pytest.fixture
def service(tmp_path: Path) -> Path:
    folder = tmp_path / "100% service"
    (folder / "migrations" / "versions").mkdir(parents=True)
    (folder / "migrations" / "env.py").write_text(ENV)
    add(
        folder, "0001", None, "create table course (id text primary key); insert into course values ('first')"
    )
    return folder


def add(folder: Path, revision: str, down: str | None, sql: str) -> None:
    text = REVISION.format(revision=revision, down=repr(down), sql=sql)
    (folder / "migrations" / "versions" / f"{revision}_x.py").write_text(text)


def revision(dsn: str) -> str | None:
    with psycopg.connect(dsn) as connection:
        if connection.execute("select to_regclass('alembic_version')").fetchone() == (None,):
            return None
        row = connection.execute("select version_num from alembic_version").fetchone()
    return row[0] if row else None


def courses(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [row[0] for row in connection.execute("select id from course order by id").fetchall()]


def test_an_empty_database_is_migrated_to_head_once(service, make_database):
    dsn = make_database()
    assert revision(dsn) is None
    upgrade(dsn, service)
    upgrade(dsn, service)
    assert revision(dsn) == "0001"
    assert courses(dsn) == ["first"]


def test_the_migrations_folder_itself_may_be_given(service, make_database):
    dsn = make_database()
    upgrade(dsn, service / "migrations")
    assert revision(dsn) == "0001"


def test_two_simultaneous_jobs_migrate_once(service, make_database):
    add(service, "0002", "0001", "select pg_sleep(0.3); insert into course values ('second')")
    dsn = make_database()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: upgrade(dsn, service), range(2)))
    assert courses(dsn) == ["first", "second"]


def test_a_failed_migration_keeps_the_previous_revision_and_no_lock(service, make_database):
    dsn = make_database()
    add(service, "0002", "0001", "insert into course values ('half'); select 1/0")
    with pytest.raises(Exception, match="division by zero"):
        upgrade(dsn, service)
    assert courses(dsn) == ["first"]
    assert revision(dsn) == "0001"
    add(service, "0002", "0001", "insert into course values ('second')")
    upgrade(dsn, service)
    assert courses(dsn) == ["first", "second"]


def test_a_blocking_reader_is_named_and_later_ones_continue(service, make_database):
    dsn = make_database()
    upgrade(dsn, service)
    add(service, "0002", "0001", "alter table course add title text")
    others = []

    def read_behind_the_migration(stop):
        with psycopg.connect(dsn, autocommit=True) as connection:
            while not stop.is_set():
                connection.execute("set statement_timeout = '20s'")
                others.append(connection.execute("select count(*) from course").fetchone())
                stop.wait(0.01)

    stop = threading.Event()
    with psycopg.connect(dsn, application_name="pg_dump") as dump, ThreadPoolExecutor(1) as pool:
        dump.execute("select from course")
        reading = pool.submit(read_behind_the_migration, stop)
        try:
            with pytest.raises(LockHeld) as held:
                upgrade(dsn, service, lock_seconds=0.6, tries=2, pause_seconds=0.1)
        finally:
            stop.set()
        reading.result()
        assert others and set(others) == {(1,)}
        assert f"process {dump.info.backend_pid} of pg_dump" in str(held.value)
        assert "in 2 attempts" in str(held.value)
    assert revision(dsn) == "0001"


def test_a_migration_waits_for_a_reader_that_ends_in_time(service, make_database):
    dsn = make_database()
    upgrade(dsn, service)
    add(service, "0002", "0001", "alter table course add title text")
    waits = (
        "select count(*) from pg_stat_activity"
        " where application_name = 'migrate' and wait_event_type = 'Lock'"
    )
    with (
        psycopg.connect(dsn) as dump,
        psycopg.connect(dsn, autocommit=True) as monitor,
        ThreadPoolExecutor(1) as pool,
    ):
        dump.execute("select from course")
        migrating = pool.submit(upgrade, dsn, service, lock_seconds=0.3, tries=100, pause_seconds=0.05)
        seen = 0
        while seen < 2:  # it waited, let others pass, and waits again
            while monitor.execute(waits).fetchone() == (0,):
                assert not migrating.done()
            seen += 1
            while monitor.execute(waits).fetchone() != (0,):
                pass
        dump.rollback()
        migrating.result(30)
    assert revision(dsn) == "0002"


def test_an_unavailable_database_is_reported_in_one_sentence(service, capsys):
    assert migrate("postgresql://x@127.0.0.1:1/x", service) == 1
    said = capsys.readouterr().err
    assert said.startswith("The database could not be migrated: ")
    assert "run migrate again" in said and said.count("\n") == 1


def test_a_defective_migration_keeps_its_traceback(service, make_database):
    add(service, "0002", "0001", "select 1/0")
    with pytest.raises(Exception, match="division by zero"):
        migrate(make_database(), service)
