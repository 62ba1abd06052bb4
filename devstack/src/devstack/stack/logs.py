"""The processes' output: each line goes to a file per process and, with a prefix, to the terminal."""

import os
import sys
import threading
from pathlib import Path
from typing import IO

_COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)
_WIDTH = 14
OWN_NAME = "masterji"


class Console:
    """Writes whole lines from several threads to one stream, each with a coloured prefix."""

    def __init__(self, stream: IO[str] | None = None, *, plain: bool = False) -> None:
        self._stream = stream or sys.stdout
        self._plain = plain  # no prefix for the supervisor's own lines
        self._lock = threading.Lock()
        self._colours: dict[str, int] = {}
        self._coloured = self._stream.isatty() and "NO_COLOR" not in os.environ

    def line(self, name: str, text: str) -> None:
        """Write one line of `name`. If the reader has closed the stream, the line is dropped."""
        with self._lock:
            try:
                self._stream.write(f"{self._prefix(name)}{text}\n")
                self._stream.flush()
            except (BrokenPipeError, ValueError):
                return

    def _prefix(self, name: str) -> str:
        if self._plain and name == OWN_NAME:
            return ""
        prefix = f"{name:<{_WIDTH}} │ "
        if not self._coloured:
            return prefix
        colour = self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
        return f"\x1b[{colour}m{prefix}\x1b[0m"

    def say(self, text: str) -> None:
        """Write a line of the supervisor."""
        self.line(OWN_NAME, text)

    def say_all(self, text: str) -> None:
        """Write several lines of the supervisor."""
        for line in text.splitlines():
            self.say(line)


def follow(name: str, stream: IO[bytes], log: Path, console: Console, quiet: bool) -> threading.Thread:
    """Copy a process's output line by line until it closes it. `quiet`: to the log file only."""

    def copy() -> None:
        with stream, log.open("ab") as file:
            for line in stream:
                file.write(line)
                file.flush()
                if not quiet:
                    console.line(name, line.decode(errors="replace").rstrip())

    thread = threading.Thread(target=copy, name=f"log-{name}", daemon=True)
    thread.start()
    return thread
