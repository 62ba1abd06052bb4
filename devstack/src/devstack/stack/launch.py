"""Starts the stack's Python processes and collects their output."""

import subprocess
from pathlib import Path

from devstack.processes import Child, Owner
from devstack.stack.logs import Console, follow
from devstack.stack.plan import Spec


class Launcher:
    """Starts processes of one owner. Their output goes to LOGS/NAME.log and, prefixed, to the console."""

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
