"""Keeps the .po files of a package in step with its templates and its code."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]
# A template that does not parse must not lose its texts silently.
_OPTIONS = {"**/templates/**": {"silent": "false", "trimmed": "true"}}
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "marked": None}
# Dates and versions would change the file without a change of its texts.
_VOLATILE = re.compile(
    rb'^"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By|Project-Id-Version|'
    rb"Report-Msgid-Bugs-To):.*\n",
    re.MULTILINE,
)


def po_files(package: Path) -> list[Path]:
    """Return the .po files of a package's folder."""
    return sorted((package / "translations").glob("*.po"))


def extract(package: Path) -> Catalog:
    """Return the texts in the templates and modules of a package's folder.

    Raises jinja2.TemplateSyntaxError if a template does not parse.
    """
    found = Catalog(charset="utf-8")
    for file, _, message, comments, context in extract_from_dir(
        package, _METHODS, _OPTIONS, _KEYWORDS, comment_tags=("Translators:",)
    ):
        found.add(message, None, [(file, 0)], auto_comments=comments, context=context)
    return found


def updated(file: Path, extracted: Catalog) -> bytes:
    """Return the content of a .po file with exactly the extracted texts; new ones are untranslated."""
    catalog = load(file)
    catalog.update(extracted, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    catalog.header_comment = f"# {catalog.locale.english_name}. `make texts` updates the list of texts."
    content = BytesIO()
    write_po(content, catalog, width=110, include_lineno=False, sort_by_file=True)
    return _VOLATILE.sub(b"", content.getvalue())


def load(file: Path) -> Catalog:
    """Return the content of a .po file; an empty file is a language without translations yet."""
    with file.open("rb") as content:
        return read_po(content, locale=file.stem, charset="utf-8")
