"""Child processes of a benchmark: started with the same interpreter, and always ended."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextlib.contextmanager
def running(
    log: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python ARGUMENTS` in the repository's root; its output goes to `log`."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=os.environ | dict(environment or {}),
            stdout=output,
            stderr=output,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(12)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def memory(pid: int, line: str) -> float:
    """Return the memory of a process in MB, by a line of /proc/PID/status: VmRSS (current) or VmHWM (peak).

    The value of `wait4` is unsuitable: it starts with the memory of the parent at the time of the fork.
    """
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    found = re.search(rf"^{line}:\s+(\d+) kB", text, re.MULTILINE)
    if found is None:
        raise ProcessLookupError(f"process {pid} has ended")
    return int(found.group(1)) / 1024


def wait_for(
    url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 30, ok: tuple[int, ...] = (200,)
) -> None:
    """Return once `url` answers with a status in `ok`; otherwise raise RuntimeError with the log."""
    deadline = time.monotonic() + seconds
    status: object = "no answer"
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
        except OSError as error:
            status = error
        if status in ok:
            return
        time.sleep(0.1)
    raise RuntimeError(f"{url}: {status}\n{log.read_text()[-4000:]}")
