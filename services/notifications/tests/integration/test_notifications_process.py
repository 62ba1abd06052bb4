"""The process: it starts from its command line, serves, and ends on SIGTERM."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from devstack.testing import roles
from devstack.tokens import TokenIssuer

FOLDER = Path(__file__).resolve().parents[2]


MAIL = {
    "APP_URL": "https://learn.example.com",
    "SMTP_URL": "smtp://127.0.0.1:1",
    "MAIL_FROM": "Masterji <hello@example.com>",
}


@pytest.mark.parametrize("role", ["api", "sender"])
def test_a_role_becomes_ready_and_ends_on_sigterm(
    make_database: Callable[..., str], jwt_issuer: TokenIssuer, role: str
) -> None:
    settings = {**MAIL, **jwt_issuer.settings_env, "DATABASE_URL": make_database(FOLDER)}
    with roles.running("notifications", role, os.environ | settings) as process:
        component = {"sender": "sender-2"}.get(role, role)
        assert component in process.until()


def test_a_missing_variable_stops_the_start_with_a_sentence() -> None:
    environment = {name: value for name, value in {**os.environ, **MAIL}.items() if name != "DATABASE_URL"}
    assert "DATABASE_URL is not set" in roles.refused("notifications", "api", environment)
