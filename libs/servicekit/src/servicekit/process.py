"""A service's process: HTTP server, worker threads and shutdown."""

from __future__ import annotations

import gc
import signal
import threading
import time
from collections.abc import Mapping

import structlog
from starlette.types import ASGIApp

from processkit.health import Health
from processkit.loop import Worker
from servicekit.app import create_app
from servicekit.server import Server, create_server
from servicekit.settings import ServiceSettings

STOP_SECONDS = 10.0
"""Maximum seconds from the signal to the end of the process."""

_LOG = structlog.get_logger(__name__)


def run(
    app: ASGIApp | None,
    workers: Mapping[str, Worker],
    settings: ServiceSettings,
    health: Health,
    *,
    proxy_headers: bool = True,
) -> int:
    """Serve `app` (None: health and metrics only) and run `workers`, each in a thread, until stopped.

    SIGTERM and SIGINT stop everything within `STOP_SECONDS` with exit code 0. A worker that raises, or
    returns too early, stops the process with exit code 1, so that its supervisor restarts it. With
    `proxy_headers`, X-Forwarded-* of a proxy on this machine determine the client's address and the scheme.
    """
    served = app if app is not None else create_app("health", settings, health, version="1")
    server = create_server(served, settings, proxy_headers=proxy_headers)
    _spare_the_collector()
    return _Process(server, workers, health).run()


def _spare_the_collector() -> None:
    """Make garbage collection cheaper: freeze all existing objects and raise the thresholds.

    Batches and requests create many objects and few cycles. At the default thresholds the collector took 12
    % of a consumer's time and 6 % of the ingest's.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


class _Process:
    def __init__(self, server: Server, workers: Mapping[str, Worker], health: Health) -> None:
        self._server = server
        self._health = health
        self._stop = threading.Event()
        self._stop_by = float("inf")
        self._crashed: list[str] = []
        self._threads = [
            threading.Thread(target=self._work, args=(name, worker), name=name, daemon=True)
            for name, worker in workers.items()
        ]

    def run(self) -> int:
        previous = {
            number: signal.signal(number, self._on_signal) for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            for thread in self._threads:
                thread.start()
            self._server.run()
        except SystemExit as error:  # from uvicorn: the address is in use, or the lifespan failed
            self._crashed.append(f"server (exit code {error.code})")
        finally:
            self._ask_to_stop()
            late = self._join()
            for number, handler in previous.items():
                signal.signal(number, handler)
        if late or self._crashed:
            _LOG.error("stopped with errors", crashed=self._crashed, still_running=late)
            return 1
        return 0

    def _on_signal(self, *_: object) -> None:
        # No logging here: the signal handler may interrupt code that holds logging's lock.
        self._ask_to_stop()

    def _ask_to_stop(self) -> None:
        self._stop_by = min(self._stop_by, time.monotonic() + STOP_SECONDS)
        self._stop.set()
        self._server.stop()

    def _join(self) -> list[str]:
        for thread in self._threads:
            thread.join(max(0.0, self._stop_by - time.monotonic()))
        return [thread.name for thread in self._threads if thread.is_alive()]

    def _work(self, name: str, worker: Worker) -> None:
        try:
            worker(self._stop)
        except BaseException as error:  # noqa: BLE001 - whatever it was, the process must know and end
            _LOG.critical("worker crashed", worker=name, exc_info=True)
            self._fail(name, f"crashed: {type(error).__name__}")
        else:
            if not self._stop.is_set():
                _LOG.critical("worker ended unexpectedly", worker=name)
                self._fail(name, "ended unexpectedly")

    def _fail(self, name: str, reason: str) -> None:
        self._crashed.append(name)
        self._health.component(name).crash(reason)
        self._ask_to_stop()
