"""The process itself: migrations, start, health, stop, and an unavailable database."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from checkout import bootstrap
from checkout.settings import ApiSettings
from devstack import loopback
from devstack.testing import roles
from devstack.testing.fixtures import MakeDatabase
from devstack.tokens import TokenIssuer
from processkit.health import Health
from servicekit.roles import Context
from servicekit.server import create_server

SERVICE = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(jwt_issuer: TokenIssuer, dsn: str, port: int) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}
    return {
        **inherited,
        **jwt_issuer.settings_env,
        "DATABASE_URL": dsn,
        "PORT": str(port),
        "STRIPE_SECRET_KEY": "sk_test_1",
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        "APP_URL": f"http://127.0.0.1:{port}",
        "SIGN_IN_URL": "http://127.0.0.1:9/sign-in",
        "TERMS_VERSION": "2026-01",
        "LOG_FORMAT": "json",
    }


FIGURES = {
    "checkout_mismatches_open",
    "checkout_refunds_stuck",
    "checkout_duplicates_held",
    "messaging_outbox_age_seconds",
    "messaging_outbox_backlog",
    "messaging_needs_derivation",
    "messaging_group_lag",
    "messaging_group_stalled_partitions",
    "messaging_group_unreachable_partitions",
}
"""What alerts are computed from. The clock exports them; a role that does not know them exports nothing."""


def exported(url: str) -> set[str]:
    """The names of the figures on /metrics."""
    lines = loopback.get(f"{url}/metrics").text.splitlines()
    return {line.split("{")[0].split(" ")[0] for line in lines}


def run(role: str, env: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "checkout", role], env=env)


def test_migrate_then_serve_then_stop(make_database: MakeDatabase, jwt_issuer: TokenIssuer) -> None:
    env = environment(jwt_issuer, make_database(), free_port())
    assert run("migrate", env).wait(60) == 0
    assert run("migrate", env).wait(60) == 0  # nothing left to do
    with roles.running("checkout", "api", env) as process:
        process.until()
        assert loopback.get(f"{process.url}/v1/courses").json() == {"items": [], "next_cursor": None}
        assert "No courses are on sale yet" in loopback.get(process.url).text
        assert "/v1/checkout/sessions" in loopback.get(f"{process.url}/openapi.json").json()["paths"]
        assert not FIGURES & exported(process.url)


@pytest.mark.parametrize("role", ["api", "clock"])
def test_a_role_on_an_older_schema_says_what_to_run(
    make_database: MakeDatabase, kafka_with_topics: str, jwt_issuer: TokenIssuer, role: str
) -> None:
    dsn = make_database(SERVICE)
    env = environment(jwt_issuer, dsn, free_port()) | {"KAFKA_BOOTSTRAP_SERVERS": kafka_with_topics}
    with psycopg.connect(dsn, autocommit=True) as tx:
        head = tx.execute("select version_num from alembic_version").fetchone()
        assert head is not None and head != ("0001",)
        tx.execute("update alembic_version set version_num = '0001'")
        with roles.running("checkout", role, env) as process:
            process.until(schema="the schema is older than the program: run migrate")
            tx.execute("update alembic_version set version_num = %s", head)
            process.until()


def test_without_kafka_the_shop_is_open_and_says_so(
    make_database: MakeDatabase, jwt_issuer: TokenIssuer
) -> None:
    port = free_port()
    env = environment(jwt_issuer, make_database(SERVICE), port)
    process = run("all", env | {"KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}"})
    try:
        deadline = time.monotonic() + 60
        while not _answers(f"{env['APP_URL']}/v1/courses"):
            assert process.poll() is None, "the process ended"
            assert time.monotonic() < deadline
            time.sleep(0.05)
        ready = loopback.get(f"{env['APP_URL']}/health/ready")
        assert ready.status_code == 503
        assert {
            "consumer",
            "kafka",
            "relay",
            "clock",
            "expiry",
            "watch",
            "outbox",
            "group-watch",
            "refunds",
            "refresher",
            "database",
        } <= ready.json()["components"].keys()
        assert loopback.get(f"{env['APP_URL']}/health/live").status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    finally:
        process.kill()


def _answers(url: str) -> bool:
    try:
        return loopback.get(url).status_code == 200
    except httpx.TransportError:
        return False


def test_the_clock_gives_up_orders_and_stops(
    make_database: MakeDatabase, kafka_with_topics: str, jwt_issuer: TokenIssuer
) -> None:
    dsn = make_database(SERVICE)
    with psycopg.connect(dsn) as tx:
        tx.execute(
            "insert into orders (order_id, user_id, email, locale, currency, amount_total, terms_version,"
            " terms_accepted_at, success_url, cancel_url, session_expires_at, created_at)"
            " values ('ord_1', 'usr_1', 'a@example.com', 'en', 'eur', 1, '1', now(), '', '', now(),"
            " now() - interval '1 hour')"
        )
    env = environment(jwt_issuer, dsn, free_port()) | {"KAFKA_BOOTSTRAP_SERVERS": kafka_with_topics}
    with roles.running("checkout", "clock", env) as process:
        process.until()
        assert exported(process.url) >= FIGURES
        with psycopg.connect(dsn, autocommit=True) as tx:
            deadline = time.monotonic() + 20
            while tx.execute("select state from orders").fetchone() != ("expired",):
                assert time.monotonic() < deadline
                time.sleep(0.05)


@pytest.fixture
def stranded(jwt_issuer: TokenIssuer) -> Iterator[str]:
    """The address of a shop whose database does not answer."""
    port = free_port()
    env = environment(jwt_issuer, f"postgresql://user@127.0.0.1:{free_port()}/nothing", port)
    given: dict[str, Any] = {name.lower(): value for name, value in env.items()}
    settings = ApiSettings(**given)
    server = create_server(bootstrap.api(Context(settings, Health())).app, settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)
        yield env["APP_URL"]
    finally:
        server.stop()
        thread.join(20)


def test_a_database_that_is_away_is_503_with_a_next_step(stranded: str, jwt_issuer: TokenIssuer) -> None:
    bearer = {"Authorization": f"Bearer {jwt_issuer.token('usr_asha', 'asha@example.com')}"}
    with loopback.client(base_url=stranded, timeout=30) as http:
        assert http.get("/health/ready").status_code == 503
        assert http.get("/health/live").status_code == 200
        body = {"course_id": "ragas", "terms_version": "2026-01"}
        for answer in (
            http.get("/v1/courses"),
            http.get("/v1/orders", headers=bearer),
            http.post("/v1/checkout/sessions", json=body, headers=bearer),
        ):
            assert answer.status_code == 503
            assert answer.json()["type"] == "https://masterji.dev/problems/database-unavailable"
            assert answer.headers["retry-after"] == "5"
        page = http.get("/", headers={"Accept": "text/html"})
        assert page.status_code == 503
        assert "try again in a few seconds" in page.text
