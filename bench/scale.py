"""Enrollment with many orders behind it: the same load on a small and on a large database, in turn."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench import mix, remembered
from bench.consumers import consume
from bench.environment import Environment
from bench.processes import ROOT
from enrollment.handlers import TOPICS

EVENTS_PER_SECOND = 7000  # roughly, to size the load for the seconds asked for
ORDERS = {"after_10k_orders": 10_000, "after_5m_orders": 5_000_000}


def run(env: Environment) -> dict[str, float]:
    """One run. The databases are seeded once; what a run adds to the large one is a hundredth of it."""
    stories = int(env.seconds / len(ORDERS) * EVENTS_PER_SECOND / mix.MESSAGES_A_STORY)
    figures = {}
    for figure, orders in ORDERS.items():
        dsn = env.kept(f"enrollment of {orders} orders", _seeded(env, orders))
        taken = consume(env, "enrollment", dsn, mix.messages(stories), TOPICS)
        figures[figure] = taken.events_per_second
    return figures


@contextmanager
def _seeded(env: Environment, orders: int) -> Iterator[str]:
    with env.database(ROOT / "services" / "enrollment") as dsn:
        began = time.monotonic()
        remembered.seed(dsn, orders)
        env.log(f"{orders} orders were seeded in {time.monotonic() - began:.0f} s")
        yield dsn
