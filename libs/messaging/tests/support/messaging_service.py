"""The parcel service as a process: `python messaging_service.py SETTINGS`, SETTINGS a JSON object.

A crash is requested by name; it ends the process at once, like a power failure. The handler and the clock
that the runtime is given cause it: the runtime itself contains nothing for it.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from messaging_parcels import ParcelHandler, derivation, utc_now

from messaging.eventset.event import Event
from messaging.outbox.relay import Relay
from messaging.producer import create_producer
from messaging.runtime.runner import ConsumerRunner
from messaging.settings import KafkaSettings
from processkit import logs as log
from processkit.health import Health
from processkit.postgres.database import Session

CRASHED = 70


class Crash:
    """Ends the process when it reaches the named point for the given number of times."""

    def __init__(self, point: str, times: int) -> None:
        self._point = point
        self._left = times

    def at(self, point: str) -> None:
        if point == self._point:
            self._left -= 1
            if self._left == 0:
                os._exit(CRASHED)


class CrashingHandler(ParcelHandler):
    """Reaches its points inside the transactions, and between the two of a batch."""

    def __init__(self, handler: ParcelHandler, crash: Crash, slow: float) -> None:
        super().__init__(handler.derivation)
        self._crash = crash
        self._slow = slow
        self.derive = self._derive  # type: ignore[method-assign, assignment]

    def record(self, tx: Session, events: Sequence[Event]) -> None:
        super().record(tx, events)
        self._crash.at("before the commit of record")

    def _derive(self, tx: Session, events: Sequence[Event]) -> None:
        self._crash.at("between record and derive")
        time.sleep(self._slow)  # a slow batch, so that a signal arrives during it
        self.derivation.derive(tx, events)
        self._crash.at("before the commit of derive")


class CrashingClock:
    """The runner asks for the time between the derive's commit and the dead letters, and after these."""

    def __init__(self, crash: Crash) -> None:
        self._crash = crash
        self._calls = 0

    def __call__(self) -> datetime:
        self._calls += 1
        self._crash.at("after derive" if self._calls % 2 else "after the dead letters")
        return utc_now()


def main(settings: dict[str, Any]) -> None:
    log.configure("parcels", "INFO", "json")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    kafka = KafkaSettings(
        bootstrap_servers=settings["kafka"],
        group_protocol=settings.get("protocol", "consumer"),
        consumer_config=settings.get("consumer_config", {}),
    )
    health = Health()
    if settings["role"] == "relay":
        Relay(settings["dsn"], lambda: create_producer(kafka, "relay"), health).run(stop)
        return
    crash = Crash(settings.get("crash", ""), settings.get("crash_times", 1))
    handler = ParcelHandler(derivation(settings["announcements"]))
    ConsumerRunner(
        kafka=kafka,
        group_id=settings["group"],
        topics=[settings["topic"]],
        dead_letter_topic=settings["dead_letters"],
        handler=CrashingHandler(handler, crash, settings.get("slow", 0.0)),
        dsn=settings["dsn"],
        health=health,
        clock=CrashingClock(crash),
        batch_size=settings.get("batch_size", 1000),
    ).run(stop)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
