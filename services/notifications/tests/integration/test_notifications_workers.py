"""The workers while their database is not ready."""

from __future__ import annotations

import threading

import psycopg
import pytest
from notifications_service import Service, SmtpServer

from notifications.workers.backlog import count_backlog
from processkit.health import Health
from processkit.watch import Watch


@pytest.mark.parametrize("worker", ["sender-1", "backlog"])
def test_a_worker_waits_for_the_migration_instead_of_crashing(
    service: Service, smtp: SmtpServer, worker: str
) -> None:
    with service.database.transaction() as tx:
        tx.execute("alter table deliveries rename to not_yet")
    stop, failures, health = threading.Event(), [], Health()
    workers = {
        "sender-1": service.sender(smtp.mailer(), health=health, name="sender-1"),
        "backlog": Watch("backlog", lambda tx: count_backlog(tx, service.clock()), service.dsn, health),
    }

    def work() -> None:
        try:
            workers[worker].run(stop)
        except psycopg.Error as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    for _ in range(200):
        reported = health.ready()[1][worker]
        if reported != "starting" or failures:
            break
        stop.wait(0.05)
    stop.set()
    thread.join(timeout=15)

    assert failures == []
    assert "deliveries" in reported
