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
def test_a_signal_stops_server_and_workers_with_exit_code_0(start, role, number):
    port = free_port()
    process = start(role, port=port)
    wait_live(port)
    process.send_signal(number)
    out, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "worker stopped" in out


def test_a_request_in_flight_is_answered_before_the_end(start):
    port = free_port()
    process = start("api", port=port)
    wait_live(port)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.3)  # it must be in flight before the signal
        process.terminate()
        connection.settimeout(8)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    assert process.wait(10) == 0


def test_a_crashed_worker_ends_the_process_with_1_and_a_reason(start):
    process = start("crash")
    out, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "boom" in err
    assert '"worker": "crashing"' in err
    assert "worker stopped" in out


def test_a_worker_that_returns_early_ends_the_process_with_1(start):
    process = start("return")
    _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "ended unexpectedly" in err


def test_a_worker_that_does_not_stop_is_abandoned_after_ten_seconds(start):
    port = free_port()
    process = start("deaf", port=port)
    wait_live(port)
    started = time.monotonic()
    process.terminate()
    _, err = process.communicate(timeout=15)
    assert process.returncode == 1
    assert time.monotonic() - started < 12
    assert "deaf" in err


def test_a_taken_port_ends_the_process_with_1(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start("api", port=taken.getsockname()[1])
        _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "in use" in err


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["api", "more"]])
def test_a_wrong_command_prints_the_valid_ones(start, arguments):
    process = start(*arguments)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "python -m t api|crash" in err


def test_a_wrong_setting_exits_with_2(start):
    process = start("api", LOG_LEVEL="loud")
    _, err = process.communicate(timeout=20)
    assert process.returncode == 2
    assert err.startswith("LOG_LEVEL is wrong")


def test_a_command_prints_its_sentence_and_exits_with_0(start):
    process = start("count", port=4321)
    out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "port 4321\n")


def test_the_role_all_serves_and_runs_the_workers_of_every_role(start):
    process = start("all")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert '"worker": "crashing"' in err
    assert "worker stopped" in out


def test_a_service_without_a_database_has_no_role_migrate(start):
    process = start("--help")
    out, _ = process.communicate(timeout=20)
    assert out == "Usage: python -m t api|crash|return|deaf|consumer|count|all\n"
