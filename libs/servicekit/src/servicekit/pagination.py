"""Cursors: opaque to the caller, the sort values of the last row to us. Stable while rows come and go."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, Field

from servicekit.problem import Problem

T = TypeVar("T")

_MAX_LENGTH = 2048
_BIGINT = 2**63


class Page(BaseModel, Generic[T]):
    """One page of a list; `next_cursor` is null on the last one."""

    items: list[T]
    next_cursor: str | None = Field(default=None, description="pass as `cursor` to read on; null at the end")


def encode_cursor(values: Sequence[Any]) -> str:
    """A cursor of the sort values of a page's last row: str, int, bool, None, date and aware datetime."""
    plain = [value.isoformat() if isinstance(value, date) else value for value in values]
    raw = json.dumps(plain, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_cursor(text: str, types: Sequence[type]) -> tuple[Any, ...]:
    """The values of a cursor of `encode_cursor`, each of the type given; Problem 400 on anything else."""
    try:
        if len(text) > _MAX_LENGTH:
            raise ValueError("too long")
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        values = json.loads(raw)
        if not isinstance(values, list) or len(values) != len(types):
            raise ValueError("another number of values")
        return tuple(_restore(value, wanted) for value, wanted in zip(values, types, strict=True))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise Problem(
            400,
            "invalid-cursor",
            "This cursor is not valid",
            "Use the `next_cursor` of the page before unchanged, or leave it out to begin at the start.",
        ) from error


def _restore(value: Any, wanted: type) -> Any:
    if wanted is datetime and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a time without its zone")
        return moment
    if wanted is date and isinstance(value, str):
        return date.fromisoformat(value)
    # Exact types: True is no 1 here, and a text with NUL or a number past bigint would fail in Postgres.
    if type(value) is not wanted:
        raise ValueError("another type")
    if isinstance(value, str) and ("\x00" in value or _has_surrogate(value)):
        raise ValueError("a text that Postgres refuses")
    if isinstance(value, int) and not -_BIGINT <= value < _BIGINT:
        raise ValueError("out of range")
    return value


def _has_surrogate(value: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in value)
