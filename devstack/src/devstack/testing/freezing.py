"""Makes a server hang: it keeps its connections open and does not respond."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Stop the process and its descendants (SIGSTOP), and continue them (SIGCONT) at the end of the block."""
    stopped: list[int] = []
    try:
        # The parent first, so that it starts no more children. A signal to the group is not enough, because
        # PostgreSQL's children run in their own sessions.
        _signal(pid, signal.SIGSTOP)
        stopped.append(pid)
        for child in psutil.Process(pid).children(recursive=True):
            _signal(child.pid, signal.SIGSTOP)
            stopped.append(child.pid)
        yield
    finally:
        for each in reversed(stopped):
            _signal(each, signal.SIGCONT)


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # a child that has ended
        os.kill(pid, number)
