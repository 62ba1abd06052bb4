"""Raw sockets against the server: endless heads, trailers and silence."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from servicekit.connection import MAX_HEAD, BoundedProtocol
from servicekit.connections import ENDED, Connections
from servicekit.server import create_server
from servicekit.settings import ServiceSettings

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"


class Hasty(BoundedProtocol):
    head_seconds = 0.6
    body_seconds = 2.0
    write_seconds = 0.6


class Few(Hasty):
    """Few connections: two that work, or wait, at a time."""

    open_connections = Connections(most=2, most_per_peer=2)


LONG = 8 * 1024 * 1024
"""Bytes of an answer that no socket's buffers hold."""


async def echo_length(scope, receive, send):
    """Answer with the length of the body; for /long with a long answer, for /slow after a while."""
    if scope["type"] == "lifespan":
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})
        return
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    if scope["path"] == "/slow":
        await asyncio.sleep(1)
    body = b"x" * LONG if scope["path"] == "/long" else str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def served(protocol: type[BoundedProtocol]) -> Iterator[int]:
    """The port of a server with these connections."""
    server = create_server(echo_length, ServiceSettings(host="127.0.0.1", port=0), http=protocol)
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.stop()
        thread.join(10)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served(Hasty) as found:
        yield found


@pytest.fixture
def few() -> Iterator[int]:
    """The port of a server that allows two connections."""
    with served(Few) as found:
        yield found


@pytest.fixture
def connection(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as opened:
        yield opened


def answer(connection: socket.socket) -> bytes:
    """Return one whole answer; its head and its body may arrive apart."""
    received = b""
    while data := connection.recv(65536):
        received += data
        head, end, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        if end and length and len(body) >= int(length[1]):
            break
    return received


def until_closed(connection: socket.socket) -> bytes:
    received = b""
    try:
        while data := connection.recv(65536):
            received += data
    except ConnectionResetError:  # it closed the connection with some of our bytes unread
        pass
    return received


def send_without_end(connection: socket.socket, piece: bytes) -> int:
    """Return how many bytes the server accepted before it closed the connection; fails at 32 MiB."""
    sent = 0
    try:
        while sent < 32 * 1024 * 1024:
            connection.sendall(piece)
            sent += len(piece)
    except (BrokenPipeError, ConnectionResetError):
        return sent
    raise AssertionError("the server accepted everything")


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (HEAD, b"X-A: " + b"a" * 50_000 + b"\r\n"),
        (HEAD + b"X-A: ", b"a" * 50_000),
        (b"GET /", b"a" * 50_000),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-A: " + b"a" * 50_000 + b"\r\n"),
    ],
    ids=["headers", "one header", "address", "trailers"],
)
def test_endless_input_is_cut_off(connection, start, piece):
    connection.sendall(start)
    # The sockets' buffers hold more bytes on top of the limit.
    send_without_end(connection, piece)


def test_a_head_over_the_limit_is_answered_431(connection):
    connection.sendall(HEAD)
    for _ in range(MAX_HEAD // 1000 + 1):
        connection.sendall(b"X-A: " + b"a" * 993 + b"\r\n")
    head, _, body = until_closed(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431 ")
    assert json.loads(body)["type"].endswith("/headers-too-large")


def test_large_bodies_and_heads_within_the_limit_are_accepted_on_one_connection(connection):
    for _ in range(3):
        connection.sendall(HEAD + b"X-A: " + b"a" * 40_000 + b"\r\nContent-Length: 300000\r\n\r\n")
        connection.sendall(b"b" * 300_000)
        assert answer(connection).endswith(b"\r\n\r\n300000")


def test_a_silent_connection_is_closed(connection):
    assert until_closed(connection) == b""


@pytest.mark.parametrize("answered_before", [False, True], ids=["first", "later"])
def test_a_slow_trickle_of_bytes_does_not_hold_a_connection(connection, answered_before):
    if answered_before:
        connection.sendall(HEAD + b"Content-Length: 0\r\n\r\n")
        assert answer(connection).startswith(b"HTTP/1.1 200")
    connection.sendall(b"POST / HTTP/1.1\r\nX-A: ")
    assert trickled(connection) == b""


def trickled(connection: socket.socket) -> bytes:
    """Send a byte at a time until the server closes the connection; return what it answered."""
    received = b""
    started = time.monotonic()
    connection.settimeout(0.1)
    while time.monotonic() - started < 8:
        try:
            connection.sendall(b"a")
            data = connection.recv(65536)
            if data == b"":
                return received
            received += data
        except TimeoutError:
            continue
        except (BrokenPipeError, ConnectionResetError):
            return received
    raise AssertionError("still connected after 8 s")


def test_a_slow_response_may_take_longer_than_a_head(connection):
    connection.sendall(HEAD + b"Content-Length: 1\r\n\r\n")
    time.sleep(Hasty.head_seconds * 2)
    connection.sendall(b"b")
    assert answer(connection).endswith(b"\r\n\r\n1")


def ended(reason: str) -> float:
    return ENDED.labels(reason)._value.get()


@pytest.mark.parametrize("sent", [b"", b"b", b"b" * 200_000], ids=["nothing", "a byte", "a part"])
def test_a_late_body_is_answered_408(connection, sent):
    before = ended("body_late")
    connection.sendall(HEAD + b"Content-Length: 300000\r\n\r\n" + sent)
    head, _, body = until_closed(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert json.loads(body)["type"].endswith("/body-late")
    assert ended("body_late") == before + 1


def test_a_slow_trickle_of_a_body_does_not_hold_a_connection(connection):
    connection.sendall(HEAD + b"Content-Length: 300000\r\n\r\n")
    assert b"HTTP/1.1 408 " in trickled(connection)


def test_a_peer_that_does_not_read_is_disconnected(connection):
    before = ended("unread")
    connection.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
    deadline = time.monotonic() + 8
    while ended("unread") == before:
        assert time.monotonic() < deadline, "still connected after 8 s"
        time.sleep(0.05)
    assert len(until_closed(connection)) < LONG


def test_a_peer_that_reads_slowly_gets_the_whole_answer(connection):
    connection.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    received = 0
    while data := connection.recv(256 * 1024):
        received += len(data)
        time.sleep(0.03)
    assert received > LONG


def opened(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def test_silent_connections_give_way_to_a_new_one(few):
    silent = [opened(few) for _ in range(2)]
    for _ in range(3):
        with opened(few) as honest:
            honest.sendall(HEAD + b"Content-Length: 1\r\n\r\nb")
            assert answer(honest).endswith(b"\r\n\r\n1")
    assert until_closed(silent[0]) == b""
    for each in silent:
        each.close()


def test_connections_at_work_stay_and_a_new_one_is_refused(few):
    working = [opened(few) for _ in range(2)]
    for each in working:
        each.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(0.3)
    with opened(few) as refused:
        head, _, body = until_closed(refused).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ")
        assert json.loads(body)["type"].endswith("/too-many-connections")
    for each in working:
        assert answer(each).startswith(b"HTTP/1.1 200")
        each.close()
