"""Webhooks per second that one worker accepts, compared with an upper bound and with a typical design."""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator

from bench.environment import Environment, ingest_api
from bench.processes import ROOT, free_port, running, wait_for

CONNECTIONS = 128
SLICES = 3
WARM_UP = 0.5
PATH = "/webhooks/stripe"


def run(env: Environment) -> dict[str, float]:
    """One run: the three servers run side by side and are loaded in turn, in slices."""
    with (
        _verify_only(env) as verify_only,
        env.database() as dsn,
        _seed(env, dsn) as seed,
        ingest_api(env) as ingest,
    ):
        ports = {"verify_only": verify_only, "accepted": ingest, "seed": seed}
        rates: dict[str, list[float]] = {name: [] for name in ports}
        worst = []
        for _ in range(SLICES):
            for name, port in ports.items():
                report = _load(port, env.seconds / SLICES / len(ports))
                rates[name].append(report["accepted"] / report["seconds"])
                if name == "accepted":
                    worst.append(report["p99"])
    return {
        **{f"{name}_per_second": statistics.mean(values) for name, values in rates.items()},
        "accepted_p99": max(worst),
    }


def _load(port: int, seconds: float) -> dict[str, float]:
    command = [
        sys.executable,
        "-m",
        "bench.load",
        str(port),
        PATH,
        str(CONNECTIONS),
        str(seconds),
        str(WARM_UP),
    ]
    report = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    if report["lost"] or set(report["statuses"]) != {"200"}:
        raise RuntimeError(f"not every event was accepted: {report}")
    return {"accepted": report["statuses"]["200"], "seconds": report["seconds"], "p99": report["p99"]}


@contextlib.contextmanager
def _verify_only(env: Environment) -> Iterator[int]:
    port, log = free_port(), env.folder / "verify-only.log"
    with running(log, "-m", "bench.servers.verify_only", str(port)) as process:
        # It fails on a body that is no event; that is an answer, too.
        wait_for(f"http://127.0.0.1:{port}/", process, log, ok=(500,))
        yield port


@contextlib.contextmanager
def _seed(env: Environment, dsn: str) -> Iterator[int]:
    port, log = free_port(), env.folder / "seed.log"
    with running(log, "-m", "bench.servers.seed", str(port), environment={"DATABASE_URL": dsn}) as process:
        wait_for(f"http://127.0.0.1:{port}/docs", process, log)
        yield port
