"""A wrong setting stops the start with a sentence that names the variable."""

from __future__ import annotations

import pytest

from messaging.settings import KafkaSettings
from servicekit.settings import DatabaseSettings, JwtSettings, ServiceSettings, load

JWT = {"JWT_ISSUER": "i", "JWT_AUDIENCE": "a", "JWT_JWKS_URL": "https://i/jwks"}


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    for name in ("DATABASE_URL", "DATABASE_DIRECT_URL", "KAFKA_BOOTSTRAP_SERVERS", "PORT", "HOST", *JWT):
        monkeypatch.delenv(name, raising=False)


def said(capsys, settings) -> str:
    with pytest.raises(SystemExit) as stopped:
        load(settings)
    assert stopped.value.code == 2
    return capsys.readouterr().err


def test_every_missing_variable_has_its_own_sentence(capsys):
    lines = said(capsys, JwtSettings).splitlines()
    assert [line.split()[0] for line in lines] == ["JWT_ISSUER", "JWT_AUDIENCE", "JWT_JWKS_URL"]
    assert all(line.endswith(".") for line in lines)


def test_a_prefix_is_part_of_the_name(capsys):
    assert said(capsys, KafkaSettings).startswith("KAFKA_BOOTSTRAP_SERVERS is not set")


@pytest.mark.parametrize("algorithms", ["HS256", "none", "RS256,HS512", "rs256", ","])
def test_unsafe_algorithms_are_refused(monkeypatch, capsys, algorithms):
    for name, value in (JWT | {"JWT_ALGORITHMS": algorithms}).items():
        monkeypatch.setenv(name, value)
    assert said(capsys, JwtSettings).startswith("JWT_ALGORITHMS is wrong")


@pytest.mark.parametrize("origin", ["*", "shop.example", "https://a.example/path", "https://*.example"])
def test_an_invalid_origin_is_refused(monkeypatch, capsys, origin):
    monkeypatch.setenv("CORS_ORIGINS", origin)
    assert said(capsys, ServiceSettings).startswith("CORS_ORIGINS is wrong")


def test_a_rejected_value_is_never_printed(monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", "mysql://user:hunter2@host/db")
    assert "hunter2" not in said(capsys, DatabaseSettings)


def test_the_direct_database_defaults_to_the_database(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://pooler/db")
    assert load(DatabaseSettings).database_direct_url == "postgresql://pooler/db"
    monkeypatch.setenv("DATABASE_DIRECT_URL", "postgresql://server/db")
    assert load(DatabaseSettings).database_direct_url == "postgresql://server/db"


def test_lists_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("CORS_ORIGINS", "https://a.example, http://localhost:3000 ,")
    assert load(ServiceSettings).cors_origins == ("https://a.example", "http://localhost:3000")
