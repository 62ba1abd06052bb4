"""Raw sockets: senders that lie about lengths, never end, or take their time."""

from __future__ import annotations

import json
import re
import socket
import time

import pytest

HEAD = b"POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def fresh() -> bytes:
    """A head whose signature is forged, but well-formed and of now."""
    return HEAD + b"Stripe-Signature: t=%d,v1=%b\r\n" % (time.time(), b"0" * 64)


@pytest.fixture
def connection(ingest):
    with socket.create_connection(("127.0.0.1", ingest.port), timeout=15) as opened:
        yield opened


def answer(connection: socket.socket) -> tuple[int, bytes]:
    received = b""
    while b"\r\n\r\n" not in received:
        data = connection.recv(65536)
        assert data, f"closed without an answer: {received!r}"
        received += data
    head, _, body = received.partition(b"\r\n\r\n")
    while data := connection.recv(65536) if not whole(head, body) else b"":
        body += data
    return int(head.split(b" ", 2)[1]), body


def whole(head: bytes, body: bytes) -> bool:
    declared = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    return declared is not None and len(body) >= int(declared[1])


def test_a_chunked_body_without_end_is_refused_early_and_cut_off(connection):
    connection.sendall(fresh() + b"Transfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    # What the sockets' buffers hold comes on top of the limit of 900 KiB.
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        send_again_and_again(connection, chunk, times=256)


def send_again_and_again(connection: socket.socket, chunk: bytes, times: int) -> None:
    for _ in range(times):
        connection.sendall(chunk)


def test_a_huge_declared_length_is_refused_before_the_body_is_sent(connection):
    connection.sendall(fresh() + b"Content-Length: 5000000\r\n\r\n")
    assert answer(connection)[0] == 413


def test_a_length_that_promises_more_than_comes_is_408(connection):
    connection.sendall(fresh() + b"Content-Length: 100\r\n\r\n{}")
    started = time.monotonic()
    status, body = answer(connection)
    assert status == 408
    assert 4 < time.monotonic() - started < 8
    assert json.loads(body)["type"].endswith("/body-too-slow")


def test_a_sender_of_one_byte_a_second_is_408(connection):
    connection.sendall(fresh() + b"Content-Length: 100\r\n\r\n")
    started = time.monotonic()
    connection.settimeout(1)
    status = None
    while status is None and time.monotonic() - started < 10:
        connection.sendall(b"x")
        try:
            status = answer(connection)[0]
        except TimeoutError:
            continue
    assert status == 408


def test_a_body_without_a_signature_of_now_is_refused_at_once(connection):
    connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n")
    started = time.monotonic()
    status, body = answer(connection)
    assert status == 400 and json.loads(body)["type"].endswith("/signature-missing")
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "headers",
    [
        b"Stripe-Signature: \xff\xfe\xfd\r\nContent-Length: 2\r\n",
        b"Stripe-Signature: t=1,v1=\xc3\xbc\r\nContent-Length: 2\r\n",
        b"Content-Length: 2\r\nContent-Length: 3\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 0x2\r\n",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        b"Stripe-Signature: t=1,v1=" + b"0" * 60_000 + b"\r\nContent-Length: 2\r\n",
    ],
)
def test_hostile_headers_are_a_4xx(connection, headers):
    connection.sendall(HEAD + headers + b"\r\n{}")
    assert 400 <= answer(connection)[0] < 500


@pytest.mark.parametrize("start", [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"POST / HTTP/9.9\r\n\r\n"])
def test_what_is_no_http_is_a_400(connection, start):
    connection.sendall(start + b"\r\n\r\n")
    assert answer(connection)[0] == 400


def test_an_empty_body_is_a_400(connection):
    connection.sendall(HEAD + b"Stripe-Signature: t=1,v1=00\r\nContent-Length: 0\r\n\r\n")
    assert answer(connection)[0] == 400


@pytest.mark.parametrize("path", [b"/webhooks/stripe/", b"/webhooks", b"/", b"/webhooks/stripe%00"])
def test_other_paths_are_a_404_problem(connection, path):
    connection.sendall(b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
    status, body = answer(connection)
    assert (status, json.loads(body)["status"]) == (404, 404)
