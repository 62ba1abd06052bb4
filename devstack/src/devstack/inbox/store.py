"""The received mails, in bounded memory: the oldest are dropped first."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import cached_property
from typing import Any

MAX_MESSAGES = 2_000
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Mail:
    """One mail as it was received, with its envelope."""

    id: int
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @cached_property
    def message(self) -> EmailMessage:
        """The parsed mail. A malformed one is parsed as far as possible."""
        return BytesParser(policy=policy.default).parsebytes(self.raw)

    @property
    def subject(self) -> str:
        """The decoded subject, or an empty string."""
        return str(self.message["subject"] or "")

    def body(self, kind: str) -> str | None:
        """Return the `plain` or `html` part as text; None if the mail has no such part."""
        part = self.message.get_body(preferencelist=(kind,))
        if part is None:
            return None
        try:
            return str(part.get_content())
        except (LookupError, UnicodeError):  # unknown charset
            payload = part.get_payload(decode=True)
            return payload.decode("utf-8", errors="replace") if isinstance(payload, bytes) else None

    def summary(self) -> dict[str, Any]:
        """Return what a list shows."""
        return {
            "id": self.id,
            "received_at": self.received_at.isoformat(timespec="milliseconds"),
            "from": self.sender,
            "to": list(self.recipients),
            "subject": self.subject,
            "size": len(self.raw),
        }

    def whole(self) -> dict[str, Any]:
        """Return all parts, with headers as [name, value] pairs in their order."""
        headers = [[name, str(value)] for name, value in self.message.items()]
        return {**self.summary(), "text": self.body("plain"), "html": self.body("html"), "headers": headers}


class Mails:
    """A bounded, thread-safe collection. Ids only grow and are never reused."""

    def __init__(self, max_messages: int = MAX_MESSAGES, max_bytes: int = MAX_BYTES) -> None:
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._mails: OrderedDict[int, Mail] = OrderedDict()
        self._bytes = 0
        self._next_id = 1
        self._lock = threading.Lock()

    def add(self, sender: str, recipients: tuple[str, ...], raw: bytes) -> Mail:
        """Store a mail, and drop the oldest ones if a limit is exceeded."""
        with self._lock:
            mail = Mail(self._next_id, datetime.now(UTC), sender, recipients, raw)
            self._next_id += 1
            self._mails[mail.id] = mail
            self._bytes += len(raw)
            while len(self._mails) > self._max_messages or (
                self._bytes > self._max_bytes and len(self._mails) > 1
            ):
                _, oldest = self._mails.popitem(last=False)
                self._bytes -= len(oldest.raw)
            return mail

    def newest_first(self, to: str | None = None) -> list[Mail]:
        """Return all mails, or those to one address (case-insensitive)."""
        with self._lock:
            mails = list(reversed(self._mails.values()))
        if to is None:
            return mails
        wanted = to.lower()
        return [mail for mail in mails if wanted in (address.lower() for address in mail.recipients)]

    def get(self, mail_id: int) -> Mail | None:
        """Return the mail with this id; None if it does not exist or was dropped."""
        with self._lock:
            return self._mails.get(mail_id)

    def clear(self) -> None:
        """Delete all mails."""
        with self._lock:
            self._mails.clear()
            self._bytes = 0
