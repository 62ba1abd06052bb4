"""POST /webhooks/stripe, as a plain ASGI application: verify, accept, publish, and only then answer 2xx.

Not a route of the framework: its middleware, routing and response objects would cost more than the work.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import structlog
from starlette.types import Receive, Scope, Send

from processkit.tracing import valid_traceparent
from servicekit.problem import default_problem
from webhook_ingest import metrics
from webhook_ingest.api import answers
from webhook_ingest.api.body import READ_SECONDS, Buffered, Share, read_body
from webhook_ingest.api.deadline import Deadline
from webhook_ingest.api.quiet import Quiet
from webhook_ingest.domain.accepting import Accepted, accept
from webhook_ingest.domain.signature import Verifier
from webhook_ingest.errors import Disconnected, Reason, Rejected, Unavailable

PATH = "/webhooks/stripe"
ANSWER_SECONDS = 9.5
"""From the first byte to the answer, however slowly body and brokers came: Stripe waits some 10 s."""

Publish = Callable[[Accepted, str], Coroutine[Any, Any, None]]
"""Takes an event and its traceparent; returns once Kafka has it, or raises Unavailable."""

_LOG = structlog.get_logger(__name__)


class Webhook:
    """The endpoint. `account` is ours at Stripe, if known; `clock` gives seconds since the epoch."""

    def __init__(
        self,
        verifier: Verifier,
        publish: Publish,
        livemode: bool,
        clock: Callable[[], float] = time.time,
        randomness: random.Random | None = None,
        *,
        account: str | None = None,
    ) -> None:
        self._verifier = verifier
        self._publish = publish
        self._livemode = livemode
        self._account = account
        self._clock = clock
        self._random = randomness or random.Random()  # noqa: S311 - ids of traces are no secrets
        self._requests = 0
        self._quiet = Quiet(10.0)
        self._deadline = Deadline(READ_SECONDS)
        self._buffered = Buffered()
        metrics.BUFFERED.set_function(lambda: self._buffered.size)
        metrics.IN_FLIGHT.set_function(lambda: self._requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI. Every answer is 200, a 4xx problem, a 503 problem with Retry-After, or 500 by a defect."""
        self._requests += 1
        try:
            await self._take(scope, receive)
            await answers.accept(send)
        except Rejected as error:
            metrics.REJECTED_BY[error.reason].inc()
            self._quiet.log("webhook rejected", error.reason.slug)
            await answers.refuse(send, answers.rejection(error))
        except Unavailable as error:
            metrics.UNAVAILABLE.labels(error.cause).inc()
            self._quiet.log("webhook not published", error.cause)
            await answers.refuse(send, answers.unavailability())
        except Disconnected:
            self._quiet.log("sender went away", "disconnected")
        except Exception:  # noqa: BLE001 - a defect of ours: logged, and Stripe sends the event again
            metrics.FAILED.inc()
            _LOG.exception("webhook failed")
            await answers.refuse(send, default_problem(500))
        finally:
            self._requests -= 1

    async def _take(self, scope: Scope, receive: Receive) -> None:
        headers = _headers(scope)
        # Before the body: a request without a signature of now holds nothing.
        claim = self._verifier.read(headers.get(b"stripe-signature"), self._clock())
        share = Share(self._buffered)
        try:
            started = time.monotonic()
            body = await read_body(scope, receive, self._deadline, share)
            took = time.monotonic() - started
            self._verifier.verify(claim, body)
            event = accept(body, self._livemode, self._account)
            given = headers.get(b"traceparent")
            traceparent = (
                valid_traceparent(given.decode("latin-1")) if given else None
            ) or self._new_traceparent()
            if took < 0.5:  # Kafka's own deadline keeps ours, and no timer is needed
                await self._publish(event, traceparent)
            else:
                await _within(ANSWER_SECONDS - took, self._publish(event, traceparent))
        finally:
            share.end()
        metrics.ACCEPTED.labels(event.topic).inc()
        if event.foreign:
            metrics.FOREIGN.inc()

    def _new_traceparent(self) -> str:
        # There is no span here to continue; and the system's randomness costs two system calls.
        bits = self._random.getrandbits
        return f"00-{bits(128) or 1:032x}-{bits(64) or 1:016x}-01"


async def _within(seconds: float, publishing: Coroutine[Any, Any, None]) -> None:
    try:
        async with asyncio.timeout(seconds):
            await publishing
    except TimeoutError:
        raise Unavailable("too-late") from None


def _headers(scope: Scope) -> Mapping[bytes, bytes]:
    if scope["method"] != "POST":
        raise Rejected(Reason.METHOD, "Send webhooks by POST.")
    headers: dict[bytes, bytes] = dict(scope["headers"])
    media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if media_type != b"application/json" or headers.get(b"content-encoding", b"identity") != b"identity":
        raise Rejected(
            Reason.CONTENT_TYPE, "Send the event as plain application/json, without content encoding."
        )
    return headers
