"""Who calls: a secret test key as bearer token or as the user name of basic authentication."""

from __future__ import annotations

import base64
import binascii
import re

from stripe_sandbox.errors import Unauthorized

_KEY = re.compile(r"(sk|rk)_test_[A-Za-z0-9_]{1,200}\Z")
_HINT = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using "
    "Bearer auth "
    "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). The sandbox takes any key that begins with sk_test_ "
    "or rk_test_."
)


def authenticate(authorization: str | None) -> str:
    """The key of an Authorization header; raises Unauthorized. Any well-formed test key is the same
    account.
    """
    if not authorization:
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
        raise Unauthorized(
            "This API call cannot be made with a publishable API key. Please use a secret API key. You "
            "can find a list "
            "of your API keys at https://dashboard.stripe.com/account/apikeys."
        )
    if not _KEY.match(credentials):
        raise Unauthorized(f"Invalid API Key provided: {mask(credentials)}")
    return credentials


def mask(key: str) -> str:
    """A key as it may be shown: its first eight and last four characters."""
    if len(key) <= 12:
        return "*" * len(key)
    return f"{key[:8]}{'*' * min(len(key) - 12, 40)}{key[-4:]}"


def _basic_user(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode("ascii").partition(":")[0]
    except (binascii.Error, ValueError) as error:
        raise Unauthorized(_HINT) from error
