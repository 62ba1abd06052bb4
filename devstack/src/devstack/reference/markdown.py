"""Parts of a Markdown page."""

import textwrap
from collections.abc import Iterable, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table; line breaks in cells become spaces, pipes are escaped."""
    cells = [heads, ["---"] * len(heads), *rows]
    return ["| " + " | ".join(_cell(text) for text in row) + " |" for row in cells]


def paragraph(text: str) -> list[str]:
    """Return the lines of the text, of at most 120 characters."""
    return textwrap.wrap(text, 120, break_long_words=False, break_on_hyphens=False)


def code(text: str) -> str:
    """Return the text as Markdown code; an empty text stays empty."""
    return f"`{text}`" if text else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
