"""A stack in the background: started detached, found through its state folder, ended for certain."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from devstack import places, reaper
from devstack.errors import DevstackError
from devstack.stack import control
from devstack.stack.state import Running, State

START_SECONDS = 600.0  # the first start may download Kafka
STOP_SECONDS = 45.0


def start(state: State, arguments: Sequence[str]) -> dict[str, Any]:
    """Run `masterji up ARGUMENTS` in a session of its own; its status once everything is ready."""
    running = state.read()
    if running is not None and running.alive():
        raise DevstackError(
            f"A stack already runs from {state.folder}. `masterji down` ends it; another needs --state DIR."
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
    return _await_ready(state, process, log)


def _await_ready(state: State, process: "subprocess.Popen[bytes]", log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        running = state.read()
        if running is not None and running.pid == process.pid and running.phase == "ready":
            return running.status
        if process.poll() is not None:
            raise DevstackError(f"The stack did not start. The end of {log}:\n{places.tail(log, 25)}")
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGTERM)
    raise DevstackError(f"The stack was not ready within {START_SECONDS:g} s. Its log: {log}")


def stop(state: State) -> bool:
    """End the stack of this folder and everything it started; False if none ran."""
    running = state.read()
    if running is None:
        return False
    was_alive = running.alive()
    if was_alive:
        _ask(running)
        _await_end(running)
    # Whatever became of the supervisor and its reaper, nothing that it started stays.
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
    """The running supervisor's answer; DevstackError if there is none."""
    running = state.require()
    return control.ask(running.control_port, running.control_key, request)
