"""The state folder: data of the servers, logs, the issuer's key, and who runs it all now."""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from devstack.errors import DevstackError

DEFAULT = ".masterji"


def resolve(given: Path | None) -> Path:
    """The folder of --state, else of MASTERJI_STATE, else `.masterji` in the current folder."""
    return (given or Path(os.environ.get("MASTERJI_STATE") or DEFAULT)).absolute()


@dataclass(frozen=True)
class Running:
    """What a command needs to find the supervisor, as kept in state.json."""

    pid: int
    started: float
    owner: str
    control_port: int
    control_key: str
    issuer: str
    phase: str  # starting | ready | failed: REASON | stopping
    status: dict[str, Any]

    def alive(self) -> bool:
        """Whether that very supervisor still runs, and not another process with its number."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < 2
            return bool(same and process.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False


class State:
    """One state folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "state.json"

    def prepare(self, fresh: bool) -> None:
        """Make the folder; `fresh` forgets everything in it first. Only while holding `exclusively()`."""
        if fresh:
            for entry in self.folder.iterdir():
                if entry.name == "lock":
                    continue
                if entry.is_dir():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()
        (self.folder / "logs").mkdir(parents=True, exist_ok=True)

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Hold the folder for one supervisor; DevstackError if another has it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DevstackError(
                    f"A stack already runs from {self.folder}. `masterji status` shows it, `masterji down` "
                    "ends it; another needs --state DIR."
                ) from None
            yield

    def write(self, running: Running) -> None:
        """Publish who runs; readable by the owner only, since it holds the control key."""
        temporary = self._file.with_suffix(".new")
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps(asdict(running)))
        temporary.replace(self._file)

    def read(self) -> Running | None:
        """Who runs, or who ran last; None if nobody did or it ended in order."""
        try:
            return Running(**json.loads(self._file.read_text()))
        except FileNotFoundError:
            return None

    def forget(self) -> None:
        """Nobody runs any more."""
        self._file.unlink(missing_ok=True)

    def require(self) -> Running:
        """Who runs; DevstackError if nobody does."""
        running = self.read()
        if running is None or not running.alive():
            raise DevstackError(f"No stack runs from {self.folder}. `masterji up` starts one.")
        return running

    def secret(self, name: str, prefix: str) -> str:
        """A random secret that stays the same as long as this folder's data does."""
        path = self.folder / f"{name}.secret"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(prefix + secrets.token_hex(16))
        return path.read_text()
