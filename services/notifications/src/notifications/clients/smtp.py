"""The mail server, behind one method that tells what its answer means."""

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
        """Returns once the server has taken responsibility. Raises Rejected, Deferred or RelayUnavailable."""

    def close(self) -> None:
        """Lets the connection go; the next `send` opens another."""


class SmtpMailer:
    """Real SMTP over one kept connection. For one thread.

    A connection that was not used for `trusted_seconds` is asked whether it is still there before a mail is
    risked.
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
            # Not about this mail: our own address is refused, and would be for every other.
            self.close()
            raise RelayUnavailable(
                f"The mail server refuses MAIL_FROM: {_text(error.smtp_code, error.smtp_error)}."
            ) from error
        except smtplib.SMTPDataError as error:
            self._reset()
            raise _answer(error.smtp_code, error.smtp_error, "the message") from error
        except smtplib.SMTPNotSupportedError as error:
            raise Rejected("The mail server does not take addresses beyond ASCII (SMTPUTF8).") from error
        except (smtplib.SMTPException, OSError) as error:
            # In the middle of this mail: it may be the mail that the server chokes on, so it counts as a try.
            self.close()
            raise Deferred(f"The connection to the mail server broke: {_name(error)}.") from error

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        """The kept connection if it still answers, else a new one."""
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
            raise RelayUnavailable(f"The mail server does not let us in: {reply}.") from error
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
        """Servers hang up on the idle: that is no error, only a reason to connect again."""
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
    """Replies of 500 and above are final (RFC 5321, 4.2.1); 421 and the other 4xx ask to come back."""
    sentence = f"The mail server refuses {what}: {_text(code, reply)}."
    return Rejected(sentence) if code >= 500 else Deferred(sentence)


def _text(code: int, reply: bytes | str) -> str:
    words = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return f"{code} {' '.join(words.split())}"[:300].rstrip(".").replace("\x00", "")


def _name(error: BaseException) -> str:
    return f"{type(error).__name__} {error}".strip()[:300].rstrip(".").replace("\x00", "")
