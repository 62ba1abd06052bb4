"""The settings: from the command line, else from the environment, else these defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

API_VERSION = "2026-10-28.endive"
KEEP_ALIVE_SECONDS = 75
"""Longer than clients keep an idle connection; otherwise one could be closed just as a request is sent on it.
"""


class SettingsError(ValueError):
    """A setting is wrong; the message names it and what to write instead."""


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """A webhook endpoint that exists from the start, and its signing secret."""

    url: str
    secret: str

    @classmethod
    def parse(cls, text: str) -> WebhookTarget:
        """`http://host/path=whsec_…`; raises SettingsError."""
        url, separator, secret = text.rpartition("=whsec_")
        if not separator or not url.startswith(("http://", "https://")) or not secret:
            raise SettingsError(
                "--webhook must be URL=whsec_…, for example "
                f"http://127.0.0.1:8002/webhooks/stripe=whsec_dev; got {text!r}"
            )
        return cls(url, f"whsec_{secret}")


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """Exponential backoff of a delivery, in seconds. Stripe retries for three days in live mode."""

    base: float = 0.5
    ceiling: float = 30.0
    give_up_after: float = 3 * 24 * 3600

    def wait(self, tries: int) -> float:
        """Seconds to wait after this many failed attempts."""
        return float(min(self.base * 2 ** min(tries - 1, 40), self.ceiling))


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings."""

    host: str = "127.0.0.1"
    port: int = 8010
    public_url: str | None = None
    #: Other host names that requests may use.
    allow_hosts: tuple[str, ...] = ()
    state: str = ":memory:"
    seed: str | None = None
    now: int | None = None
    webhooks: tuple[WebhookTarget, ...] = ()
    retry: RetrySchedule = field(default_factory=RetrySchedule)
    webhook_timeout: float = 10.0
    webhook_concurrency: int = 16
    #: How long, in seconds, the payment page waits for the acknowledgement before it redirects, as hosted
    #: Checkout does.
    redirect_wait: float = 10.0

    @property
    def base_url(self) -> str:
        """The address at which browsers find the hosted pages."""
        return self.public_url or f"http://{self.host}:{self.port}"


def webhooks_from(
    arguments: Sequence[str], environ: Mapping[str, str] = os.environ
) -> tuple[WebhookTarget, ...]:
    """The endpoints of the command line, else of STRIPE_SANDBOX_WEBHOOKS (separated by commas or spaces)."""
    texts = list(arguments) or environ.get("STRIPE_SANDBOX_WEBHOOKS", "").replace(",", " ").split()
    return tuple(WebhookTarget.parse(text) for text in texts)


def hosts_from(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The host names of the command line, else of STRIPE_SANDBOX_ALLOW_HOSTS (split at commas or spaces)."""
    return tuple(arguments) or tuple(environ.get("STRIPE_SANDBOX_ALLOW_HOSTS", "").replace(",", " ").split())
