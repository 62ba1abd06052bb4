"""Folders and files of the development stack, and the command that the user typed."""

import os
import shlex
import shutil
import sys
from pathlib import Path


def cache_dir() -> Path:
    """Return the folder for files that can be downloaded again (Kafka's jars): $XDG_CACHE_HOME/masterji."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "masterji"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def program() -> str:
    """Return how `masterji` is called from the current folder, such as `.venv/bin/masterji`."""
    typed = Path(sys.argv[0])
    if typed.name == "__main__.py":  # python -m devstack
        return f"{shlex.quote(_shortest(Path(sys.executable)))} -m devstack"
    if typed.name != "masterji":  # a test or another program that uses this package
        typed = Path(sys.executable).with_name("masterji")
    found = shutil.which("masterji")
    if found is not None and Path(found).resolve() == typed.resolve():
        return "masterji"
    return shlex.quote(_shortest(typed))


def _shortest(path: Path) -> str:
    """The path relative to the current folder if it is below it. Links are kept: .venv/bin/python is one."""
    absolute = path.absolute()
    here = Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log, for an error message."""
    if not log.exists():
        return "(no log was written)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
