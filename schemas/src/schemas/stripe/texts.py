"""Texts in an event that no database and no UTF-8 can hold: NUL characters and lone surrogates.

In valid JSON both can only be written as escapes. A person typed them, or a program cut a text in the middle
of a character. They must not cost a payment: readers see U+FFFD instead.
"""

import re

REPLACEMENT = "\ufffd"

_ESCAPE = re.compile(
    rb"\\(?:[^u]|u(?:[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<broken>0000|[dD][89a-fA-F][0-9a-fA-F]{2})|[0-9a-fA-F]{4}))"
)


def readable(value: bytes) -> bytes:
    """Return the JSON text with U+FFFD for each NUL and lone surrogate; the same object if it has none."""
    if b"\\u" not in value:
        return value
    replaced = _ESCAPE.sub(_replaced, value)
    return value if replaced == value else replaced


def _replaced(escape: re.Match[bytes]) -> bytes:
    return escape[0] if escape["broken"] is None else b"\\ufffd"
