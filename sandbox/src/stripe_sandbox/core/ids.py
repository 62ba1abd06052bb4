"""Identifiers in Stripe's format, reproducible with a seed."""

from __future__ import annotations

import random
import secrets

_BASE62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#: Maps a byte to its character.
_CHARACTER = bytes(ord(_BASE62[number % 62]) for number in range(256))
_LENGTH = {
    "cs_test": 60,
    "pi": 24,
    "seti": 24,
    "cus": 14,
    "prod": 14,
    "cs_secret": 24,
    "req": 14,
    "whsec": 32,
}


class Ids:
    """Makes ids: `ids.new("pi")` is `pi_` and 24 characters. The same seed gives the same sequence."""

    def __init__(self, seed: str | None = None) -> None:
        # These ids are not secrets, and a generator seeded once is ten times as fast as the system's.
        self._random = random.Random(secrets.token_bytes(32) if seed is None else seed)  # noqa: S311

    def text(self, length: int) -> str:
        """`length` random base-62 characters."""
        # Four characters are slightly more likely than the others, which is acceptable: an id is not a
        # secret.
        return self._random.randbytes(length).translate(_CHARACTER).decode("ascii")

    def new(self, prefix: str) -> str:
        """A new id with this prefix."""
        return f"{prefix}_{self.text(_LENGTH.get(prefix, 24))}"
