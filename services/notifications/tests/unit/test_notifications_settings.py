"""Wrong settings stop the start with a sentence that contains no secrets."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from notifications.settings import Settings, sender_address, smtp_address
from servicekit.pages.brand import Brand
from servicekit.settings import load


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "user"),
    [
        ("smtp://127.0.0.1:1025", "127.0.0.1", 1025, "none", None),
        ("smtp://relay.internal", "relay.internal", 25, "none", None),
        ("smtp+starttls://u:p@mail.example.com", "mail.example.com", 587, "starttls", "u"),
        (
            "smtps://u%40example.com:p%2F@mail.example.com",
            "mail.example.com",
            465,
            "implicit",
            "u@example.com",
        ),
        ("smtp://u:p@127.0.0.1:1025", "127.0.0.1", 1025, "none", "u"),
    ],
)
def test_smtp_url_names_the_server_and_the_protection(
    url: str, host: str, port: int, tls: str, user: str | None
) -> None:
    found = smtp_address(SecretStr(url))

    assert (found.host, found.port, found.tls, found.username) == (host, port, tls, user)


def test_a_password_is_decoded() -> None:
    found = smtp_address(SecretStr("smtps://u:p%2F%3A@mail.example.com"))

    assert found.password is not None
    assert found.password.get_secret_value() == "p/:"


@pytest.mark.parametrize(
    "url",
    [
        "http://x",
        "smtp://",
        "mail.example.com:25",
        "smtp://h:99999",
        "smtp://h:x",
        "smtp://u@h",
        "smtps://h/inbox",
        "",
    ],
)
def test_an_invalid_smtp_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="it "):
        smtp_address(SecretStr(url))


def test_a_password_is_never_sent_in_plain_text_over_a_network() -> None:
    with pytest.raises(ValueError, match="smtps://"):
        smtp_address(SecretStr("smtp://u:p@mail.example.com"))


@pytest.mark.parametrize(
    "text", ["", "hello", "a@b", "a@example.com, b@example.com", "a@example.com\nBcc: x@example.com"]
)
def test_mail_from_must_be_one_mailbox(text: str) -> None:
    with pytest.raises(ValueError, match="it must be one"):
        sender_address(text)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db")
    monkeypatch.setenv("APP_URL", "https://learn.example.com")
    monkeypatch.setenv("MAIL_FROM", "hello@example.com")
    monkeypatch.setenv("SMTP_URL", "smtp://mail.example.com")
    return monkeypatch


def test_mails_have_the_brand_of_the_pages(environment: pytest.MonkeyPatch) -> None:
    assert load(Settings).brand == Brand()

    environment.setenv("BRAND_NAME", "Raga & Co")
    environment.setenv("BRAND_COLOR", "#ffd000")
    assert load(Settings).brand == Brand("Raga & Co", "#ffd000")


def test_a_wrong_setting_stops_the_start_and_is_named_without_its_secret(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("SMTP_URL", "smtp://robot:hunter2@mail.example.com")

    with pytest.raises(SystemExit) as stopped:
        load(Settings)

    printed = capsys.readouterr().err
    assert stopped.value.code == 2
    assert printed.startswith("SMTP_URL is wrong: ")
    assert "hunter2" not in printed
