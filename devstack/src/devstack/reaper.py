"""Ends a stack's processes when the process that owns them is gone, however it went.

    python -m devstack.reaper OWNER_ID

It reads `+PID SIGNAL` and `-PID` lines from its standard input and does nothing until that pipe closes: the
kernel closes it also when the owner was killed with SIGKILL, so no promise of the owner is needed. Then every
registered process group gets its signal and, after a grace period, SIGKILL. A process started but not yet
registered is found by the owner's id in its environment.
"""

import os
import signal
import sys
import time

import psutil

OWNER_VARIABLE = "MASTERJI_OWNER"
GRACE_SECONDS = 12.0


def owned(owner: str) -> list[psutil.Process]:
    """The running processes that carry the owner's id in their environment, this one excepted."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(OWNER_VARIABLE) == owner:
                found.append(process)
        except (psutil.Error, OSError):
            continue  # gone meanwhile, or another user's
    return found


def signal_group(pid: int, number: int) -> None:
    """Signal the process group that `pid` leads; a group that is gone is no error."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def end(processes: dict[psutil.Process, int], grace: float = GRACE_SECONDS) -> None:
    """Signal each process group, wait up to `grace` seconds, then kill what is left."""
    for process, number in processes.items():
        signal_group(process.pid, number)
    _, alive = psutil.wait_procs(list(processes), timeout=grace)
    for process in alive:
        signal_group(process.pid, signal.SIGKILL)
    # A group outlives its leader where a grandchild hangs; the leader's pid is still the group's id.
    for process in processes:
        signal_group(process.pid, signal.SIGKILL)


def end_unregistered(owner: str, grace: float = 2.0) -> None:
    """End whatever still carries the owner's id, one process at a time."""
    left = owned(owner)
    for process in left:
        _quietly(process.terminate)
    _, alive = psutil.wait_procs(left, timeout=grace)
    for process in alive:
        _quietly(process.kill)


def _quietly(action: object) -> None:
    try:
        action()  # type: ignore[operator]
    except psutil.Error:
        return


def main(owner: str) -> None:
    """Wait for the owner's end, then end what it left."""
    # The terminal's Ctrl-C goes to the owner, which may still be stopping things in order.
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
