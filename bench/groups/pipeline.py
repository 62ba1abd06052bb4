"""From Stripe's webhook to access: seconds between webhook-ingest's 2xx and the commit of the grant.

Real webhook-ingest and enrollment processes, broker and database. 50 purchases per second: the order is
published as by checkout, then its four webhooks are sent in random order within half a second. The time is
measured from the 2xx of checkout.session.completed, which the grant requires, until a query finds the grant
in the database. Queries are 10 ms apart, so a figure is at most that much too high, and never too low.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
from confluent_kafka import Producer

from bench import purchases
from bench.environment import Environment, ingest_api
from bench.events import SECRET, signature
from bench.http import Client
from bench.processes import ROOT, free_port, running, wait_for
from enrollment.handlers import TOPICS
from messaging.message import OutgoingMessage

PATH = "/webhooks/stripe"
SCRAMBLED_SECONDS = 0.5
LOOK_SECONDS = 0.01
LAST_SECONDS = 20.0


def run(env: Environment) -> dict[str, float]:
    """One run."""
    purchases.skip_to_end(env.kafka, "enrollment", TOPICS)
    with (
        env.database(ROOT / "services" / "enrollment") as dsn,
        ingest_api(env) as port,
        _enrollment(env, dsn),
    ):
        times = sorted(asyncio.run(_Run(env, dsn, port).measure()))
    if not times:
        raise RuntimeError("no grant was seen")
    return {
        "grant_p50": times[len(times) // 2],
        "grant_p99": times[int(len(times) * 0.99)],
        "grant_max": times[-1],
        "purchases_per_second": len(times) / env.seconds,
    }


class _Run:
    def __init__(self, env: Environment, dsn: str, port: int) -> None:
        self._env = env
        self._dsn = dsn
        self._client = Client(port)
        self._producer = Producer({"bootstrap.servers": env.kafka})
        self._random = random.Random(7)
        self._answered: dict[str, float] = {}
        self._times: list[float] = []
        self._sent_all = False

    async def measure(self) -> list[float]:
        """Return the seconds of every purchase."""
        looking = asyncio.create_task(self._poll())
        count = int(self._env.seconds * purchases.PURCHASES_PER_SECOND)
        run = f"{time.time_ns():x}"
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(count):
                await asyncio.sleep(started + number / purchases.PURCHASES_PER_SECOND - time.perf_counter())
                group.create_task(self._buy(f"{run}{number:08d}"))
        self._sent_all = True
        await asyncio.wait_for(looking, LAST_SECONDS)
        await self._client.close()
        self._producer.flush(10)
        return self._times

    async def _buy(self, key: str) -> None:
        order, *events = purchases.purchase(key, datetime.now(UTC))
        self._producer.produce(order.topic, order.value, order.key, headers=order.kafka_headers())
        self._producer.poll(0)
        async with asyncio.TaskGroup() as group:
            for event in events:
                group.create_task(self._webhook(event))

    async def _webhook(self, event: OutgoingMessage) -> None:
        await asyncio.sleep(self._random.random() * SCRAMBLED_SECONDS)
        at = str(int(time.time())).encode()
        status = await self._client.send(
            b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nStripe-Signature: %b\r\n"
            b"Content-Length: %d\r\n\r\n%b"
            % (PATH.encode(), signature(event.value, SECRET.encode(), at), len(event.value), event.value)
        )
        if status != 200:
            raise RuntimeError(f"webhook-ingest answered {status}")
        if event.type == "checkout.session.completed":
            self._answered[purchases.ids(event.key)["user_id"]] = time.perf_counter()

    async def _poll(self) -> None:
        query = "select user_id from grants where user_id = any(%s) and state = 'active'"
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as connection:
            while self._answered or not self._sent_all:
                await asyncio.sleep(LOOK_SECONDS)
                cursor = await connection.execute(query, (list(self._answered),))
                found = await cursor.fetchall()
                now = time.perf_counter()
                self._times += [now - self._answered.pop(user_id) for (user_id,) in found]


@contextlib.contextmanager
def _enrollment(env: Environment, dsn: str) -> Iterator[None]:
    port, log = free_port(), env.folder / "enrollment.log"
    variables = env.variables | {"DATABASE_URL": dsn, "PORT": str(port)}
    with running(log, "-m", "enrollment", "consumer", environment=variables) as process:
        wait_for(f"http://127.0.0.1:{port}/health/ready", process, log)
        yield
