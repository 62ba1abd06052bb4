"""A consumer that stops in the middle of a rebalance never freezes its process."""

import subprocess
import sys
from pathlib import Path

import messaging_closing
import pytest


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_members_that_leave_during_a_rebalance_close_in_bounded_time(protocol: str) -> None:
    script = Path(messaging_closing.__file__)
    done = subprocess.run(
        [sys.executable, str(script), protocol, "15"],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        env={"PYTHONPATH": str(script.parent)},
    )
    assert done.returncode == 0, done.stderr[-5000:]
    assert int(done.stdout.splitlines()[-1]) >= messaging_closing.GROUPS * messaging_closing.MEMBERS
