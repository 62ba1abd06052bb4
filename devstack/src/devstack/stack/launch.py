"""Starting the stack's Python processes, with their output where it belongs."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from devstack.errors import DevstackError
from devstack.places import tail
from devstack.processes import Child, Owner
from devstack.stack import plan
from devstack.stack.logs import Console, follow
from devstack.stack.plan import Spec

JOB_SECONDS = 120.0


class Launcher:
    """Starts processes of one owner; their output goes to LOGS/NAME.log and, prefixed, to the console."""

    def __init__(self, owner: Owner, logs: Path, console: Console, quiet: bool) -> None:
        self._owner = owner
        self._logs = logs
        self._console = console
        self._quiet = quiet

    def launch(self, spec: Spec) -> Child:
        """Start a long-running process."""
        child = self._owner.spawn(spec.name, spec.argv, env=spec.env, output=subprocess.PIPE)
        assert child.popen.stdout is not None
        log = self._logs / f"{spec.name}.log"
        follow(spec.name, child.popen.stdout, log, self._console, self._quiet)
        return child

    def finish(self, service: str, role: str, env: Mapping[str, str]) -> None:
        """Run `python -m SERVICE ROLE` to its end; DevstackError shows its last lines if it fails."""
        log = self._logs / f"{service}-{role}.log"
        with log.open("wb") as output:
            child = self._owner.spawn(
                f"{service} {role}",
                [sys.executable, "-m", plan.module(service), role],
                env=env,
                output=output,
            )
            try:
                code = child.popen.wait(JOB_SECONDS)
            except subprocess.TimeoutExpired:
                child.stop(grace=2.0)
                raise DevstackError(f"{service} {role} did not end within {JOB_SECONDS:g} s: {log}") from None
            child.stop(grace=0.0)
        if code != 0:
            raise DevstackError(f"{service} {role} failed with exit code {code}:\n{tail(log)}")
