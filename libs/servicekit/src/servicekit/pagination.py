"""Pagination by cursor: the sort values of a page's last row, opaque to callers. Stable while rows change."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, Field

from servicekit.problem import Problem

T = TypeVar("T")
R = TypeVar("R")

_MAX_LENGTH = 2048
_BIGINT = 2**63


class Page(BaseModel, Generic[T]):
    """One page of a list; `next_cursor` is null on the last page."""

    items: list[T]
    next_cursor: str | None = Field(
        default=None, description="pass as `cursor` for the next page; null on the last page"
    )


def encode_cursor(values: Sequence[Any]) -> str:
    """Encode the sort values of a page's last row: str, int, bool, None, date and aware datetime."""
    plain = [value.isoformat() if isinstance(value, date) else value for value in values]
    raw = json.dumps(plain, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def one_page(
    rows: Sequence[R], limit: int, sort_values: Callable[[R], Sequence[Any]]
) -> tuple[Sequence[R], str | None]:
    """Return at most `limit` of the rows, and the cursor of the next page; None on the last page.

    There is a next page if the query found more rows: ask it for one more than `limit`.
    """
    shown = rows[:limit]
    return shown, encode_cursor(sort_values(shown[-1])) if len(rows) > limit else None


def decode_cursor(text: str, types: Sequence[type]) -> tuple[Any, ...]:
    """Decode a cursor of `encode_cursor` to values of the given types. Raises Problem 400 for anything
    else."""
    try:
        if len(text) > _MAX_LENGTH:
            raise ValueError("too long")
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        values = json.loads(raw)
        if not isinstance(values, list) or len(values) != len(types):
            raise ValueError("wrong number of values")
        return tuple(_restore(value, wanted) for value, wanted in zip(values, types, strict=True))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise Problem(
            400,
            "invalid-cursor",
            "This cursor is not valid",
            "Pass the `next_cursor` of the previous page unchanged, or omit it for the first page.",
        ) from error


def _restore(value: Any, wanted: type) -> Any:
    if wanted is datetime and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a time without a zone")
        return moment
    if wanted is date and isinstance(value, str):
        return date.fromisoformat(value)
    # Exact types: True is not 1 here. A string with NUL or a number beyond bigint would fail in Postgres.
    if type(value) is not wanted:
        raise ValueError("another type")
    if isinstance(value, str) and ("\x00" in value or _has_surrogate(value)):
        raise ValueError("a string that Postgres rejects")
    if isinstance(value, int) and not -_BIGINT <= value < _BIGINT:
        raise ValueError("out of range")
    return value


def _has_surrogate(value: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in value)
