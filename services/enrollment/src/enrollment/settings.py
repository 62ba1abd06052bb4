"""The settings that enrollment reads from the environment."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, model_validator

from enrollment.domain import Policy
from servicekit.settings import DatabaseSettings, ServiceSettings


class Settings(ServiceSettings, DatabaseSettings):
    """HOST, PORT (8003), LOG_*, CORS_ORIGINS, DATABASE_URL, and the policy of the platform.

    Kafka and JWT settings are read by the roles that need them.
    """

    port: int = Field(default=8003, ge=0, le=65535)
    grace_days: float = Field(default=7, ge=0, le=365)
    """Days of access after a payment of a subscription is due and has not arrived."""
    fraud_warning: Literal["flag", "suspend"] = "flag"
    """What an early fraud warning does to the grant of its payment."""
    paid_not_enrolled_minutes: float = Field(default=10, gt=0, le=10_080)
    """Minutes after a payment without a grant before an operator is alerted."""
    batch_size: int = Field(default=5000, ge=1, le=10_000)
    """Maximum number of messages in a batch of the consumer. While it catches up, the events of a user are
    close together: the larger the batch, the fewer derivations."""
    stripe_read_key: str = Field(default="", repr=False)
    """A restricted key that may read sessions, refunds, disputes and subscriptions. Empty: no rereads."""
    stripe_api_base: str = ""
    """The sandbox's address; empty for Stripe itself."""

    @model_validator(mode="after")
    def _live(self) -> Settings:
        if self.stripe_livemode and self.stripe_read_key and not self.stripe_read_key.startswith("rk_live_"):
            raise ValueError(
                "STRIPE_READ_KEY is no restricted live key, but STRIPE_LIVEMODE is true: make a restricted "
                "key, rk_live_…, that may only read"
            )
        if self.stripe_livemode and self.stripe_api_base:
            raise ValueError(
                "STRIPE_API_BASE is set, but STRIPE_LIVEMODE is true: a live key is sent to Stripe only; "
                "unset STRIPE_API_BASE"
            )
        return self

    @model_validator(mode="after")
    def _base_of_stripe(self) -> Settings:
        self.stripe_api_base = (self.stripe_api_base or "https://api.stripe.com").rstrip("/")
        return self

    @property
    def policy(self) -> Policy:
        """The policy, as the rules take it."""
        return Policy(timedelta(days=self.grace_days), self.fraud_warning == "suspend")

    @property
    def gap_after(self) -> timedelta:
        """The age at which a payment without a grant is reported."""
        return timedelta(minutes=self.paid_not_enrolled_minutes)
