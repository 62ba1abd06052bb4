"""The account under which PostgreSQL runs when the stack is started by root."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from devstack import postgres
from devstack.errors import Unavailable

UseraddEnds = Callable[[str], None]


@pytest.fixture
def useradd_ends(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> UseraddEnds:
    """Be root on a machine without the account, and replace `useradd` by the given shell commands."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(postgres, "ACCOUNT", "masterji_account_of_no_machine")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    def prepare(commands: str) -> None:
        program = tmp_path / "useradd"
        program.write_text(f"#!/bin/sh\n{commands}\n")
        program.chmod(0o755)

    return prepare


def test_an_account_that_another_process_creates_at_the_same_time_is_used(useradd_ends: UseraddEnds) -> None:
    useradd_ends("exit 9")
    assert postgres.server_account() == postgres.ACCOUNT


def test_an_account_that_cannot_be_created_makes_the_server_unavailable(useradd_ends: UseraddEnds) -> None:
    useradd_ends("echo 'cannot lock /etc/passwd' >&2; exit 1")
    with pytest.raises(Unavailable, match=r"cannot be created \(cannot lock /etc/passwd\)"):
        postgres.server_account()
