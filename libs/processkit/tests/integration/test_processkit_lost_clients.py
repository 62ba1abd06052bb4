"""The server releases the locks of a session whose client no longer reads."""

import time
from collections.abc import Callable
from contextlib import closing

import psycopg
import pytest

from processkit.postgres.connections import session_settings
from processkit.postgres.database import Database

LOCK = 7


def test_a_client_that_stops_reading_its_result_loses_its_session_and_its_locks(
    make_database: Callable[[], str],
) -> None:
    dsn = make_database()
    with (
        closing(psycopg.connect(dsn, autocommit=True)) as stopped,
        closing(psycopg.connect(dsn, autocommit=True)) as other,
    ):
        stopped.execute(*session_settings({"tcp_user_timeout": "1000", "statement_timeout": "1s"}))
        # More than the buffers between the two hold, so the server blocks while it sends.
        query = f"select pg_advisory_lock({LOCK}), repeat('x', 1000000) from generate_series(1, 300)"
        stopped.pgconn.send_query(query.encode())
        stopped.pgconn.flush()
        blocked = "select wait_event from pg_stat_activity where pid = %s"
        deadline = time.monotonic() + 20
        while other.execute(blocked, (stopped.info.backend_pid,)).fetchone() != ("ClientWrite",):
            assert time.monotonic() < deadline, "the server never waited for the client"
        other.execute("set lock_timeout = '20s'")
        other.execute("select pg_advisory_lock(%s)", (LOCK,))


@pytest.mark.parametrize(("name", "value"), [("tcp_keepalives_idle", "10"), ("tcp_user_timeout", "20000")])
def test_the_sessions_of_workers_end_on_the_server_when_their_client_is_lost(
    make_database: Callable[[], str], name: str, value: str
) -> None:
    database = Database(make_database(), "test")
    try:
        with database.transaction() as tx:
            assert tx.execute("select current_setting(%s)", (name,)).fetchone() == (value,)
    finally:
        database.close()
