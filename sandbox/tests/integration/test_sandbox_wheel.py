"""The sandbox runs from its wheel, in an empty folder, without the rest of the repository."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
from local_server import answers

from devstack import loopback

ROOT = Path(__file__).resolve().parents[3]


def uv() -> str:
    """The uv command that installs the workspace."""
    found = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
    if not Path(found).exists():
        pytest.skip("uv is not installed here")
    return found


def test_wheel_serves_without_the_repository(tmp_path: Path) -> None:
    built = subprocess.run(
        [uv(), "build", "--wheel", "--package", "stripe-sandbox", "--out-dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    [wheel] = tmp_path.glob("stripe_sandbox-*.whl")
    empty = tmp_path / "empty"
    empty.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [uv(), "tool", "run", "--from", str(wheel), "stripe-sandbox", "serve", "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=empty, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 120
        while not answers(url):
            assert process.poll() is None, process.stdout.read() if process.stdout else ""
            assert time.monotonic() < deadline, "it does not answer"
            time.sleep(0.2)
        made = loopback.post(f"{url}/v1/customers", data={"name": "A"}, auth=("sk_test_x", ""))
        assert made.json()["name"] == "A"
        assert loopback.get(url).status_code == 200, "its templates are in the wheel"
        assert list(empty.iterdir()) == [], "it writes no files unless a state file is requested"
    finally:
        process.terminate()
        process.wait(20)
