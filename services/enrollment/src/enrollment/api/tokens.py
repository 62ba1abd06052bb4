"""Caches verified tokens: the course player sends the same token with every lesson."""

from __future__ import annotations

import time
from collections.abc import Callable

from servicekit.auth import Authenticator, Principal
from servicekit.jwks import JwksCache
from servicekit.settings import JwtSettings


class RememberingAuthenticator(Authenticator):
    """Verifies a token, and accepts the same token for `seconds` without another check.

    Otherwise the check of the signature would take longer than the rest of the request. Refused tokens are
    not cached. A token that expires, or whose key is withdrawn, is accepted for at most `seconds` longer.
    """

    def __init__(
        self,
        settings: JwtSettings,
        keys: JwksCache | None = None,
        *,
        seconds: float = 10.0,
        size: int = 4096,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(settings, keys)
        self._seconds = seconds
        self._size = size
        self._clock = clock
        self._known: dict[str, tuple[Principal, float]] = {}

    async def verify(self, token: str) -> Principal:
        """Return the token's principal, as the base class does. Raises Problem for an invalid token."""
        now = self._clock()
        known = self._known.get(token)
        if known is not None and now < known[1]:
            return known[0]
        principal = await super().verify(token)
        if len(self._known) >= self._size:
            self._known.clear()
        self._known[token] = (principal, now + self._seconds)
        return principal
