"""Folders that the development stack writes to."""

import os
from pathlib import Path


def cache_dir() -> Path:
    """What can be downloaded again (Kafka's jars): $XDG_CACHE_HOME/masterji."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "masterji"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, for an error message."""
    if not log.exists():
        return "(no log was written)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
