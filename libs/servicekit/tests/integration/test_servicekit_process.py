"""A service's process: it serves, stops on a signal and reports a crashed worker."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from devstack import loopback

PROGRAM = """
import asyncio, sys, threading
from servicekit.app import create_app
from servicekit.roles import Api, Role, Service, main
from servicekit.settings import ServiceSettings

stopped = []

def obedient(stop):
    stop.wait()
    print("worker stopped", flush=True)

def crashing(stop):
    stop.wait(0.5)
    raise RuntimeError("boom")

def returning(stop):
    pass

def deaf(stop):
    threading.Event().wait()

def api(context):
    app = create_app("t", context.settings, context.health, version="1")

    @app.get("/slow")
    async def slow() -> str:
        await asyncio.sleep(1.5)
        return "done"

    return Api(app, {"obedient": obedient})

def role(*workers):
    return Role(ServiceSettings, lambda context: {worker.__name__: worker for worker in workers})

sys.exit(main(Service(name="t", schema=None, settings=ServiceSettings, api=api, workers={
    "crash": role(obedient, crashing), "return": role(returning), "deaf": role(deaf),
    "consumer": role(obedient),
}, commands={"count": lambda context: f"port {context.settings.port}"})))
"""


@pytest.fixture
def start(tmp_path: Path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    processes: list[subprocess.Popen[str]] = []

    def run(*arguments: str, port: int = 0, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(program), *arguments],
            env=os.environ | {"PORT": str(port or free_port()), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def run(start):
    def ended(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        process = start(*arguments, **options)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    return ended


@pytest.fixture
def start_live(start):
    def run(role: str) -> tuple[subprocess.Popen[str], int]:
        port = free_port()
        process = start(role, port=port)
        wait_live(port)
        return process, port

    return run


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_live(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if loopback.get(f"http://127.0.0.1:{port}/health/live").status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError("not live within 20 s")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("role", ["api", "consumer"])
def test_a_signal_stops_server_and_workers_with_exit_code_0(start_live, role, number):
    process, _ = start_live(role)
    process.send_signal(number)
    out, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "worker stopped" in out


def test_a_request_in_flight_is_answered_before_the_end(start_live):
    process, port = start_live("api")
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.3)  # it must be in flight before the signal
        process.terminate()
        connection.settimeout(8)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    assert process.wait(10) == 0


def test_a_crashed_worker_ends_the_process_with_1_and_a_reason(run):
    ended = run("crash")
    assert ended.returncode == 1
    assert "boom" in ended.stderr
    assert '"worker": "crashing"' in ended.stderr
    assert "worker stopped" in ended.stdout


def test_a_worker_that_returns_early_ends_the_process_with_1(run):
    ended = run("return")
    assert ended.returncode == 1
    assert "ended unexpectedly" in ended.stderr


def test_a_worker_that_does_not_stop_is_abandoned_after_ten_seconds(start_live):
    process, _ = start_live("deaf")
    started = time.monotonic()
    process.terminate()
    _, err = process.communicate(timeout=15)
    assert process.returncode == 1
    assert time.monotonic() - started < 12
    assert "deaf" in err


def test_a_taken_port_ends_the_process_with_1(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run("api", port=taken.getsockname()[1])
    assert ended.returncode == 1
    assert "in use" in ended.stderr


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["api", "more"]])
def test_a_wrong_command_prints_the_valid_ones(run, arguments):
    ended = run(*arguments)
    assert ended.returncode == 2
    assert "python -m t api|crash" in ended.stderr


def test_a_wrong_setting_exits_with_2(run):
    ended = run("api", LOG_LEVEL="loud")
    assert ended.returncode == 2
    assert ended.stderr.startswith("LOG_LEVEL is wrong")


def test_a_command_prints_its_sentence_and_exits_with_0(run):
    ended = run("count", port=4321)
    assert (ended.returncode, ended.stdout) == (0, "port 4321\n")


def test_the_role_all_serves_and_runs_the_workers_of_every_role(run):
    ended = run("all")
    assert ended.returncode == 1
    assert '"worker": "crashing"' in ended.stderr
    assert "worker stopped" in ended.stdout


def test_a_service_without_a_database_has_no_role_migrate(run):
    ended = run("--help")
    assert ended.stdout == "Usage: python -m t api|crash|return|deaf|consumer|count|all\n"
