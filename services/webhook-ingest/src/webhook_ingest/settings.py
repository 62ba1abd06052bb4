"""Settings of the ingest, from the environment."""

from __future__ import annotations

from pydantic import Field, field_validator

from servicekit.settings import CommaSeparated, ServiceSettings


class Settings(ServiceSettings):
    """STRIPE_WEBHOOK_SECRET (several while one is rolled), STRIPE_LIVEMODE, and every service's own."""

    port: int = Field(default=8002, ge=0, le=65535)
    stripe_webhook_secret: CommaSeparated = Field(
        description="the endpoint's signing secret, whsec_…; several, comma-separated, while one is rolled",
        repr=False,
    )
    stripe_livemode: bool = Field(
        description="true for the live account, false for a test account; events of the other are refused"
    )

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
