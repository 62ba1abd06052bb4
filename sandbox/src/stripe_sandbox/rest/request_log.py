"""The latest API requests, to inspect what a client sends.

Kept in memory only. Card numbers, CVCs and IBANs are masked before a request is kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stripe_sandbox.errors import StripeError
from stripe_sandbox.rest import form_encoding as forms

#: How many requests are kept, and the maximum form size in bytes.
KEPT = 1000
LARGEST_FORM = 20_000
_SECRET = frozenset({"number", "cvc", "iban", "account_number"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A request and its answer."""

    id: str
    created: int
    method: str
    path: str
    form: bytes
    version: str | None
    key: str | None
    status: int
    #: Whether a page sent it, with a publishable key.
    publishable: bool

    def describe(self) -> dict[str, Any]:
        """The entry as the control returns it; `params` is null for a form that is malformed or too large."""
        return {
            "id": self.id,
            "created": self.created,
            "method": self.method,
            "path": self.path,
            "params": _params(self.form),
            "stripe_version": self.version,
            "idempotency_key": self.key,
            "status": self.status,
            "publishable": self.publishable,
        }


class RequestLog:
    """A ring buffer of entries."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)

    def add(self, entry: Entry) -> None:
        """Add an entry, and drop the oldest if there are too many."""
        self._entries.append(entry)

    def newest(self, limit: int) -> Iterator[Entry]:
        """The latest entries, newest first."""
        for number, entry in enumerate(reversed(self._entries)):
            if number == limit:
                return
            yield entry

    def clear(self) -> None:
        """Delete all entries."""
        self._entries.clear()


def keep(form: bytes) -> bytes:
    """The form to keep: masked, and empty if it is too large."""
    if len(form) > LARGEST_FORM:
        return b"too_large"
    if b"number" in form or b"cvc" in form or b"iban" in form:
        return b"&".join(_masked(pair) for pair in form.split(b"&"))
    return form


def _masked(pair: bytes) -> bytes:
    name, equals, value = pair.partition(b"=")
    last = name.replace(b"%5B", b"[").replace(b"%5D", b"]").rstrip(b"]").rpartition(b"[")[2]
    return name + equals + (b"***" if last.decode("ascii", "replace").lower() in _SECRET else value)


def _params(form: bytes) -> dict[str, Any] | None:
    if form == b"too_large":
        return None
    try:
        return forms.parse(form)
    except StripeError:
        return None
