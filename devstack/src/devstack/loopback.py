"""HTTP to servers of this machine, which have no certificates."""

import ssl
from typing import Any

import httpx

# Reading the system's certificates takes 20 ms, for each client that is made: more than most questions.
_TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def client(*, retries: int = 0, keep: int = 20, **options: Any) -> httpx.Client:
    """An httpx.Client with these options that uses plain HTTP only, and no proxy of the environment.

    It connects again up to `retries` times, with growing pauses, and keeps `keep` connections open.
    """
    transport = httpx.HTTPTransport(
        verify=_TRUSTS_NOBODY,
        trust_env=False,
        retries=retries,
        limits=httpx.Limits(max_keepalive_connections=keep),
    )
    return httpx.Client(transport=transport, trust_env=False, **options)


# Keeps no connection, so that the answer is of the process that runs now.
_shared = client(keep=0)
get, post, delete = _shared.get, _shared.post, _shared.delete
