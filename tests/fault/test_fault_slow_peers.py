"""Hundreds of peers that send slowly, or nothing: every service goes on answering everybody else.

Any of them can be opened without a token. Each service closes what waits too long, and when too many are
open, the one that has waited longest.
"""

import json
import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest

from devstack import loopback
from devstack.testing.stack import RunningStack

PEERS = 1100
SERVICES = ("checkout", "webhook-ingest", "enrollment", "notifications", "reporting")
HONEST = 200
FROM_ONE_PEER = 200
"""The default of MAX_CONNECTIONS_PER_PEER."""


def head(kind: int) -> bytes:
    """The beginning of a request that does not go on: nothing, a head, or a body."""
    if kind == 0:
        return b""
    if kind == 1:
        return b"POST /v1/checkout/sessions HTTP/1.1\r\nHost: x\r\nX-A: "
    signature = b"t=%d,v1=%b" % (time.time(), b"0" * 64)
    path = b"/webhooks/stripe" if kind == 2 else b"/v1/checkout/sessions"
    return (
        b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nStripe-Signature: %b\r\n"
        b"Content-Length: 60000\r\n\r\n{" % (path, signature)
    )


@contextmanager
def slow_peers(url: str, kinds: Sequence[int] = (0, 1, 2, 3)) -> Iterator[list[socket.socket]]:
    """Connections that have begun a request of these kinds; they are closed at the end."""
    address = urlsplit(url)
    opened: list[socket.socket] = []
    try:
        for number in range(PEERS):
            peer = socket.create_connection((address.hostname or "", address.port or 0), timeout=10)
            opened.append(peer)
            peer.sendall(head(kinds[number % len(kinds)]))
            peer.setblocking(False)
        yield opened
    finally:
        for peer in opened:
            peer.close()


def still_open(peers: list[socket.socket]) -> int:
    """How many of the connections the server has not closed."""
    count = 0
    for peer in peers:
        try:
            while peer.recv(65536):
                continue
        except BlockingIOError:
            count += 1
        except OSError:
            continue
    return count


def trickle(peers: list[socket.socket]) -> None:
    """Send one more byte on each connection that is still open."""
    for peer in peers:
        try:
            peer.send(b"a")
        except OSError:
            continue


@pytest.mark.parametrize("service", SERVICES)
def test_slow_peers_keep_nobody_out(running_stack: RunningStack, service: str) -> None:
    url = running_stack.client.url(service)
    answers: Counter[int] = Counter()
    with slow_peers(url) as peers, loopback.client(base_url=url, timeout=20) as http:
        for number in range(HONEST):
            if number % 20 == 0:
                trickle(peers)
            answers[http.get("/health/live").status_code] += 1
            if number % 10 == 0:
                # A new connection too: another visitor's.
                answers[httpx.get(f"{url}/health/live", timeout=20).status_code] += 1
        assert still_open(peers) <= FROM_ONE_PEER
    assert answers == {200: HONEST + HONEST // 10}


def test_a_signed_webhook_is_taken_beside_slow_ones(running_stack: RunningStack) -> None:
    client = running_stack.client
    url = client.url("webhook-ingest")
    # Each with a forged signature of now, so that its body is read.
    with slow_peers(url, kinds=[2]):
        before = {each["id"] for each in client.deliveries(limit=10_000)}
        made = httpx.post(
            f"{client.stripe}/v1/customers",
            data={"email": "slow@example.com"},
            headers={"Authorization": "Bearer sk_test_masterji"},
        )
        assert made.status_code == 200, json.dumps(made.json())
        [delivery] = running_stack.eventually(
            "a delivered webhook",
            lambda: [
                each
                for each in client.deliveries(state="delivered", limit=10_000)
                if each["id"] not in before
            ],
        )
    assert [each["status"] for each in delivery["tries"]] == [200], "it was delivered at once"
