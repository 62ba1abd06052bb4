"""An HTTP client for servers on this machine, which serve plain HTTP."""

import ssl
from typing import Any

import httpx

# A context without certificates: loading the system's takes 20 ms per client, more than most requests.
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def client(*, retries: int = 0, keep: int = 20, **options: Any) -> httpx.Client:
    """Create an httpx.Client for plain HTTP that ignores the environment's proxies.

    A failed connection is retried up to `retries` times, with backoff. Up to `keep` connections stay open.
    """
    transport = httpx.HTTPTransport(
        verify=_NO_CERTIFICATES,
        trust_env=False,
        retries=retries,
        limits=httpx.Limits(max_keepalive_connections=keep),
    )
    return httpx.Client(transport=transport, trust_env=False, **options)


# Keeps no connections open, so that each answer comes from the process that runs now.
_shared = client(keep=0)
get, post, delete = _shared.get, _shared.post, _shared.delete
