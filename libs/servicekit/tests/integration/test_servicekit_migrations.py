"""Migrations on a real database, also by two jobs at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from servicekit.migrations import current_is_head, upgrade

ENV = "from servicekit.migrations import run_env\n\nrun_env()\n"
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


def courses(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [row[0] for row in connection.execute("select id from course order by id").fetchall()]


def test_an_empty_database_becomes_head_and_stays(service, make_database):
    dsn = make_database()
    assert not current_is_head(dsn, service)
    upgrade(dsn, service)
    upgrade(dsn, service)
    assert current_is_head(dsn, service)
    assert courses(dsn) == ["first"]


def test_the_migrations_folder_itself_may_be_named(service, make_database):
    dsn = make_database()
    upgrade(dsn, service / "migrations")
    assert current_is_head(dsn, service / "migrations")


def test_two_jobs_at_once_migrate_once(service, make_database):
    add(service, "0002", "0001", "select pg_sleep(0.3); insert into course values ('second')")
    dsn = make_database()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: upgrade(dsn, service), range(2)))
    assert courses(dsn) == ["first", "second"]


def test_a_failed_migration_leaves_the_revision_before_and_no_lock(service, make_database):
    dsn = make_database()
    add(service, "0002", "0001", "insert into course values ('half'); select 1/0")
    with pytest.raises(Exception, match="division by zero"):
        upgrade(dsn, service)
    assert courses(dsn) == ["first"]
    assert not current_is_head(dsn, service)
    add(service, "0002", "0001", "insert into course values ('second')")
    upgrade(dsn, service)
    assert courses(dsn) == ["first", "second"]
