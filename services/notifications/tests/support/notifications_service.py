"""The service on one database, driven step by step, and an SMTP server that fails on demand."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi.testclient import TestClient
from psycopg.rows import dict_row
from pydantic import SecretStr

from devstack.tokens import TokenIssuer
from messaging.message import Message
from notifications.clients.smtp import Mailer, SmtpMailer
from notifications.domain.policy import Policy
from notifications.handlers import derivation, handler
from notifications.mails.rendering import Renderer
from notifications.settings import smtp_address
from notifications.workers.sender import Sender
from processkit.health import Health
from processkit.postgres.database import Database
from servicekit.pages.brand import Brand

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


class Clock:
    """A clock that only moves when a test moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


class Service:
    """The service on one database, driven step by step."""

    def __init__(self, dsn: str, clock: Clock, policy: Policy | None = None) -> None:
        self.dsn, self.clock = dsn, clock
        self.policy = policy or Policy(timedelta(hours=72))
        self.derivation = derivation(self.policy, clock)
        self.handler = handler(self.derivation)
        self.database = Database(dsn, "test")

    def consume(self, messages: Sequence[Message]) -> None:
        """Handle one batch as the consumer does: record, commit, derive, commit."""
        events = [event for message in messages if (event := self.handler.decode(message))]
        with self.database.transaction() as tx:
            self.handler.record(tx, events)
        with self.database.transaction() as tx:
            self.handler.derive(tx, events)

    def deliveries(self) -> list[dict[str, Any]]:
        """Return all rows by `happened_at`."""
        with self.database.transaction() as tx, tx.cursor(row_factory=dict_row) as cursor:
            return cursor.execute("select * from deliveries order by happened_at, about").fetchall()

    def sender(self, mailer: Mailer, **options: Any) -> Sender:
        return Sender(
            self.dsn,
            mailer,
            Renderer("https://learn.example.com", Brand()),
            Address("Masterji", "hello", "example.com"),
            options.pop("health", Health()),
            self.clock,
            max_attempts=options.pop("max_attempts", 3),
            jitter=random.Random(1),
            **options,
        )


class Caller:
    """An HTTP client with a token."""

    def __init__(self, http: TestClient, issuer: TokenIssuer) -> None:
        self.http, self._issuer = http, issuer

    def call(
        self, method: str, path: str, roles: Sequence[str] = ("admin",), body: Any = None, **parameters: Any
    ) -> Any:
        token = self._issuer.token("root", "root@example.com", roles=tuple(roles))
        return self.http.request(
            method, path, params=parameters, json=body, headers={"Authorization": f"Bearer {token}"}
        )

    def get(self, path: str, **parameters: Any) -> Any:
        return self.call("GET", path, **parameters)


class SmtpServer:
    """An SMTP server. `mail`, `rcpt` and `data` hold the replies to the next of these commands; then 250."""

    def __init__(self) -> None:
        self.rcpt: list[str] = []
        self.data: list[str] = []
        self.mail: list[str] = []
        self.received: list[EmailMessage] = []
        self.before_accepting: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._controller: Controller | None = None
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def mailer(self) -> SmtpMailer:
        # With 0 seconds, every connection counts as idle.
        address = smtp_address(SecretStr(f"smtp://127.0.0.1:{self.port}"))
        return SmtpMailer(address, timeout_seconds=5, trusted_seconds=0)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mail:
            return self.mail.pop(0)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt:
            return self.rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data:
            return self.data.pop(0)
        self.before_accepting()
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        with self._lock:
            self.received.append(message)
        return "250 accepted"
