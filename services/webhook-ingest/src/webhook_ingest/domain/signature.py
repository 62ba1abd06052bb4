"""Stripe's webhook signature (https://docs.stripe.com/webhooks/signature), verified on raw bytes.

The SDK's own verification takes one secret, accepts timestamps of any future, and lets TypeError and
UnicodeDecodeError out on hostile input. Everything here stays bytes, so there is nothing to decode wrongly.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import NamedTuple

from webhook_ingest.errors import Reason, Rejected

TOLERANCE_SECONDS = 300
"""In both directions: a timestamp from the future is as wrong as an old one."""

MAX_HEADER = 4096
MAX_SIGNATURES = 32
"""Stripe sends one v1 for each active secret, at most a few. More only costs time."""


class Claim(NamedTuple):
    """What a well-formed and fresh header claims of a body that is not read yet."""

    timestamp: bytes
    signatures: Sequence[bytes]


class Verifier:
    """Verifies with every active secret: while a secret is rolled, Stripe may sign with either."""

    def __init__(self, secrets: Sequence[str], tolerance: int = TOLERANCE_SECONDS) -> None:
        self._keys = [secret.encode() for secret in secrets]
        self._tolerance = tolerance

    def read(self, header: bytes | None, now: float) -> Claim:
        """Return what the header claims, before any byte of the body is read.

        Raises Rejected if it is missing, malformed, or not of about `now` (seconds since the epoch).
        """
        timestamp, signatures = _parse(header)
        if abs(now - int(timestamp)) > self._tolerance:
            raise Rejected(
                Reason.TIMESTAMP,
                f"The signature is more than {self._tolerance} s from this clock. "
                "If it was sent just now, correct the clock.",
            )
        return Claim(timestamp, signatures)

    def verify(self, claim: Claim, body: bytes) -> None:
        """Returns if the claim proves that Stripe sent `body`. Raises Rejected otherwise."""
        signed = claim.timestamp + b"." + body
        if not any(self._matches(key, signed, claim.signatures) for key in self._keys):
            raise Rejected(
                Reason.SIGNATURE_MISMATCH,
                "No signature matches. Compare STRIPE_WEBHOOK_SECRET with the endpoint's signing secret.",
            )

    @staticmethod
    def _matches(key: bytes, signed: bytes, signatures: Sequence[bytes]) -> bool:
        expected = hmac.digest(key, signed, "sha256").hex().encode()
        return any(hmac.compare_digest(expected, signature) for signature in signatures)


def _parse(header: bytes | None) -> tuple[bytes, list[bytes]]:
    if not header:
        raise Rejected(Reason.SIGNATURE_MISSING, "Send Stripe's signature in the header Stripe-Signature.")
    timestamp, signatures = b"", []
    if len(header) <= MAX_HEADER:
        for item in header.split(b","):
            name, _, value = item.strip().partition(b"=")
            if name == b"v1":
                signatures.append(value)
            elif name == b"t" and not timestamp:
                timestamp = value
            # v0, which Stripe adds to test events, proves nothing; schemes to come are not ours to judge.
    if not signatures or len(signatures) > MAX_SIGNATURES or not timestamp.isdigit() or len(timestamp) > 12:
        raise Rejected(
            Reason.SIGNATURE_MALFORMED,
            "The header Stripe-Signature is not of the form t=…,v1=… : pass it on as Stripe sent it.",
        )
    return timestamp, signatures
