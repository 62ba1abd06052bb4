"""Notifications: events per second of one consumer process, and mails per second of one sender process."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping

import psycopg

from bench import mix
from bench.consumers import consume
from bench.environment import Environment
from bench.processes import ROOT, free_port, running, wait_for
from notifications.handlers import TOPICS

EVENTS_PER_SECOND = 6000  # approximate, to size the load for the requested seconds
MESSAGES_PER_SEQUENCE = 2.1  # of the messages that notifications reads
MAILS = 1500
STALLED_SECONDS = 60


def run(env: Environment) -> dict[str, float]:
    """One run: the consumer records the mails of the load, then a sender sends the first of them."""
    sink = free_port()
    settings = {
        "APP_URL": "https://learn.example.com",
        "SMTP_URL": f"smtp://127.0.0.1:{sink}",
        "MAIL_FROM": "Masterji <hello@example.com>",
    }
    with env.database(ROOT / "services" / "notifications") as dsn:
        sequences = int(env.seconds * EVENTS_PER_SECOND / MESSAGES_PER_SEQUENCE)
        taken = consume(env, "notifications", dsn, mix.messages(sequences), TOPICS, settings)
        expected = mix.expected(sequences)
        wanted = sum(count for (kind, _), count in expected.items() if kind == "order")
        wanted += expected["order", "revoked"]  # a mail for the refund in addition to the receipt
        with (
            psycopg.connect(dsn, autocommit=True) as connection,
            running(env.folder / "sink.log", "-m", "bench.servers.smtp_sink", str(sink)),
        ):
            _until_open(sink)
            row = connection.execute("select count(*) from deliveries where state = 'pending'").fetchone()
            if row != (wanted,):
                raise RuntimeError(f"{row} mails are recorded instead of {wanted}")
            return {
                "events_per_second": taken.events_per_second,
                "mails_per_second": _mails_per_second(env, dsn, connection, settings),
            }


def _mails_per_second(
    env: Environment, dsn: str, connection: psycopg.Connection, settings: Mapping[str, str]
) -> float:
    port, log = free_port(), env.folder / "sender.log"
    variables = {**env.variables, **settings, "DATABASE_URL": dsn, "PORT": str(port)}
    with running(log, "-m", "notifications", "sender", environment=variables) as process:
        wait_for(f"http://127.0.0.1:{port}/health/live", process, log)
        first: tuple[float, int] | None = None
        deadline = time.monotonic() + STALLED_SECONDS
        while time.monotonic() < deadline:
            row = connection.execute("select count(*) from deliveries where state = 'sent'").fetchone()
            now, sent = time.monotonic(), row[0] if row else 0
            first = first or ((now, sent) if sent else None)
            if first and sent >= first[1] + MAILS:
                return (sent - first[1]) / (now - first[0])
            time.sleep(0.1)
    raise RuntimeError(f"the sender is stuck\n{log.read_text()[-4000:]}")


def _until_open(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the SMTP sink does not start")
