"""The caller of a request: a secret test key as bearer token or as the user name of basic authentication, or
a page in a browser with a publishable key.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from stripe_sandbox.errors import Unauthorized

_KEY = re.compile(r"(sk|rk)_test_[A-Za-z0-9_]{1,200}\Z")
_PUBLISHABLE = re.compile(r"pk_test_[A-Za-z0-9_]{1,200}\Z")
_HINT = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using "
    "Bearer auth "
    "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). The sandbox takes any key that begins with sk_test_ "
    "or rk_test_."
)


@dataclass(frozen=True, slots=True)
class Caller:
    """The key of a request. `publishable`: a page that anyone can read; it needs client secrets and sees
    less. `own_frame`: such a page that the sandbox itself serves, where cards are entered.
    """

    key: str
    publishable: bool = False
    own_frame: bool = False


def authenticate(authorization: str | None, key: str | None = None) -> Caller:
    """The caller, from the Authorization header or, without one, from a publishable `key` parameter.

    Raises Unauthorized. All well-formed test keys belong to the same account.
    """
    if not authorization:
        if isinstance(key, str) and key.startswith("pk_"):
            return Caller(_publishable(key), publishable=True)
        raise Unauthorized(_HINT)
    scheme, _, rest = authorization.partition(" ")
    credentials = rest.strip()
    if scheme.lower() == "basic":
        credentials = _basic_user(credentials)
    elif scheme.lower() != "bearer":
        raise Unauthorized(_HINT)
    if credentials.startswith(("sk_live_", "rk_live_")):
        raise Unauthorized(
            "A live key was sent to the sandbox. Roll that key now, and use one that begins with sk_test_."
        )
    if credentials.startswith("pk_"):
        return Caller(_publishable(credentials), publishable=True)
    if not _KEY.match(credentials):
        raise Unauthorized(f"Invalid API Key provided: {mask(credentials)}")
    return Caller(credentials)


def _publishable(key: str) -> str:
    if key.startswith("pk_live_"):
        raise Unauthorized("A live key was sent to the sandbox. Use one that begins with pk_test_.")
    if not _PUBLISHABLE.match(key):
        raise Unauthorized(f"Invalid API Key provided: {mask(key)}")
    return key


def secret_key_required() -> Unauthorized:
    """Stripe's error for a publishable key that is used for an operation that needs a secret key."""
    return Unauthorized(
        "This API call cannot be made with a publishable API key. Please use a secret API key. You "
        "can find a list "
        "of your API keys at https://dashboard.stripe.com/account/apikeys.",
        code="secret_key_required",
    )


def mask(key: str) -> str:
    """A key for display: its first eight and last four characters."""
    if len(key) <= 12:
        return "*" * len(key)
    return f"{key[:8]}{'*' * min(len(key) - 12, 40)}{key[-4:]}"


def _basic_user(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode("ascii").partition(":")[0]
    except (binascii.Error, ValueError) as error:
        raise Unauthorized(_HINT) from error
