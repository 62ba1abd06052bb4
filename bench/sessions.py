"""A process that creates Checkout Sessions: `python -m bench.sessions PORT CONNECTIONS SECONDS COUNT`.

Each persistent connection sends its next request as soon as the previous one is answered. The requests are
like a shop's: price_data, metadata and a unique Idempotency-Key. Ends after SECONDS, or after COUNT requests
if that is not 0. Prints {"statuses", "seconds", "lost"} as JSON.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import uvloop

from bench.load import Run, Sender

_FORM = {
    "mode": "payment",
    "ui_mode": "hosted_page",
    "line_items[0][price_data][currency]": "eur",
    "line_items[0][price_data][unit_amount]": "4900",
    "line_items[0][price_data][product_data][name]": "Ragas for beginners",
    "line_items[0][price_data][product_data][description]": "Morning and evening ragas.",
    "line_items[0][price_data][product_data][metadata][course_id]": "ragas",
    "line_items[0][quantity]": "1",
    "client_reference_id": "ord_{n}",
    "metadata[order_id]": "ord_{n}",
    "metadata[user_id]": "usr_{n}",
    "payment_intent_data[metadata][order_id]": "ord_{n}",
    "payment_intent_data[metadata][user_id]": "usr_{n}",
    "payment_intent_data[description]": "Ragas for beginners",
    "locale": "en",
    "success_url": "https://shop.example/done?session_id={CHECKOUT_SESSION_ID}",
    "cancel_url": "https://shop.example/cancel",
    "customer_email": "buyer{n}@example.com",
}
_BODY = urlencode(_FORM).replace("%7Bn%7D", "{n}")
_HEAD = (
    "POST /v1/checkout/sessions HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer sk_test_bench\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nStripe-Version: 2026-10-28.endive\r\n"
    "Idempotency-Key: {run}-{n}\r\nContent-Length: {length}\r\n\r\n{body}"
)


def requests() -> Iterator[bytes]:
    """Yield unique, complete HTTP requests endlessly."""
    run = f"{os.getpid()}-{time.time_ns()}"
    for number in itertools.count():
        body = _BODY.replace("{n}", str(number))
        yield _HEAD.format(run=run, n=number, length=len(body), body=body).encode()


async def load(port: int, connections: int, seconds: float, count: int) -> dict[str, object]:
    """Run the load and return the report."""
    loop, run = asyncio.get_running_loop(), Run()
    source, run.counting = requests(), True
    run.limit = count or None
    started = time.perf_counter()
    senders = [
        (await loop.create_connection(lambda: Sender(source, run), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    ended = asyncio.gather(*(sender.closed for sender in senders))
    if count:
        await ended
    else:
        await asyncio.sleep(seconds)
        run.over = True
        await asyncio.wait_for(ended, 30)
    return {
        "statuses": {status.decode(): number for status, number in run.statuses.items()},
        "seconds": time.perf_counter() - started,
        "lost": run.lost,
    }


if __name__ == "__main__":
    port, connections, seconds, count = sys.argv[1:5]
    print(json.dumps(uvloop.run(load(int(port), int(connections), float(seconds), int(count)))))
