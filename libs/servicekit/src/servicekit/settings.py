"""Typed settings from the environment, validated at start with one sentence per wrong variable."""

from __future__ import annotations

import re
import sys
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Literal, NoReturn, Self, TypeVar

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

_ORIGIN = re.compile(r"https?://[^/\s,*]+\Z")
_ASYMMETRIC = frozenset(
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
)


def split_commas(value: Any) -> Any:
    """Split a comma-separated string and strip spaces; return any other value unchanged."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


# The splitting is part of the type, because a subclass's validator of the same name would replace ours.
CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split_commas)]
"""Several values in one variable, separated by commas; spaces around them are ignored."""


class LogSettings(BaseSettings):
    """LOG_LEVEL and LOG_FORMAT, for every process, including those without a server."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, use_attribute_docstrings=True)

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe log line that is written."""
    log_format: Literal["json", "console"] = "json"
    """`json` for machines, `console` for reading in a terminal."""

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value


class ModeSettings(BaseSettings):
    """STRIPE_LIVEMODE: in live mode, what is meant for development is refused."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, use_attribute_docstrings=True)

    stripe_livemode: bool = False
    """Whether real money moves: true for the live account. Then settings for development are refused."""

    def refuse_plain_http(self, **addresses: str) -> None:
        """Refuse addresses without TLS in live mode. Raises ValueError that names the variable."""
        for name, address in addresses.items():
            if self.stripe_livemode and address and not address.startswith("https://"):
                raise ValueError(
                    f"{name.upper()} has an address without TLS, but STRIPE_LIVEMODE is true: give an "
                    "address that begins with https://"
                )


class ServiceSettings(LogSettings, ModeSettings):
    """HOST, PORT, LOG_LEVEL, LOG_FORMAT, CORS_ORIGINS, limits of connections. A service sets its own default
    for `port`."""

    host: str = "127.0.0.1"
    """The address that the server binds to."""
    port: int = Field(default=8000, ge=0, le=65535)
    """The port that the server binds to; 0: any free one."""
    cors_origins: CommaSeparated = ()
    """Origins of frontends that may call the API from a browser, separated by commas."""
    max_connections: int = Field(default=800, ge=10, le=100_000)
    """Open connections of one process. With more, the one that has waited longest for a request is closed.
    Keep it below the limit of open files."""
    max_connections_per_peer: int = Field(default=200, ge=1, le=100_000)
    """Open connections from one address (IPv6: one /64), except from `TRUSTED_PROXIES`."""
    body_seconds: float = Field(default=15.0, ge=1, le=600)
    """Seconds in which the body of a request must be complete after its headers."""
    write_seconds: float = Field(default=30.0, ge=1, le=600)
    """Seconds for which a peer may leave an answer unread."""
    trusted_proxies: CommaSeparated = ()
    """Addresses or networks of the reverse proxies in front, such as 10.0.0.0/8, separated by commas."""

    _split = field_validator("cors_origins", "trusted_proxies", mode="before")(split_commas)

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            try:
                ip_network(network, strict=False)
            except ValueError:
                raise ValueError(
                    f"{network!r} is not an address or network: give addresses such as 10.0.0.7 or 10.0.0.0/8"
                ) from None
        return value

    @model_validator(mode="after")
    def _frontends_over_tls(self) -> Self:
        for origin in self.cors_origins:
            self.refuse_plain_http(cors_origins=origin)
        return self

    @property
    def trusted_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """`trusted_proxies`, parsed."""
        return tuple(ip_network(network, strict=False) for network in self.trusted_proxies)

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if not _ORIGIN.match(origin):
                raise ValueError(
                    f"{origin!r} is not an origin: give scheme and host only, as in https://app.example.com"
                )
        return value


class DatabaseSettings(BaseSettings):
    """DATABASE_URL, and DATABASE_DIRECT_URL for LISTEN and session locks if DATABASE_URL leads to a pooler.

    The pooler must keep a session on one connection, because our pools set limits for their sessions.
    """

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, use_attribute_docstrings=True)

    database_url: str = Field(description="the service's own Postgres, postgresql://user:password@host/name")
    database_direct_url: str = ""
    """The same database without a connection pooler, for LISTEN and session locks. DATABASE_URL by
    default."""

    @field_validator("database_url", "database_direct_url")
    @classmethod
    def _scheme(cls, value: str) -> str:
        if value and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("it must start with postgresql://")
        return value

    @model_validator(mode="after")
    def _direct(self) -> DatabaseSettings:
        self.database_direct_url = self.database_direct_url or self.database_url
        return self


class JwtSettings(ModeSettings):
    """The issuer of bearer tokens, and which of its tokens are accepted.

    Symmetric algorithms and `none` are rejected: a public key must never serve as a shared secret.
    """

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, use_attribute_docstrings=True)

    jwt_issuer: str = Field(description="the `iss` of the tokens")
    jwt_audience: str = Field(description="the `aud` of the tokens")
    jwt_jwks_url: str = Field(description="where the issuer publishes its keys (JWKS)")
    jwt_algorithms: CommaSeparated = ("RS256", "ES256")
    """Accepted signature algorithms, separated by commas; asymmetric ones only."""
    jwt_types: CommaSeparated = ("JWT", "at+jwt")
    """Accepted kinds of tokens (`typ` of the header), separated by commas; a token without one is a JWT. An
    issuer that marks its access tokens (RFC 9068) allows `at+jwt` alone."""
    jwt_max_hours: float = Field(default=24.0, gt=0, le=24 * 365)
    """How long a token may be valid in all. A stolen one can be used that long."""

    _split = field_validator("jwt_algorithms", "jwt_types", mode="before")(split_commas)

    @field_validator("jwt_jwks_url")
    @classmethod
    def _http(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("it must be an http(s) address")
        return value

    @model_validator(mode="after")
    def _keys_over_tls(self) -> Self:
        self.refuse_plain_http(jwt_jwks_url=self.jwt_jwks_url)
        return self

    @field_validator("jwt_algorithms")
    @classmethod
    def _pinned(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        refused = [name for name in value if name not in _ASYMMETRIC]
        if refused or not value:
            raise ValueError(
                f"{', '.join(refused) or 'an empty list'} is refused: "
                f"choose among {', '.join(sorted(_ASYMMETRIC))}"
            )
        return value


S = TypeVar("S", bound=BaseSettings)


def load(settings: type[S]) -> S:
    """Return the settings from the environment, or exit with 2 and one sentence per wrong variable on stderr.

    The sentences never contain a value that pydantic rejected, since it may be a secret.
    """
    try:
        return settings()
    except SettingsError as error:
        _refuse([f"The environment cannot be read: {error}."])
    except ValidationError as error:
        _refuse([_sentence(settings, dict(problem)) for problem in error.errors(include_input=False)])


def _sentence(settings: type[BaseSettings], problem: dict[str, Any]) -> str:
    field = str(problem["loc"][0]) if problem["loc"] else "settings"
    name = f"{settings.model_config.get('env_prefix', '')}{field}".upper()
    about = settings.model_fields[field].description if field in settings.model_fields else None
    if problem["type"] == "missing":
        return f"{name} is not set: set it to {about}." if about else f"{name} is not set."
    reason = str(problem["msg"]).removeprefix("Value error, ")
    if not problem["loc"]:  # about the settings as a whole: the sentence names the variables
        return f"{reason}."
    return f"{name} is wrong: {reason[:1].lower()}{reason[1:]}."


def _refuse(sentences: list[str]) -> NoReturn:
    for sentence in sentences:
        sys.stderr.write(f"{sentence}\n")
    raise SystemExit(2)
