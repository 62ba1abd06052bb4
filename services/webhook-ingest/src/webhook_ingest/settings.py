"""Settings of the ingest, from the environment."""

from __future__ import annotations

from pydantic import Field, field_validator, model_validator

from servicekit.settings import CommaSeparated, ServiceSettings

_LENGTH = len("whsec_") + 24
"""Characters of a signing secret at least; Stripe's have 38."""


class Settings(ServiceSettings):
    """STRIPE_WEBHOOK_SECRET (several while one is rolled), STRIPE_LIVEMODE, STRIPE_ACCOUNT, and every
    service's own."""

    port: int = Field(default=8002, ge=0, le=65535)
    stripe_webhook_secret: CommaSeparated = Field(
        description="the endpoint's signing secret, whsec_…; several, comma-separated, while one is rolled",
        repr=False,
    )
    stripe_livemode: bool = Field(
        description="true for the live account, false for a test account; events of the other are refused"
    )

    stripe_account: str | None = Field(
        default=None,
        pattern=r"^acct_[0-9A-Za-z]{1,200}$",
        description="our account's id, acct_…; needed only if its own events name it, as those of an "
        "organization do. Events that name any other account are published as foreign",
    )

    @model_validator(mode="after")
    def _made_by_stripe(self) -> Settings:
        if self.stripe_livemode and any(len(secret) < _LENGTH for secret in self.stripe_webhook_secret):
            raise ValueError(
                "STRIPE_WEBHOOK_SECRET has a secret that is too short to be one of Stripe's, but "
                "STRIPE_LIVEMODE is true: copy the endpoint's signing secret from Stripe's dashboard"
            )
        return self

    @field_validator("stripe_webhook_secret")
    @classmethod
    def _secrets(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("it names no secret; copy the endpoint's signing secret from Stripe's dashboard")
        for number, secret in enumerate(value, 1):
            if not secret.startswith("whsec_") or len(secret) <= len("whsec_"):
                raise ValueError(
                    f"secret number {number} of {len(value)} does not start with whsec_; "
                    "copy the endpoint's signing secret, not an API key, from Stripe's dashboard"
                )
        return value
