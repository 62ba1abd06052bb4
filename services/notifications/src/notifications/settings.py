"""The settings of the service, from environment variables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address, HeaderRegistry
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AwareDatetime, Field, SecretStr, field_validator, model_validator

from notifications.domain.policy import Policy
from servicekit.pages.settings import NameAndColour
from servicekit.settings import DatabaseSettings, ServiceSettings

_TLS: dict[str, Literal["none", "starttls", "implicit"]] = {
    "smtp": "none",
    "smtp+starttls": "starttls",
    "smtps": "implicit",
}
_PORTS = {"none": 25, "starttls": 587, "implicit": 465}
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class SmtpAddress:
    """The mail server, and how the connection to it is protected."""

    host: str
    port: int
    tls: Literal["none", "starttls", "implicit"]
    username: str | None = None
    password: SecretStr | None = None


class Settings(ServiceSettings, DatabaseSettings, NameAndColour):
    """HOST, PORT (8004), LOG_*, CORS_ORIGINS, DATABASE_URL, APP_URL, SMTP_URL, MAIL_*, BRAND_*."""

    port: int = Field(default=8004, ge=0, le=65535)
    app_url: str = Field(
        description="the public address of the storefront, https://learn.example.com; mails link to it"
    )
    smtp_url: SecretStr = Field(
        description="the mail server: smtps://user:password@mail.example.com (TLS from the start), "
        "smtp+starttls://user:password@host, or smtp://host (plain text)"
    )
    mail_from: str = Field(description='the sender, "Masterji <hello@example.com>"')
    mail_max_age_hours: int = Field(default=72, ge=1, le=24 * 365)
    """A mail whose event is older, in hours, is skipped."""
    mail_not_before: AwareDatetime | None = None
    """Mails of events before this time (ISO 8601 with offset) are skipped."""
    mail_max_attempts: int = Field(default=15, ge=1, le=100)
    """Attempts to send a mail before it is given up; 15 take about 5 hours."""
    mail_senders: int = Field(default=2, ge=1, le=32)
    """Threads that send mails, each with its own connection."""

    @field_validator("app_url")
    @classmethod
    def _http(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("it must be an http(s) address, as in https://learn.example.com")
        return value.rstrip("/")

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, value: SecretStr) -> SecretStr:
        smtp_address(value)
        return value

    @field_validator("mail_from")
    @classmethod
    def _from(cls, value: str) -> str:
        sender_address(value)
        return value

    @model_validator(mode="after")
    def _links_over_tls(self) -> Settings:
        self.refuse_plain_http(app_url=self.app_url)
        return self

    def policy(self) -> Policy:
        """Return the policy that decides which mails are skipped."""
        not_before: datetime | None = self.mail_not_before
        return Policy(timedelta(hours=self.mail_max_age_hours), not_before)


def smtp_address(url: SecretStr) -> SmtpAddress:
    """Parse SMTP_URL. Raises ValueError with a sentence that does not contain the password.

    smtp:// is plain text, smtp+starttls:// requires STARTTLS, smtps:// uses TLS from the start.
    """
    try:
        parts = urlsplit(url.get_secret_value())
        port = parts.port
    except ValueError as error:
        raise ValueError("it is not a valid URL: use smtps://user:password@host:port") from error
    if parts.scheme not in _TLS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("it must be smtp://, smtp+starttls:// or smtps://, with host and port only")
    if (parts.username is None) != (parts.password is None):
        raise ValueError("it has a user without a password, or a password without a user")
    tls = _TLS[parts.scheme]
    if tls == "none" and parts.username is not None and parts.hostname not in _LOOPBACK:
        raise ValueError("it would send the password in plain text: use smtps:// or smtp+starttls://")
    return SmtpAddress(
        host=parts.hostname,
        port=port or _PORTS[tls],
        tls=tls,
        username=unquote(parts.username) if parts.username is not None else None,
        password=SecretStr(unquote(parts.password)) if parts.password is not None else None,
    )


def sender_address(text: str) -> Address:
    """Parse MAIL_FROM. Raises ValueError unless it is exactly one mailbox."""
    if "\n" in text or "\r" in text:
        raise ValueError("it must be one line")
    header: Any = HeaderRegistry()("From", text)
    if header.defects or len(header.addresses) != 1 or "." not in header.addresses[0].domain:
        raise ValueError('it must be one mailbox, as in "Masterji <hello@example.com>"')
    address: Address = header.addresses[0]
    return address
