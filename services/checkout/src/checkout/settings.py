"""The settings of checkout, from the environment. What every service has is in servicekit.settings."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from servicekit.pages.settings import BrandSettings
from servicekit.settings import CommaSeparated, DatabaseSettings, JwtSettings, ServiceSettings, split_commas

_KEY = re.compile(r"(sk|rk)_(test|live)_[A-Za-z0-9_]{1,240}\Z")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?\Z|https?://\[[0-9a-f:.]+\](:[0-9]{1,5})?\Z")
STRIPE_PAGES = "https://checkout.stripe.com"


class ProcessSettings(ServiceSettings, DatabaseSettings):
    """What every role of checkout needs."""

    port: int = Field(default=8001, ge=0, le=65535)
    order_minutes: int = Field(default=15, ge=1, le=29)
    """Minutes after which an order without a payment page expires."""


class StripeSettings(ProcessSettings):
    """For the roles that call Stripe: api, refunds, refresher and all."""

    stripe_secret_key: SecretStr = Field(
        description="the secret or restricted key of the Stripe account, sk_…"
    )
    stripe_livemode: bool = False
    """Must agree with the key: true for a live key."""
    stripe_api_base: str = ""
    """The sandbox's address; empty for Stripe itself."""
    stripe_webhook_path: str = Field(default="/webhooks/stripe", pattern=r"^/[^?#]*[^/?#]$")
    """How the address of our webhook endpoints at Stripe ends; other endpoints are not checked."""
    refund_duplicates: bool = True
    """Whether a course bought twice is refunded automatically; false: an operator refunds it."""

    @field_validator("stripe_secret_key")
    @classmethod
    def _key(cls, value: SecretStr) -> SecretStr:
        if not _KEY.match(value.get_secret_value()):
            raise ValueError(
                "it must be a secret key of Stripe: sk_test_…, sk_live_…, rk_test_… or rk_live_…"
            )
        return value

    @field_validator("stripe_api_base")
    @classmethod
    def _base(cls, value: str) -> str:
        value = value.rstrip("/")
        if value and not _ORIGIN.match(value):
            raise ValueError("it must be an origin such as http://127.0.0.1:8010, or empty for Stripe itself")
        return value

    @model_validator(mode="after")
    def _one_mode(self) -> "StripeSettings":
        live = "_live_" in self.stripe_secret_key.get_secret_value()
        if live != self.stripe_livemode:
            raise ValueError(
                f"STRIPE_SECRET_KEY is a {'live' if live else 'test'} key, but STRIPE_LIVEMODE is "
                f"{str(self.stripe_livemode).lower()}: change one of the two so that they agree"
            )
        if live and self.stripe_api_base:
            raise ValueError(
                "STRIPE_API_BASE is set while STRIPE_SECRET_KEY is a live key: a live key is sent to Stripe "
                "only; unset STRIPE_API_BASE"
            )
        return self


class ApiSettings(StripeSettings, JwtSettings, BrandSettings):
    """For the roles that serve: api and all."""

    app_url: str = Field(description="the public address of checkout, such as https://shop.example.com")
    sign_in_url: str = Field(description="the page where buyers sign in; it posts their token to /session")
    return_origins: CommaSeparated = ()
    """Origins, besides APP_URL, to which buyers may return from the payment page, separated by commas."""
    stripe_page_origins: CommaSeparated = ()
    """Origins of the payment page, for a custom domain. Empty: Stripe's own, or STRIPE_API_BASE."""
    terms_version: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = Field(
        description="the version of the terms in force, such as 2026-01"
    )
    default_currency: Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$")] = "usd"
    """The currency (ISO 4217, lower case) in which courses are sold if the buyer chooses none."""
    session_minutes: int = Field(default=23 * 60, ge=60, le=23 * 60 + 50)
    """Minutes for which a payment page can be used; Stripe allows 30 minutes to 24 hours."""

    _split = field_validator("return_origins", "stripe_page_origins", mode="before")(split_commas)

    @field_validator("app_url")
    @classmethod
    def _app(cls, value: str) -> str:
        value = value.rstrip("/")
        if not _ORIGIN.match(value):
            raise ValueError("it must be scheme and host only, such as https://shop.example.com")
        return value

    @field_validator("sign_in_url")
    @classmethod
    def _sign_in(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")) or not value.isprintable() or " " in value:
            raise ValueError("it must be an http(s) address")
        return value

    @field_validator("return_origins", "stripe_page_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        lowered = tuple(origin.lower().rstrip("/") for origin in value)
        for origin in lowered:
            if not _ORIGIN.match(origin):
                raise ValueError(
                    f"{origin!r} is no origin: name scheme and host only, as in https://app.example.com"
                )
        return lowered

    @model_validator(mode="after")
    def _pages_over_tls(self) -> "ApiSettings":
        self.refuse_plain_http(app_url=self.app_url, sign_in_url=self.sign_in_url)
        for origin in self.return_origins:
            self.refuse_plain_http(return_origins=origin)
        return self

    @property
    def session_lifetime(self) -> timedelta:
        """How long a payment page can be used."""
        return timedelta(minutes=self.session_minutes)

    @property
    def all_return_origins(self) -> frozenset[str]:
        """Where buyers may be sent after the payment page: RETURN_ORIGINS and the storefront itself."""
        return frozenset((*self.return_origins, self.app_url.lower()))

    @property
    def payment_page_origins(self) -> tuple[str, ...]:
        """The origins to which our forms may redirect, for the Content-Security-Policy."""
        return self.stripe_page_origins or (self.stripe_api_base or STRIPE_PAGES,)
