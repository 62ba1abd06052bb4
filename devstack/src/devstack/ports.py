"""TCP ports on loopback."""

import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import IO

import psutil

LOOPBACK = "127.0.0.1"
_RANDOM = random.SystemRandom()


def is_free(port: int) -> bool:
    """Return whether a server could listen on `port` of the loopback address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def pick(usual: int | None = None, taken: Collection[int] = ()) -> int:
    """Return the usual port if it is free and not in `taken`, otherwise a random free one.

    Random ports are below the system's ephemeral range: outgoing connections use that range, and one could
    take the port in the seconds before a server listens on it.
    """
    if usual is not None and usual not in taken and is_free(usual):
        return usual
    while True:
        port = _RANDOM.randrange(10_000, 32_000)
        if port not in taken and is_free(port):
            return port


class Reservations:
    """The ports that this process has chosen for its stack. A second stack chooses other ones.

    Several seconds pass before a service listens on its port. Until then a lock file for each port reserves
    it. The locks end with the process.
    """

    def __init__(self) -> None:
        self._locks: dict[int, IO[bytes]] = {}
        self._folder = Path(tempfile.gettempdir()) / f"masterji-ports-{os.getuid()}"
        self._folder.mkdir(mode=0o700, exist_ok=True)

    def pick(self, usual: int | None = None) -> int:
        """Like `pick`, but also reserve the port for this process."""
        if usual is not None and is_free(usual) and self._lock(usual):
            return usual
        while True:
            port = pick(taken=tuple(self._locks))
            if self._lock(port):
                return port

    def _lock(self, port: int) -> bool:
        if port in self._locks:
            return False
        handle = (self._folder / str(port)).open("wb")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            return False
        self._locks[port] = handle
        return True


def listens(pid: int, port: int) -> bool:
    """Return whether this process, and not another one, listens on `port` of an IPv4 address."""
    try:
        connections = psutil.Process(pid).net_connections("tcp4")
    except psutil.Error:
        return False
    return any(
        connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        for connection in connections
    )


def accepts(port: int, seconds: float = 0.5) -> bool:
    """Return whether a server accepts TCP connections on `port`."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=seconds):
            return True
    except OSError:
        return False
