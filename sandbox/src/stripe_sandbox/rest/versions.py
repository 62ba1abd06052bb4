"""The API versions that a caller may name in a Stripe-Version header."""

from __future__ import annotations

from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.settings import API_VERSION

#: The current release train. Accounts created today cannot use older versions.
VERSIONS = ("2026-09-30.endive", API_VERSION)


def check(version: str | None) -> str:
    """The version that a Stripe-Version header names, by default the sandbox's; raises InvalidRequest."""
    if version is None or version in VERSIONS:
        return version or API_VERSION
    raise InvalidRequest(
        f"Invalid Stripe API version: {version[:50]}. The sandbox supports {' and '.join(VERSIONS)}."
    )
