"""A whole stack for tests: `masterji up` in a temporary folder, with control over each process."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from devstack import waiting
from devstack.client import StackClient
from devstack.errors import DevstackError
from devstack.stack import daemon
from devstack.stack.plan import TERMS_VERSION
from devstack.stack.state import State
from devstack.testing.folders import open_folder
from devstack.tokens import TokenIssuer

# The stack does not use the tests' servers, because its topics and databases have fixed names.
_NOT_FOR_THE_STACK = ("KAFKA_", "DATABASE_URL", "STRIPE_", "TERMS_VERSION", "MASTERJI_STATE", "LOG_")


class RunningStack:
    """One stack: its addresses, its client, and its processes by name."""

    def __init__(self, state: State) -> None:
        running = state.require()
        self._state = state
        self.folder = state.folder
        self.status: dict[str, Any] = running.status
        issuer = TokenIssuer.with_key_in(state.folder / "issuer.pem", running.issuer)
        self.client = StackClient(running.status, issuer, TERMS_VERSION)

    def database_url(self, service: str) -> str:
        """Return the address of a service's database."""
        return str(self.status["services"][service]["database_url"])

    @property
    def smtp_port(self) -> int:
        """The port on which the inbox receives mail."""
        page = self.client.http.get(self.client.inbox).text
        found = re.search(r"smtp://[0-9.]+:(\d+)", page)
        assert found is not None, "the inbox does not show its SMTP address"
        return int(found[1])

    def stop(self, *names: str) -> None:
        """Stop processes (SIGTERM) and keep them stopped. The broker and the database are processes too."""
        daemon.ask(self._state, {"command": "stop", "names": names})

    def kill(self, *names: str) -> None:
        """Kill processes (SIGKILL), as a crash would, and keep them stopped."""
        daemon.ask(self._state, {"command": "kill", "names": names})

    def start(self, *names: str) -> None:
        """Start processes again. `wait_ready` waits until they are ready."""
        daemon.ask(self._state, {"command": "start", "names": names})

    def processes(self) -> dict[str, dict[str, Any]]:
        """Return each process by name: state, ready, pid, restarts, url."""
        described = daemon.ask(self._state, {"command": "processes"})
        return {process["name"]: process for process in described}

    def wait_ready(self, seconds: float = 60.0) -> None:
        """Wait until every process is ready."""

        def missing() -> list[str]:
            return [name for name, process in self.processes().items() if not process["ready"]]

        waiting.until(lambda: not missing(), seconds, lambda: f"not ready: {missing()}", interval=0.2)

    def eventually(self, what: str, look: Callable[[], Any], seconds: float = 30.0) -> Any:
        """Repeat `look()` until its result is true, and return it; else raise AssertionError with `what`.

        HTTP errors are retried until the deadline.
        """
        seen: list[Any] = [None]

        def answered() -> bool:
            try:
                seen[0] = look()
            except httpx.HTTPError as error:
                seen[0] = None
                failures[0] = f" (last error: {error})"
            return bool(seen[0])

        failures = [""]
        try:
            waiting.until(answered, seconds, lambda: "", interval=0.1)
        except DevstackError:
            raise AssertionError(f"Not observed within {seconds:g} s: {what}{failures[0]}") from None
        return seen[0]


@contextmanager
def run(*arguments: str, **settings: str) -> Iterator[RunningStack]:
    """Run `masterji up --detach ARGUMENTS` in a temporary folder, and stop it at the end of the block.

    `settings` are additional environment variables for the services.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(_NOT_FOR_THE_STACK)
    } | settings
    with open_folder("masterji-stack-") as folder:
        state = State(folder)
        command = [sys.executable, "-m", "devstack", "--state", str(folder), "up", "--detach", *arguments]
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise DevstackError(done.stderr)
            yield RunningStack(state)
        finally:
            daemon.stop(state)
