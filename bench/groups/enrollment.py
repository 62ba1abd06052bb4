"""Enrollment: events per second of one consumer process, and a check of the resulting grants."""

from __future__ import annotations

import psycopg

from bench import mix
from bench.consumers import consume
from bench.environment import Environment
from bench.processes import ROOT
from enrollment.handlers import TOPICS

EVENTS_PER_SECOND = 7000  # approximate, to size the load for the requested seconds


def run(env: Environment) -> dict[str, float]:
    """One run, on an empty database without statistics."""
    sequences = int(env.seconds * EVENTS_PER_SECOND / mix.MESSAGES_PER_SEQUENCE)
    with env.database(ROOT / "services" / "enrollment") as dsn:
        taken = consume(env, "enrollment", dsn, mix.messages(sequences), TOPICS)
        with psycopg.connect(dsn) as connection:
            rows = connection.execute(
                "select kind, state, count(*) from grants group by kind, state"
            ).fetchall()
    found = {(kind, state): count for kind, state, count in rows}
    if found != mix.expected(sequences):
        raise RuntimeError(f"the grants are wrong: {found} and not {mix.expected(sequences)}")
    return taken._asdict()
