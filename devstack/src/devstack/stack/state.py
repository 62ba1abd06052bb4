"""The state folder: the servers' data, logs, the issuer's key, and which supervisor runs now."""

import fcntl
import json
import os
import secrets
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from devstack import places
from devstack.errors import DevstackError

DEFAULT = ".masterji"


def resolve(given: Path | None) -> Path:
    """Return the folder of --state, or of MASTERJI_STATE, or `.masterji` in the current folder."""
    return (given or Path(os.environ.get("MASTERJI_STATE") or DEFAULT)).absolute()


@dataclass(frozen=True)
class Running:
    """What a command needs to reach the supervisor. It is stored in state.json."""

    pid: int
    started: float
    owner: str
    control_port: int
    control_key: str
    issuer: str
    phase: str  # starting | ready | failed: REASON | stopping
    status: dict[str, Any]
    waiting: list[str] = field(default_factory=list)
    """What the start waits for."""

    def alive(self) -> bool:
        """Return whether this supervisor still runs. Another process may have its pid by now."""
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

    def command(self, name: str) -> str:
        """Return the command line that runs `masterji NAME` for this folder, to be shown to the user."""
        option = "" if resolve(None) == self.folder else f" --state {shlex.quote(str(self.folder))}"
        return f"{places.program()}{option} {name}"

    def prepare(self, fresh: bool) -> None:
        """Create the folder. `fresh` deletes its content first. Callers hold `exclusively()`."""
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
        """Lock the folder for one supervisor. Raises DevstackError if another one holds it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DevstackError(
                    f"A stack already runs from {self.folder}. `{self.command('status')}` shows it, "
                    f"`{self.command('down')}` stops it. To run a second one, choose another folder with "
                    "--state DIR."
                ) from None
            yield

    def write(self, running: Running) -> None:
        """Store the running supervisor. Only the user can read the file, because it holds the control key."""
        temporary = self._file.with_suffix(".new")
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps(asdict(running)))
        temporary.replace(self._file)

    def read(self) -> Running | None:
        """Return the supervisor that runs, or one that crashed; None after a clean stop."""
        try:
            return Running(**json.loads(self._file.read_text()))
        except FileNotFoundError:
            return None

    def forget(self) -> None:
        """Delete the record of the supervisor."""
        self._file.unlink(missing_ok=True)

    def require(self) -> Running:
        """Return the running supervisor. Raises DevstackError if none runs."""
        running = self.read()
        if running is None or not running.alive():
            raise DevstackError(
                f"No stack runs from {self.folder}. `{self.command('up --detach')}` starts one."
            )
        return running

    def secret(self, name: str, prefix: str) -> str:
        """Return a random secret. It is created once and stays until the folder's data is deleted."""
        path = self.folder / f"{name}.secret"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(prefix + secrets.token_hex(16))
        return path.read_text()
