"""Child processes that never outlive their owner.

Each child runs in its own session, so that a signal to its group reaches everything that it started. Ctrl-C
in the terminal reaches only the owner, which stops the children in order. If the owner dies, a reaper process
(see devstack.reaper) ends them.
"""

import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil

from devstack import reaper
from devstack.reaper import OWNER_VARIABLE


@dataclass
class Child:
    """One running process group."""

    name: str
    popen: "subprocess.Popen[bytes]"
    stop_signal: int
    owner: "Owner" = field(repr=False)

    @property
    def pid(self) -> int:
        """The process id, which is also the id of the process group."""
        return self.popen.pid

    def running(self) -> bool:
        """Return whether the process is running."""
        return self.popen.poll() is None

    def stop(self, grace: float = reaper.GRACE_SECONDS, number: int | None = None) -> int:
        """Stop the whole group: send its signal, and SIGKILL after `grace` seconds. Returns the exit code."""
        reaper.signal_group(self.pid, self.stop_signal if number is None else number)
        try:
            self.popen.wait(timeout=grace)
        except subprocess.TimeoutExpired:
            reaper.signal_group(self.pid, signal.SIGKILL)
            self.popen.wait()
        reaper.signal_group(self.pid, signal.SIGKILL)
        self.owner.forget(self)
        return self.popen.returncode

    def kill(self) -> int:
        """Kill the whole group, as a crash would."""
        return self.stop(grace=5.0, number=signal.SIGKILL)


class Owner:
    """Starts children and makes sure that they end. Use it as a context manager, or call close()."""

    def __init__(self, owner_id: str | None = None) -> None:
        self.id = owner_id or uuid.uuid4().hex
        self._children: dict[int, Child] = {}
        self._lock = threading.Lock()
        self._reaper = subprocess.Popen(
            [sys.executable, "-m", "devstack.reaper", self.id],
            stdin=subprocess.PIPE,
            start_new_session=True,
            env={k: v for k, v in os.environ.items() if k != OWNER_VARIABLE},
        )

    def __enter__(self) -> "Owner":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def spawn(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        output: IO[Any] | int = subprocess.DEVNULL,
        user: str | None = None,
        stop_signal: int = signal.SIGTERM,
    ) -> Child:
        """Start a process in its own session. `user` is the account that runs it (root only)."""
        account: dict[str, Any] = {} if user is None else {"user": user, "group": user, "extra_groups": []}
        popen = subprocess.Popen(
            [str(part) for part in argv],
            env={**(os.environ if env is None else env), OWNER_VARIABLE: self.id},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **account,
        )
        child = Child(name, popen, stop_signal, self)
        with self._lock:
            self._children[child.pid] = child
            self._send(f"+{child.pid} {int(stop_signal)}")
        return child

    def forget(self, child: Child) -> None:
        """Unregister a child that has ended: the system may soon give its pid to another process."""
        with self._lock:
            if self._children.pop(child.pid, None) is not None:
                self._send(f"-{child.pid}")

    def close(self) -> None:
        """Stop every running child, the youngest first, then the reaper."""
        with self._lock:
            remaining = list(reversed(self._children.values()))
        for child in remaining:
            child.stop()
        if self._reaper.stdin is not None:
            self._reaper.stdin.close()
        self._reaper.wait()

    def _send(self, line: str) -> None:
        assert self._reaper.stdin is not None
        self._reaper.stdin.write(f"{line}\n".encode())
        self._reaper.stdin.flush()


def alive(pid: int) -> bool:
    """Return whether a process with this id exists and is not a zombie."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
