"""Children end when their owner ends, for whatever reason."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from devstack import reaper, waiting
from devstack.processes import Owner, alive

SLEEP = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
# A child with a grandchild: the whole group must end, not only its leader.
FAMILY = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]).wait()"


def _started(child_output: Path) -> None:
    waiting.until(lambda: "up" in child_output.read_text(), 15, lambda: "the child did not start")


def test_a_process_that_ignores_the_signal_is_killed_with_its_children(tmp_path: Path) -> None:
    output = tmp_path / "out"
    with Owner() as owner, output.open("wb") as stream:
        child = owner.spawn("family", [sys.executable, "-c", FAMILY], output=stream)
        _started(output)
        members = [
            child.pid,
            *(process.pid for process in psutil.Process(child.pid).children(recursive=True)),
        ]
        assert len(members) == 2
        child.stop(grace=0.3)
        waiting.until(lambda: not any(map(alive, members)), 5, lambda: f"still running: {members}")


def test_children_end_when_their_owner_is_killed(tmp_path: Path) -> None:
    output = tmp_path / "out"
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from devstack.processes import Owner\n"
        "owner = Owner('owner-of-this-test')\n"
        f"output = Path({str(output)!r}).open('wb')\n"
        f"child = owner.spawn('one', [sys.executable, '-c', {SLEEP!r}], output=output)\n"
        "time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program])
    waiting.until(
        lambda: output.exists() and "up" in output.read_text(), 15, lambda: "the child did not start"
    )
    left = [found.pid for found in reaper.owned("owner-of-this-test")]
    assert left
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    waiting.until(lambda: not any(map(alive, left)), 10, lambda: f"still running: {left}")


@pytest.mark.parametrize("code", [0, 3])
def test_the_exit_code_is_the_childs(code: int) -> None:
    with Owner() as owner:
        child = owner.spawn("one", [sys.executable, "-c", f"raise SystemExit({code})"])
        assert child.popen.wait(10) == code
        assert child.stop() == code
