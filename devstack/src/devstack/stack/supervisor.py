"""Starts the stack, restarts crashed processes, and stops it."""

import os
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from devstack import kafka
from devstack.errors import DevstackError
from devstack.kafka import KafkaServer
from devstack.places import tail
from devstack.processes import Owner
from devstack.stack import health, plan
from devstack.stack.backends import Backends
from devstack.stack.control import ControlServer
from devstack.stack.launch import Launcher
from devstack.stack.logs import Console
from devstack.stack.managed import Managed
from devstack.stack.plan import Options, Plan, Spec
from devstack.stack.state import Running, State

READY_SECONDS = 180.0
STOP_SECONDS = 12.0
WATCH_SECONDS = 0.2
CRASHES_AT_START = 3


class Supervisor:
    """One running stack. `run` returns after stop() was called and every process has ended."""

    def __init__(self, options: Options, state: State, console: Console, *, quiet: bool = False) -> None:
        self._options = options
        self._state = state
        self._console = console
        self._stop = threading.Event()
        self._plan: Plan = plan.make(options, state.secret("webhook", "whsec_"))
        self._owner = Owner()
        self._launcher = Launcher(self._owner, state.folder / "logs", console, quiet)
        self._managed: dict[str, Managed] = {}
        self._specs: dict[str, Spec] = {}
        self._kafka: KafkaServer | None = None
        self._control_key = secrets.token_hex(16)
        self._control = ControlServer(self._control_key, self._handle)
        self._phase = "starting"
        self._waiting: list[str] = []

    def run(self, when_ready: Callable[[dict[str, Any]], None] | None = None) -> None:
        """Start everything, call `when_ready` with the status, watch until stop(), then stop everything."""
        self._publish("starting")
        try:
            self._bring_up()
            self._waiting = []
            self._publish("ready")
            if when_ready is not None:
                when_ready(self.status())
            while not self._stop.wait(WATCH_SECONDS):
                self._watch()
        except DevstackError as error:
            if not self._stop.is_set():
                self._publish(f"failed: {error}")
                raise
        finally:
            self._take_down()

    def stop(self) -> None:
        """Make `run` stop the stack. Safe in a signal handler."""
        self._stop.set()

    @property
    def stopping(self) -> threading.Event:
        """Set after stop() was called."""
        return self._stop

    def status(self) -> dict[str, Any]:
        """Return what `masterji status --json` prints."""
        if self._kafka is None:
            return self._plan.status("", "")
        return self._plan.status(self._kafka.bootstrap, self._kafka.kind)

    @property
    def plan(self) -> Plan:
        """Addresses and settings of this stack."""
        return self._plan

    @property
    def logs(self) -> Path:
        """The folder with each process's log."""
        return self._state.folder / "logs"

    # -- up ---------------------------------------------------------------------------------------------

    def _bring_up(self) -> None:
        say = self._console.say
        for line in self._plan.moved():
            say(line)
        started = time.monotonic()
        shared_without_kafka = plan.environment(self._plan, {})
        for spec in plan.helpers(self._plan, shared_without_kafka):
            self._add(spec)
        backends = Backends(self._plan, self._owner, self._state.folder, say)
        say("starting Kafka and PostgreSQL …")
        self._wait_for("Kafka", "PostgreSQL")
        try:
            self._kafka = backends.start()
        finally:
            # Also if one of them failed: the other one runs and must be stopped.
            self._managed.update({managed.name: managed for managed in backends.managed})
        self._checkpoint()
        settings = kafka.client_settings(self._kafka)
        shared = plan.environment(self._plan, settings)
        self._wait_for("topics", "migrations")
        backends.prepare(settings)
        self._checkpoint()
        for spec in plan.services(self._plan, shared):
            self._add(spec)
        self._await_ready(started)

    def _add(self, spec: Spec) -> None:
        managed = Managed(
            spec.name,
            lambda: self._launcher.launch(spec),
            lambda: health.is_ready(spec, self._managed[spec.name].child),
        )
        self._managed[spec.name], self._specs[spec.name] = managed, spec
        managed.start()

    def _await_ready(self, started: float) -> None:
        waiting = dict(self._specs)
        deadline = time.monotonic() + READY_SECONDS
        while waiting:
            for name in [name for name in waiting if self._managed[name].ready()]:
                del waiting[name]
                self._console.say(f"{name} is ready ({time.monotonic() - started:.1f} s)")
            self._wait_for(*waiting)
            self._checkpoint()
            self._watch()
            self._refuse_crash_loop(waiting)
            if waiting and time.monotonic() > deadline:
                reasons = "; ".join(f"{name}: {health.why_not(spec)}" for name, spec in waiting.items())
                raise DevstackError(
                    f"Not ready after {READY_SECONDS:g} s: {reasons}. Logs: {self._state.folder / 'logs'}"
                )
            self._stop.wait(0.1)

    def _wait_for(self, *names: str) -> None:
        if names and list(names) != self._waiting:
            self._waiting = list(names)
            self._publish("starting")

    def _refuse_crash_loop(self, waiting: Iterable[str]) -> None:
        for name in waiting:
            if self._managed[name].restarts >= CRASHES_AT_START:
                log = self._state.folder / "logs" / f"{name}.log"
                raise DevstackError(f"{name} crashes repeatedly. The end of {log}:\n{tail(log, 8)}")

    def _checkpoint(self) -> None:
        if self._stop.is_set():
            raise DevstackError("The stack was stopped while it started.")

    # -- watch and control ------------------------------------------------------------------------------

    def _watch(self) -> None:
        for managed in list(self._managed.values()):
            # Skipped while a command stops or starts the process.
            if managed.lock.acquire(blocking=False):
                try:
                    managed.watch(self._console.say)
                except DevstackError as error:
                    managed.due_at = time.monotonic() + managed.delay
                    self._console.say(f"{managed.name} could not be restarted: {error}")
                finally:
                    managed.lock.release()

    def _handle(self, request: dict[str, Any]) -> Any:
        command = request.get("command")
        if command == "down":
            self.stop()
            return None
        if command == "processes":
            return [self._describe(managed) for managed in self._managed.values()]
        names = request.get("names", [])
        unknown = [name for name in names if name not in self._managed]
        if unknown:
            known = ", ".join(self._managed)
            raise DevstackError(f"Unknown process: {', '.join(unknown)}. This stack has: {known}.")
        for name in names:
            self._act(str(command), self._managed[name])
        return None

    def _act(self, command: str, managed: Managed) -> None:
        with managed.lock:
            if command == "start":
                managed.start()
            elif command == "stop":
                managed.stop(lambda child: child.stop(STOP_SECONDS))
            elif command == "kill":
                managed.stop(lambda child: child.kill())
            else:
                raise DevstackError(f"Unknown command: {command!r}.")
        self._console.say(f"{managed.name}: {command} was requested")

    def _describe(self, managed: Managed) -> dict[str, Any]:
        child = managed.child
        return {
            "name": managed.name,
            "state": managed.state(),
            "ready": managed.state() == "running" and managed.ready(),
            "pid": child.pid if child is not None and child.running() else None,
            "restarts": managed.restarts,
            "url": self._specs[managed.name].url if managed.name in self._specs else None,
        }

    def _publish(self, phase: str) -> None:
        self._phase = phase
        self._state.write(
            Running(
                os.getpid(),
                psutil.Process().create_time(),
                self._owner.id,
                self._control.port,
                self._control_key,
                self._plan.issuer.url,
                phase,
                self.status(),
                self._waiting,
            )
        )

    # -- down -------------------------------------------------------------------------------------------

    def _take_down(self) -> None:
        if not self._phase.startswith("failed"):
            self._publish("stopping")
        # Services first, so that they can finish their work; the broker and the database last.
        own = [self._managed[name] for name in ("kafka", "postgres") if name in self._managed]
        self._stop_all(managed for managed in self._managed.values() if managed not in own)
        self._stop_all(own)
        self._control.close()
        self._owner.close()
        if not self._phase.startswith("failed"):
            self._state.forget()
        self._console.say("all processes are stopped")

    def _stop_all(self, several: Iterable[Managed]) -> None:
        def end(managed: Managed) -> None:
            with managed.lock:
                managed.stop(lambda child: child.stop(STOP_SECONDS))

        with ThreadPoolExecutor(max_workers=16) as pool:
            list(pool.map(end, several))


def install_signals(supervisor: Supervisor) -> None:
    """Ctrl-C and SIGTERM stop the stack in order. After a second Ctrl-C the reaper stops the rest at once."""

    def handle(number: int, _frame: object) -> None:
        if supervisor.stopping.is_set() and number == signal.SIGINT:
            os._exit(130)
        supervisor.stop()

    signal.signal(signal.SIGINT, handle)
    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGHUP, handle)
