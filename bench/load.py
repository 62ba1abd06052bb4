"""The load generator, a separate process: `python -m bench.load PORT PATH CONNECTIONS SECONDS WARM_UP`.

Raw sockets on uvloop: each connection sends its next event as soon as the previous one is answered.
Prints one JSON object: answers by status, seconds, and percentiles of the response time. Requests in
flight at the end are awaited and not counted.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import cast

import uvloop

from bench.events import requests


class Sender(asyncio.Protocol):
    """One connection."""

    def __init__(self, source: Iterator[bytes], run: Run) -> None:
        self._source = source
        self._run = run
        self._received = b""
        self._started = 0.0
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's transport is no subclass of it
        if self._run.may_send():
            self._send()
        else:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        at = self._received.lower().find(b"content-length: ", 0, end)
        length = int(self._received[at + 16 : self._received.find(b"\r\n", at)]) if at >= 0 else 0
        if len(self._received) < end + 4 + length:
            return
        self._run.answered(self._received[9:12], time.perf_counter() - self._started)
        self._received = b""
        if self._run.over or not self._run.may_send():
            self._transport.close()
        else:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.lost += exc is not None or not (self._run.over or self._run.exhausted)
        self.closed.set_result(None)

    def _send(self) -> None:
        self._started = time.perf_counter()
        self._transport.write(next(self._source))


class Run:
    """State shared by all connections: the clock and the counts."""

    def __init__(self) -> None:
        self.over = False
        self.counting = False
        self.lost = 0
        #: How many more requests may be sent; None: any number.
        self.limit: int | None = None
        self.statuses: Counter[bytes] = Counter()
        self.times: list[float] = []

    @property
    def exhausted(self) -> bool:
        """Whether the limit is reached."""
        return self.limit == 0

    def may_send(self) -> bool:
        """Return whether another request may be sent, and count it."""
        if self.limit is None:
            return True
        if self.limit == 0:
            return False
        self.limit -= 1
        return True

    def answered(self, status: bytes, seconds: float) -> None:
        """Count one answer, if it is within the measured time."""
        if self.counting:
            self.statuses[status] += 1
            self.times.append(seconds)


async def load(port: int, path: str, connections: int, seconds: float, warm_up: float) -> dict[str, object]:
    """Run the load and return the report."""
    loop, run = asyncio.get_running_loop(), Run()
    source = requests(f"127.0.0.1:{port}", path)
    senders = [
        (await loop.create_connection(lambda: Sender(source, run), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.sleep(warm_up)
    run.counting, started = True, time.perf_counter()
    await asyncio.sleep(seconds)
    run.counting, run.over, took = False, True, time.perf_counter() - started
    await asyncio.wait_for(asyncio.gather(*(sender.closed for sender in senders)), 15)
    times = sorted(run.times) or [float("nan")]
    return {
        "statuses": {status.decode(): count for status, count in run.statuses.items()},
        "lost": run.lost,
        "seconds": took,
        "p50": times[len(times) // 2],
        "p99": times[int(len(times) * 0.99)],
    }


if __name__ == "__main__":
    port, path, connections, seconds, warm_up = sys.argv[1:6]
    report = uvloop.run(load(int(port), path, int(connections), float(seconds), float(warm_up)))
    print(json.dumps(report))
