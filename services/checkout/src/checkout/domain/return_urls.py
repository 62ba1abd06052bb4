"""Where a buyer may be sent after the payment page."""

from collections.abc import Collection
from urllib.parse import urlsplit

from checkout import errors

SESSION_PLACEHOLDER = "{CHECKOUT_SESSION_ID}"
"""Stripe replaces it with the session's id."""
MAX_URL = 2000


def check_return_url(url: str, field: str, origins: Collection[str]) -> str:
    """The address, if a buyer may be sent there after the payment page. Raises ReturnUrlRefused.

    The origin must equal one of `origins`: a prefix would also let `https://shop.example.evil.org` pass, and
    browsers read a backslash or a user part differently than we do.
    """
    readable = len(url) <= MAX_URL and url.isascii() and url.isprintable()
    if not readable or any(char in url for char in '\\ "<>^`|'):
        raise errors.ReturnUrlRefused(field, sorted(origins))
    try:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        raise errors.ReturnUrlRefused(field, sorted(origins)) from None
    # Also an empty fragment: nothing could be appended to the query behind it.
    if origin.lower() not in origins or "#" in url:
        raise errors.ReturnUrlRefused(field, sorted(origins))
    return url


def with_session_placeholder(url: str) -> str:
    """The address with Stripe's placeholder for the session id as a query parameter, once."""
    if SESSION_PLACEHOLDER in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}session_id={SESSION_PLACEHOLDER}"
