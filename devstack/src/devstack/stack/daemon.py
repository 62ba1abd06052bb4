"""A stack in the background: started in its own session, found through its state folder, stopped reliably."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

from devstack import places, reaper
from devstack.errors import DevstackError
from devstack.stack import control
from devstack.stack.logs import OWN_NAME
from devstack.stack.state import Running, State

START_SECONDS = 600.0  # the first start may download Kafka
REMIND_SECONDS = 10.0  # how often a wait that does not progress is reported
STOP_SECONDS = 45.0


def start(state: State, arguments: Sequence[str], say: Callable[[str], None]) -> dict[str, Any]:
    """Run `masterji up ARGUMENTS` in its own session, wait until everything is ready, and return its status.

    `say` receives the progress. Raises DevstackError if the stack does not start.
    """
    running = state.read()
    if running is not None and running.alive():
        raise DevstackError(
            f"A stack already runs from {state.folder}. `{state.command('down')}` stops it. To run a second "
            "one, choose another folder with --state DIR."
        )
    state.forget()
    state.folder.mkdir(parents=True, exist_ok=True)
    log = state.folder / "masterji.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "devstack", "--state", str(state.folder), "up", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    say(f"Starting in the background. Log: {log}")
    return _await_ready(state, process, log, say)


def _await_ready(
    state: State, process: "subprocess.Popen[bytes]", log: Path, say: Callable[[str], None]
) -> dict[str, Any]:
    started = said_at = time.monotonic()
    said: list[str] = ["the supervisor"]
    message = ""
    while time.monotonic() < started + START_SECONDS:
        running = state.read()
        if running is not None and running.pid == process.pid:
            if running.phase == "ready":
                return running.status
            if running.waiting and running.waiting != said:
                said, said_at, message = running.waiting, time.monotonic(), _last_message(log)
                say(f"Waiting for {', '.join(said)} …")
        if time.monotonic() > said_at + REMIND_SECONDS:
            said_at = time.monotonic()
            last = _last_message(log)
            news = "" if last == message else f" The log says: {last}"
            say(f"Still waiting for {', '.join(said)} after {said_at - started:.0f} s.{news}")
        if process.poll() is not None:
            raise DevstackError(f"The stack did not start. The end of {log}:\n{places.tail(log, 25)}")
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGTERM)
    raise DevstackError(f"The stack was not ready within {START_SECONDS:g} s. Its log: {log}")


def _last_message(log: Path) -> str:
    """The supervisor's last line in the log, such as the one about a download."""
    prefix = f"{OWN_NAME} "
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.startswith(prefix)]
    return lines[-1].partition("│ ")[2] if lines else ""


def stop(state: State) -> bool:
    """Stop the stack of this folder and every process that it started. Returns False if none ran."""
    running = state.read()
    if running is None:
        return False
    was_alive = running.alive()
    if was_alive:
        _ask(running)
        _await_end(running)
    # If the supervisor and its reaper have crashed, their processes may still run.
    reaper.end_unregistered(running.owner)
    state.forget()
    return was_alive


def _ask(running: Running) -> None:
    try:
        control.ask(running.control_port, running.control_key, {"command": "down"}, seconds=5.0)
    except DevstackError:
        os.kill(running.pid, signal.SIGTERM)


def _await_end(running: Running) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    while running.alive():
        if time.monotonic() > deadline:
            psutil.Process(running.pid).kill()
            return
        time.sleep(0.05)


def ask(state: State, request: dict[str, Any]) -> Any:
    """Return the supervisor's answer to a request. Raises DevstackError if no stack runs."""
    running = state.require()
    return control.ask(running.control_port, running.control_key, request)
