"""Enrollment: events a second that one consumer process takes from the log, and whether it got them right."""

from __future__ import annotations

import psycopg

from bench import mix
from bench.consumers import consume
from bench.environment import Environment
from bench.processes import ROOT
from enrollment.handlers import TOPICS

EVENTS_PER_SECOND = 7000  # roughly, to size the load for the seconds asked for


def run(env: Environment) -> dict[str, float]:
    """One run: on an empty database, so that the planner knows nothing yet."""
    stories = int(env.seconds * EVENTS_PER_SECOND / mix.MESSAGES_A_STORY)
    with env.database(ROOT / "services" / "enrollment") as dsn:
        taken = consume(env, "enrollment", dsn, mix.messages(stories), TOPICS)
        with psycopg.connect(dsn) as connection:
            rows = connection.execute(
                "select kind, state, count(*) from grants group by kind, state"
            ).fetchall()
    found = {(kind, state): count for kind, state, count in rows}
    if found != mix.expected(stories):
        raise RuntimeError(f"the grants are wrong: {found} and not {mix.expected(stories)}")
    return taken._asdict()
