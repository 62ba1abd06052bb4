"""Workers keep session settings on their connection, so they go past a pooler: by DATABASE_DIRECT_URL."""

import threading
from pathlib import Path

import pytest

from checkout import bootstrap
from checkout.settings import ProcessSettings
from devstack.testing.fixtures import MakeDatabase
from processkit.health import Health
from servicekit.roles import Context

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def test_clock_expiry_and_watch_take_the_direct_connection(
    make_database: MakeDatabase, kafka_with_topics: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pooler = "postgresql://user@127.0.0.1:1/pooler"
    settings = ProcessSettings(database_url=pooler, database_direct_url=make_database(MIGRATIONS))
    health, stop = Health(), threading.Event()
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka_with_topics)
    workers = bootstrap.clock(Context(settings, health))
    threads = [threading.Thread(target=worker, args=(stop,)) for worker in workers.values()]
    for thread in threads:
        thread.start()
    try:
        # The topics were created a moment ago: at first their brokers do not answer for every partition.
        for _ in range(600):
            if health.ready()[0]:
                break
            stop.wait(0.05)
        seen = health.ready()
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)
    assert seen == (True, dict.fromkeys(("clock", "expiry", "watch", "outbox", "group-watch"), "ok"))
