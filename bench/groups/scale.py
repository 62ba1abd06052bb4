"""Enrollment with many stored orders: the same load on a small and on a large database, in turn."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench import mix
from bench.consumers import consume
from bench.environment import Environment
from bench.groups import remembered
from bench.processes import ROOT
from enrollment.handlers import TOPICS

EVENTS_PER_SECOND = 7000  # approximate, to size the load for the requested seconds
ORDERS = {"after_10k_orders": 10_000, "after_5m_orders": 5_000_000}


def run(env: Environment) -> dict[str, float]:
    """One run. The databases are seeded once; a run adds about 1 % to the large one."""
    sequences = int(env.seconds / len(ORDERS) * EVENTS_PER_SECOND / mix.MESSAGES_PER_SEQUENCE)
    figures = {}
    for figure, orders in ORDERS.items():
        dsn = env.kept(f"enrollment of {orders} orders", _seeded(env, orders))
        taken = consume(env, "enrollment", dsn, mix.messages(sequences), TOPICS)
        figures[figure] = taken.events_per_second
    return figures


@contextmanager
def _seeded(env: Environment, orders: int) -> Iterator[str]:
    with env.database(ROOT / "services" / "enrollment") as dsn:
        began = time.monotonic()
        remembered.seed(dsn, orders)
        env.log(f"{orders} orders were seeded in {time.monotonic() - began:.0f} s")
        yield dsn
