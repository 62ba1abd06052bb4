"""Servers that hang: they hold their connections and say nothing."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """For the block, the process and all that it started stand still (SIGSTOP), and then go on (SIGCONT)."""
    stopped: list[int] = []
    try:
        # The parent first: it starts no more children then. Postgres' have sessions of their own, so that
        # no signal to a group would reach them.
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
    with suppress(ProcessLookupError):  # a child that has ended meanwhile
        os.kill(pid, number)
