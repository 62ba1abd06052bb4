"""10,000 forged and mutated webhooks: none is accepted, and none is answered 5xx."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import MutableMapping
from typing import Any

from webhook_ingest.api.webhook import Webhook
from webhook_ingest.domain.accepting import Accepted
from webhook_ingest.domain.signature import Verifier

REQUESTS = 10_000
NOW = 1_790_000_000
SECRET = "whsec_current"


async def published(event: Accepted, traceparent: str) -> None:
    raise AssertionError(f"published {event}")


def forged(rng: random.Random, body: bytes, signature: bytes) -> tuple[bytes, bytes | None]:
    """A request that Stripe did not send: a mutation of one that it sent, or made up."""
    kind = rng.randrange(7)
    place = rng.randrange(len(body))
    if kind == 0:
        changed = body[:place] + bytes([body[place] ^ (1 << rng.randrange(8))]) + body[place + 1 :]
        return changed, signature
    if kind == 1:
        return body[:place] + rng.randbytes(rng.randint(1, 40)) + body[place:], signature
    if kind == 2:
        return body[:place], signature
    if kind == 3:
        cut = rng.randrange(len(signature))
        return body, signature[:cut] + bytes([signature[cut] ^ (1 << rng.randrange(8))]) + signature[
            cut + 1 :
        ]
    if kind == 4:
        return body, b"t=%d,v1=%b" % (NOW, rng.randbytes(32).hex().encode())
    if kind == 5:
        return rng.randbytes(rng.randrange(300)), rng.choice([None, b"", rng.randbytes(60), signature])
    old = NOW - rng.choice([301, 10_000, -301])
    return body, signature.replace(b"t=%d" % NOW, b"t=%d" % old)


def test_no_forged_webhook_is_accepted_or_answered_5xx(signed, event):
    seed = random.randrange(2**32)
    rng = random.Random(seed)
    body = json.dumps(event).encode()
    genuine = signed(body).encode()
    webhook = Webhook(Verifier([SECRET]), published, False, lambda: NOW)
    answers: Counter[int] = Counter()

    async def post(sent: bytes, signature: bytes | None) -> None:
        headers = [(b"content-type", b"application/json")]
        if signature is not None:
            headers.append((b"stripe-signature", signature))

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": sent, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answers[message["status"]] += 1

        await webhook(
            {"type": "http", "method": "POST", "path": "/webhooks/stripe", "headers": headers}, receive, send
        )

    async def post_all() -> None:
        sent = 0
        while sent < REQUESTS:
            request = forged(rng, body, genuine)
            # A mutation of the header may leave what counts as it was: another name, or a signature beside.
            if request[0] == body and same_claim(request[1], genuine):
                continue
            await post(*request)
            sent += 1

    asyncio.run(post_all())
    assert answers == {400: REQUESTS}, seed


def same_claim(signature: bytes | None, genuine: bytes) -> bool:
    """Whether the header still has the time and the signature of the genuine one."""
    return set(genuine.split(b",")) <= {item.strip() for item in (signature or b"").split(b",")}
