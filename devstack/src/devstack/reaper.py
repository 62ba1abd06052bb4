"""Ends a stack's processes when the process that owns them has ended, for whatever reason.

    python -m devstack.reaper OWNER_ID

The reaper reads `+PID SIGNAL` and `-PID` lines from its standard input and waits until that pipe closes. The
kernel closes the pipe even if the owner was killed with SIGKILL. Then each registered process group gets its
signal and, after a grace period, SIGKILL. A process that was started but not yet registered is found by the
owner's id in its environment.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

OWNER_VARIABLE = "MASTERJI_OWNER"
GRACE_SECONDS = 12.0


def owned(owner: str) -> list[psutil.Process]:
    """Return the running processes with the owner's id in their environment, except this one."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(OWNER_VARIABLE) == owner:
                found.append(process)
        except (psutil.Error, OSError):
            continue  # it has ended, or belongs to another user
    return found


def signal_group(pid: int, number: int) -> None:
    """Send a signal to the process group that `pid` leads, if it still exists."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def end(processes: dict[psutil.Process, int], grace: float = GRACE_SECONDS) -> None:
    """Signal each process group, wait up to `grace` seconds, then kill the remaining processes."""
    for process, number in processes.items():
        signal_group(process.pid, number)
    _, alive = psutil.wait_procs(list(processes), timeout=grace)
    for process in alive:
        signal_group(process.pid, signal.SIGKILL)
    # A hanging grandchild keeps the group alive after its leader; the group's id is still the leader's pid.
    for process in processes:
        signal_group(process.pid, signal.SIGKILL)


def end_unregistered(owner: str, grace: float = 2.0) -> None:
    """End every process that still has the owner's id in its environment."""
    left = owned(owner)
    for process in left:
        _quietly(process.terminate)
    _, alive = psutil.wait_procs(left, timeout=grace)
    for process in alive:
        _quietly(process.kill)


def _quietly(action: Callable[[], object]) -> None:
    with suppress(psutil.Error):  # the process has ended
        action()


def main(owner: str) -> None:
    """Wait until the owner has ended, then end its remaining processes."""
    # Ctrl-C is for the owner, which stops its children in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    registered: dict[int, tuple[psutil.Process, int]] = {}
    for line in sys.stdin:
        sign, rest = line[0], line[1:].split()
        if sign == "-":
            registered.pop(int(rest[0]), None)
            continue
        try:
            registered[int(rest[0])] = (psutil.Process(int(rest[0])), int(rest[1]))
        except psutil.NoSuchProcess:
            continue
    alive = {process: number for process, number in registered.values() if process.is_running()}
    if alive:
        end(alive)
    time.sleep(0.05)
    end_unregistered(owner)


if __name__ == "__main__":
    main(sys.argv[1])
