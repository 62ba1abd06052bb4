"""Hands mails to the mail server over SMTP, and turns its replies into our errors."""

from __future__ import annotations

import smtplib
import ssl
import time
from email.message import EmailMessage
from typing import Protocol

from notifications.errors import Deferred, Rejected, RelayUnavailable
from notifications.settings import SmtpAddress


class Mailer(Protocol):
    """Hands a message to a mail server."""

    def send(self, message: EmailMessage) -> None:
        """Return once the server has accepted the message.

        Raises Rejected, Deferred or RelayUnavailable.
        """

    def close(self) -> None:
        """Close the connection. The next `send` opens a new one."""


class SmtpMailer:
    """Sends over one SMTP connection that stays open. Not thread-safe.

    A connection that was idle for `trusted_seconds` is tested (NOOP) before the next mail.
    """

    def __init__(
        self, address: SmtpAddress, timeout_seconds: float = 20.0, trusted_seconds: float = 1.0
    ) -> None:
        self._address = address
        self._timeout = timeout_seconds
        self._trusted = trusted_seconds
        self._used = 0.0
        self._connection: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        connection = self._connected()
        try:
            connection.send_message(message)
            self._used = time.monotonic()
        except smtplib.SMTPRecipientsRefused as error:
            code, reply = next(iter(error.recipients.values()))
            self._reset()
            raise _answer(code, reply, "the recipient") from error
        except smtplib.SMTPSenderRefused as error:
            # The server refuses our own address, so it would refuse every other mail as well.
            self.close()
            raise RelayUnavailable(
                f"The mail server refuses MAIL_FROM: {_text(error.smtp_code, error.smtp_error)}."
            ) from error
        except smtplib.SMTPDataError as error:
            self._reset()
            raise _answer(error.smtp_code, error.smtp_error, "the message") from error
        except smtplib.SMTPNotSupportedError as error:
            raise Rejected("The mail server does not support addresses beyond ASCII (SMTPUTF8).") from error
        except (smtplib.SMTPException, OSError) as error:
            # This mail may be the reason that the connection broke, so it counts as an attempt.
            self.close()
            raise Deferred(f"The connection to the mail server broke: {_name(error)}.") from error

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        """Return the open connection if it still answers, else a new one."""
        if self._connection is not None:
            if time.monotonic() - self._used < self._trusted or self._answers(self._connection):
                return self._connection
            self.close()
        address = self._address
        try:
            self._connection = self._connect()
            if address.username is not None and address.password is not None:
                self._connection.login(address.username, address.password.get_secret_value())
        except smtplib.SMTPResponseException as error:
            self.close()
            reply = _text(error.smtp_code, error.smtp_error)
            raise RelayUnavailable(f"The mail server refuses the sign-in: {reply}.") from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise RelayUnavailable(
                f"The mail server {address.host}:{address.port} cannot be reached: {_name(error)}."
            ) from error
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        host, port, timeout = self._address.host, self._address.port, self._timeout
        if self._address.tls == "implicit":
            return smtplib.SMTP_SSL(host, port, timeout=timeout, context=ssl.create_default_context())
        connection = smtplib.SMTP(host, port, timeout=timeout)
        if self._address.tls == "starttls":
            try:
                connection.starttls(context=ssl.create_default_context())
            except BaseException:
                connection.close()
                raise
        return connection

    @staticmethod
    def _answers(connection: smtplib.SMTP) -> bool:
        """Servers close idle connections. That is no error, only a reason to connect again."""
        try:
            return bool(connection.noop()[0] == 250)
        except (smtplib.SMTPException, OSError):
            return False

    def _reset(self) -> None:
        if self._connection is not None:
            try:
                self._connection.rset()
            except (smtplib.SMTPException, OSError):
                self.close()


def _answer(code: int, reply: bytes | str, what: str) -> Rejected | Deferred:
    """Replies of 500 and above are permanent, 4xx are temporary (RFC 5321, section 4.2.1)."""
    sentence = f"The mail server refuses {what}: {_text(code, reply)}."
    return Rejected(sentence) if code >= 500 else Deferred(sentence)


def _text(code: int, reply: bytes | str) -> str:
    words = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return f"{code} {' '.join(words.split())}"[:300].rstrip(".").replace("\x00", "")


def _name(error: BaseException) -> str:
    return f"{type(error).__name__} {error}".strip()[:300].rstrip(".").replace("\x00", "")
