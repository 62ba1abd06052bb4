"""Events per second that one consumer process reads from the log. Shared by the services' groups."""

from __future__ import annotations

import re
import time
import urllib.request
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bench import purchases
from bench.environment import Environment
from bench.processes import free_port, memory, running, wait_for
from messaging.message import OutgoingMessage

_CONSUMED = re.compile(r'^messaging_consumed_total\{group="([^"]+)",topic="[^"]+"\} (\S+)$', re.MULTILINE)
_DEAD = re.compile(r"^messaging_dead_letters_total\{[^}]*\} ([1-9]\S*)$", re.MULTILINE)
STALLED_SECONDS = 60
# Each poll costs the consumer about 5 ms; twenty per second would take a sixth of its time.
POLL_SECONDS = 0.25


class Consumed(NamedTuple):
    """Events per second and peak memory in MB (VmHWM) of one consumer process."""

    events_per_second: float
    peak_memory: float


def consume(
    env: Environment,
    service: str,
    dsn: str,
    batch: Sequence[OutgoingMessage],
    topics: Sequence[str],
    settings: Mapping[str, str] | None = None,
) -> Consumed:
    """Publish the messages of `batch` that go to `topics`, then start one consumer and measure its time.

    The time is from the first observed commit to the last, so it excludes the start of the process and
    joining the group. Only `topics` count: a service does not read the others.
    """
    module = service.replace("-", "_")
    purchases.skip_to_end(env.kafka, service, topics)
    wanted = [message for message in batch if message.topic in topics]
    purchases.publish(env.kafka, wanted)
    port, log = free_port(), env.folder / f"{service}.log"
    variables = {**env.variables, "DATABASE_URL": dsn, "PORT": str(port), **(settings or {})}
    with running(log, "-m", module, "consumer", environment=variables) as process:
        wait_for(f"http://127.0.0.1:{port}/health/live", process, log)
        first: tuple[float, float] | None = None
        last, moved = (0.0, 0.0), time.monotonic()
        while last[1] < len(wanted):
            if process.poll() is not None or time.monotonic() - moved > STALLED_SECONDS:
                raise RuntimeError(f"{service} stopped at {last[1]:g} events\n{log.read_text()[-4000:]}")
            now, done = _consumed(port)
            if done > last[1]:
                moved = now
                last = (now, done)
                first = first or last
            time.sleep(POLL_SECONDS)
        peak = memory(process.pid, "VmHWM")
    assert first is not None
    if first == last:
        raise RuntimeError("everything was consumed within one poll: publish more events")
    return Consumed((last[1] - first[1]) / (last[0] - first[0]), peak)


def _consumed(port: int) -> tuple[float, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    if dead := _DEAD.search(text):
        raise RuntimeError(f"{dead.group(1)} events were dead-lettered, so the figure is invalid")
    return time.monotonic(), sum(float(value) for _, value in _CONSUMED.findall(text))
