"""`verify-only`: a bare ASGI application that verifies the signature, decodes the envelope and discards it.

It is the upper bound for uvicorn with Python code; webhook-ingest is compared with it.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import msgspec
import uvicorn

from bench.events import SECRET
from webhook_ingest.domain.signature import Verifier


class Object(msgspec.Struct):
    """The fields that determine the message key."""

    id: str | None = None
    customer: str | None = None
    payment_intent: str | None = None


class Data(msgspec.Struct):
    """The event's data."""

    object: Object


class Envelope(msgspec.Struct):
    """The fields of an event that routing needs."""

    id: str
    type: str
    created: int
    livemode: bool
    data: Data


_verifier = Verifier([SECRET])
_decoder = msgspec.json.Decoder(Envelope)
_START = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}
_BODY = {"type": "http.response.body", "body": b""}


async def app(scope: Any, receive: Any, send: Any) -> None:
    """ASGI."""
    message = await receive()
    body = message["body"]
    while message["more_body"]:
        message = await receive()
        body += message["body"]
    _verifier.verify(_verifier.read(dict(scope["headers"])[b"stripe-signature"], time.time()), body)
    _decoder.decode(body)
    await send(_START)
    await send(_BODY)


if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
    )
