"""Latency of `GET /v1/access` at a steady 500 requests per second.

Measured from the time at which each request was due, so that a stall shows in every request that it delayed.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections import Counter

import psycopg

from bench.environment import Environment
from bench.processes import ROOT, free_port, running, wait_for
from devstack.testing import issuer

RATE = 500
CONNECTIONS = 32
USERS = 100_000
WARM_UP_SECONDS = 2

_SEED = """
insert into access (user_id, course_id, access, state, kind, source_id, since, version, changed_at)
select 'usr_' || i, 'course_' || c, true, 'active', 'order', 'ord_' || i, now(), 1, now()
from generate_series(1, %s) i, generate_series(0, 4) c
"""


def run(env: Environment) -> dict[str, float]:
    """One run."""
    with env.database(ROOT / "services" / "enrollment") as dsn, issuer.serve() as tokens:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(_SEED, (USERS,))
        port, log = free_port(), env.folder / "enrollment-api.log"
        variables = env.variables | tokens.settings_env | {"DATABASE_URL": dsn, "PORT": str(port)}
        token = tokens.token("player", "player@example.com", roles=("service",))
        with running(log, "-m", "enrollment", "api", environment=variables) as process:
            wait_for(f"http://127.0.0.1:{port}/health/ready", process, log)
            asyncio.run(_load(port, token, WARM_UP_SECONDS))
            times, statuses = asyncio.run(_load(port, token, env.seconds))
    if set(statuses) != {"200"}:
        raise RuntimeError(f"not every answer was 200: {statuses}")
    cuts = statistics.quantiles(times, n=100)
    return {"p50": cuts[49], "p99": cuts[98]}


async def _load(port: int, token: str, seconds: float) -> tuple[list[float], Counter[str]]:
    times: list[float] = []
    statuses: Counter[str] = Counter()
    rng = random.Random(1)
    due: asyncio.Queue[float | None] = asyncio.Queue()

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (moment := await due.get()) is not None:
            path = f"/v1/access?user_id=usr_{rng.randint(1, USERS)}&course_id=course_{rng.randrange(6)}"
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
            )
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.split("content-length: ")[1].split("\r\n")[0])
            await reader.readexactly(length)
            times.append(time.perf_counter() - moment)
            statuses[head[9:12]] += 1
        writer.close()

    tasks = [asyncio.create_task(connection()) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    for number in range(int(RATE * seconds)):
        moment = began + number / RATE
        await asyncio.sleep(max(0.0, moment - time.perf_counter()))
        due.put_nowait(moment)
    for _ in tasks:
        due.put_nowait(None)
    await asyncio.gather(*tasks)
    return times, statuses
