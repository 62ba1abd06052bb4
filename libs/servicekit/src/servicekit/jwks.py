"""The issuer's public keys: fetched, cached, and fetched again at a limited rate.

A token may name any key id. If each unknown id caused a fetch, any client could make us flood the issuer.
So there is at most one fetch per `COOLDOWN` seconds, and one at a time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import structlog

COOLDOWN = 30.0
"""Minimum seconds between two fetches."""
FRESH = 600.0
"""Seconds after which the keys are fetched again, so that a withdrawn key expires."""
STALE = 86_400.0
"""Seconds for which the last known keys stay valid while the issuer is unreachable."""
FETCH_SECONDS = 5.0
"""Maximum seconds for a fetch."""

_LOG = structlog.get_logger(__name__)
_MAX_BYTES = 256 * 1024
_TIMEOUT = httpx.Timeout(3.0)

Fetch = Callable[[str], Any]


class JwksUnavailableError(Exception):
    """No keys are known, and the issuer is unreachable or its answer is invalid."""


def fetch_jwks(url: str, seconds: float = FETCH_SECONDS) -> Any:
    """Return the JSON document at `url`, within `seconds`. Raises httpx.HTTPError, TimeoutError or
    ValueError.

    Blocks: call it in a thread. Its own event loop limits the whole exchange, while a client's timeout
    limits only each read: an issuer that sends a byte at a time would hold the thread, and all requests
    that wait for it.
    """
    return asyncio.run(_fetch(url, seconds))


async def _fetch(url: str, seconds: float) -> Any:
    async with asyncio.timeout(seconds), httpx.AsyncClient(timeout=_TIMEOUT) as client:
        answer = await client.get(url, follow_redirects=False, headers={"Accept": "application/json"})
    answer.raise_for_status()
    if len(answer.content) > _MAX_BYTES:
        raise ValueError(f"the key set is larger than {_MAX_BYTES} bytes")
    return answer.json()


class JwksCache:
    """Caches keys by id. `key` runs on the event loop; only the fetch runs in a thread."""

    def __init__(
        self, url: str, fetch: Fetch = fetch_jwks, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url
        self._fetch = fetch
        self._now = monotonic
        self._keys: Mapping[str | None, Mapping[str, Any]] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        # One thread, so that all waiting callers share a fetch.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="jwks")

    async def key(self, kid: str | None) -> Mapping[str, Any] | None:
        """Return the JWK of that id, or None if no such key exists. Without an id: the only key, or None.

        Raises JwksUnavailableError.
        """
        # Without any key, wait even within the cooldown: the first callers share the fetch in flight.
        if not self._keys or (self._wanting(kid) and not self._cooling()):
            await asyncio.get_running_loop().run_in_executor(self._thread, self._refresh, kid)
        if not self._keys or self._age() > STALE:
            raise JwksUnavailableError(f"the keys at {self._url} cannot be read")
        return self._find(kid)

    def _find(self, kid: str | None) -> Mapping[str, Any] | None:
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    def _age(self) -> float:
        return self._now() - self._fetched_at

    def _wanting(self, kid: str | None) -> bool:
        return self._age() > FRESH or self._find(kid) is None

    def _cooling(self) -> bool:
        return self._now() - self._tried_at < COOLDOWN

    def _refresh(self, kid: str | None) -> None:
        if self._cooling() or not self._wanting(kid):
            return
        self._tried_at = self._now()
        try:
            self._keys = _usable(self._fetch(self._url))
            self._fetched_at = self._now()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            _LOG.warning("the issuer's keys cannot be read", url=self._url, error=str(error))


def _usable(document: Any) -> Mapping[str | None, Mapping[str, Any]]:
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise ValueError("the document has no list `keys`")
    # A symmetric key (kty oct) must not be in a public document: ignore it.
    usable = {
        key.get("kid"): key
        for key in keys
        if isinstance(key, dict)
        and key.get("kty") in ("RSA", "EC", "OKP")
        and key.get("use", "sig") == "sig"
        and isinstance(key.get("kid"), str | None)
    }
    if not usable:
        raise ValueError("the document has no key for signatures")
    return usable
