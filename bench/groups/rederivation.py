"""Derives a million stored events again: seconds and peak memory of the process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time

import psycopg

from bench.environment import Environment
from bench.processes import ROOT, memory

ORDERS = 200_000
EVENTS_PER_ORDER = 5

_SEED = """
insert into events (event_id, type, created, rank, object_id, status, user_id, order_id, session_id,
                    payment_intent_id, charge_id, facts)
select 'evt_' || i || '_' || k, type, 1760000000000000 + i * 1000000::bigint, 10 * k, prefix || i, status,
       case when k < 4 then 'usr_' || i end, case when k < 4 then 'ord_' || i end,
       case when k in (0, 3) then 'cs_' || i end, case when k > 0 then 'pi_' || i end,
       case when k = 4 then 'ch_' || i end,
       case k when 4 then '{}'::jsonb
              when 0 then jsonb_build_object('currency', 'eur', 'amount', 4900, 'lines', jsonb_build_array(
                  jsonb_build_object('line_id', 'line_' || i, 'kind', 'course',
                                     'course_id', 'course_' || i % 200, 'amount', 4900)))
              else '{"mode": "payment", "payment_status": "paid", "currency": "eur", "amount": 4900}'::jsonb
       end
from generate_series(1, :orders) i,
     (values (0, 'masterji.order.placed.v1', 'ord_', null),
             (1, 'payment_intent.created', 'pi_', 'requires_payment_method'),
             (2, 'payment_intent.succeeded', 'pi_', 'succeeded'),
             (3, 'checkout.session.completed', 'cs_', 'complete'),
             (4, 'charge.succeeded', 'ch_', 'succeeded')) as part (k, type, prefix, status)
"""


def run(env: Environment) -> dict[str, float]:
    """One run, on tables without statistics."""
    with env.database(ROOT / "services" / "enrollment") as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(_SEED.replace(":orders", str(ORDERS)))
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "enrollment", "rebuild"],
            env=os.environ | env.variables | {"DATABASE_URL": dsn},
            stdout=subprocess.DEVNULL,
        )
        peak = 0.0
        while process.poll() is None:
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                peak = memory(process.pid, "VmHWM")
            time.sleep(0.05)
        seconds = time.perf_counter() - began
        with psycopg.connect(dsn) as connection:
            found = connection.execute(
                "select count(*) filter (where access), (select count(*) from outbox) from access"
            ).fetchone()
    if process.returncode != 0 or found != (ORDERS, 0):
        raise RuntimeError(f"exit code {process.returncode}; access and announcements: {found}")
    return {"seconds": seconds, "peak_memory": peak}
