"""The parcel service (see support/) on real servers."""

import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from messaging_effects import Effects
from messaging_parcels import migrate
from messaging_workers import MakeService, RunCommand, Service

from devstack.processes import Owner
from devstack.testing.databases import Databases, with_database
from messaging.__main__ import main
from messaging.settings import KafkaSettings


@pytest.fixture(scope="session")
def parcels_template(postgres_admin_dsn: str, _databases: Databases) -> Iterator[str]:
    """A migrated database to copy."""
    dsn = _databases.create(None)
    migrate(dsn)
    yield dsn
    _databases.drop(dsn)


@pytest.fixture
def parcels_dsn(parcels_template: str, postgres_admin_dsn: str, _databases: Databases) -> Iterator[str]:
    """A fresh database of the parcel service."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    template = psycopg.conninfo.conninfo_to_dict(parcels_template)["dbname"]
    with psycopg.connect(postgres_admin_dsn, autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}")
    dsn = with_database(postgres_admin_dsn, name)
    yield dsn
    _databases.drop(dsn)


@pytest.fixture
def kafka_settings(kafka_bootstrap: str) -> KafkaSettings:
    """Settings of the session's broker."""
    return KafkaSettings(bootstrap_servers=kafka_bootstrap)


@pytest.fixture
def make_service(masterji_owner: Owner, tmp_path: Path) -> Iterator[MakeService]:
    """`make_service(kafka, dsn, make_topic, partitions=4)`; everything that it starts is stopped at the
    end."""
    made: list[Service] = []
    log = (tmp_path / "processes.log").open("wb")

    def make(kafka: KafkaSettings, dsn: str, make_topic: Callable[..., str], partitions: int = 4) -> Service:
        effects = Effects(kafka, dsn, make_topic(2, "announcements"))
        topic, dead_letters = make_topic(partitions, "parcels"), make_topic(1, "dlq")
        made.append(Service(kafka, dsn, topic, dead_letters, effects, masterji_owner, log))
        return made[-1]

    yield make
    try:
        for each in made:
            each.stop()
    finally:
        log.close()
        sys.stderr.write((tmp_path / "processes.log").read_text(errors="replace")[-20_000:])


@pytest.fixture
def service(
    kafka_settings: KafkaSettings, parcels_dsn: str, make_topic: Callable[..., str], make_service: MakeService
) -> Service:
    """A parcel service on the session's servers, with a topic of four partitions."""
    return make_service(kafka_settings, parcels_dsn, make_topic)


@pytest.fixture
def run_command(
    kafka_settings: KafkaSettings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> RunCommand:
    """Run a command of `python -m messaging` on the session's broker: exit code, stdout, stderr."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka_settings.bootstrap_servers)

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run
