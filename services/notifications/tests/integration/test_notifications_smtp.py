"""TLS and sign-in: the password is never sent in plain text or to an unverified server."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from pydantic import SecretStr

from notifications.clients.smtp import SmtpMailer
from notifications.errors import RelayUnavailable
from notifications.settings import smtp_address


class Inbox:
    """The mails and passwords that the server received."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.passwords: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(envelope.content)
        return "250 accepted"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.passwords.append(data.password)
        return AuthResult(success=(data.login, data.password) == (b"robot", b"p/w"), handled=False)


@pytest.fixture
def serve(certificate: Path) -> Iterator[Callable[..., int]]:
    """`serve(inbox, tls)` starts a server and returns its port; `tls` is implicit, starttls or none."""
    running: list[Controller] = []

    def start(inbox: Inbox, tls: str) -> int:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = int(probe.getsockname()[1])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)

        class Server(Controller):
            def factory(self) -> SMTP:
                return SMTP(
                    inbox,
                    authenticator=inbox.authenticate,
                    auth_required=tls != "none",
                    auth_require_tls=tls == "starttls",
                    require_starttls=tls == "starttls",
                    tls_context=context if tls == "starttls" else None,
                )

            def _trigger_server(self) -> None:
                """Skip the controller's own check, which would have to trust the certificate."""
                with socket.create_connection(("127.0.0.1", port), timeout=5):
                    pass

        server = Server(
            inbox, hostname="127.0.0.1", port=port, ssl_context=context if tls == "implicit" else None
        )
        server.start()
        running.append(server)
        return port

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.com", "b@example.com", "x"
    message.set_content("x")
    return message


def send(url: str) -> None:
    mailer = SmtpMailer(smtp_address(SecretStr(url)), timeout_seconds=5)
    try:
        mailer.send(mail())
    finally:
        mailer.close()


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(("scheme", "tls"), [("smtps", "implicit"), ("smtp+starttls", "starttls")])
def test_a_mail_is_sent_over_tls_with_sign_in(serve: Callable[..., int], scheme: str, tls: str) -> None:
    inbox = Inbox()
    port = serve(inbox, tls)

    send(f"{scheme}://robot:p%2Fw@127.0.0.1:{port}")

    assert len(inbox.mails) == 1


@pytest.mark.usefixtures("trusted")
def test_a_refused_sign_in_makes_the_mail_server_unavailable(serve: Callable[..., int]) -> None:
    inbox = Inbox()
    port = serve(inbox, "starttls")

    with pytest.raises(RelayUnavailable, match="refuses the sign-in: 535") as refused:
        send(f"smtp+starttls://robot:wrong@127.0.0.1:{port}")

    assert "wrong" not in str(refused.value)
    assert inbox.mails == []


@pytest.mark.parametrize(("scheme", "tls"), [("smtps", "implicit"), ("smtp+starttls", "starttls")])
def test_a_server_with_an_untrusted_certificate_gets_no_password(
    serve: Callable[..., int], scheme: str, tls: str
) -> None:
    inbox = Inbox()
    port = serve(inbox, tls)

    with pytest.raises(RelayUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        send(f"{scheme}://robot:p%2Fw@127.0.0.1:{port}")

    assert inbox.passwords == []


def test_a_server_without_starttls_gets_no_password(serve: Callable[..., int]) -> None:
    inbox = Inbox()
    port = serve(inbox, "none")

    with pytest.raises(RelayUnavailable, match="STARTTLS"):
        send(f"smtp+starttls://robot:p%2Fw@127.0.0.1:{port}")

    assert inbox.passwords == []
