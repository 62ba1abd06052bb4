"""What is missing or wrong in a .po file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from babel.messages.catalog import Catalog, Message

_PLACEHOLDER = re.compile(r"%(?:%|\((\w+)\)\w|.)")


def faults(catalog: Catalog) -> list[str]:
    """Return one sentence for each text that is not translated, fuzzy, or differs in its placeholders."""
    return [
        f"{catalog.locale}: {fault}: {_forms(message.id)[0]!r}"
        for message in catalog
        if message.id
        for fault in _faults(message, catalog.num_plurals)
    ]


def _faults(message: Message, plural_forms: int) -> Iterator[str]:
    translations = _forms(message.string)
    wanted = plural_forms if isinstance(message.id, tuple) else 1
    if message.fuzzy:
        yield "marked as fuzzy"
    if len(translations) != wanted or not all(text.strip() for text in translations):
        yield "not translated"
        return
    if "python-format" not in message.flags:
        return
    sources = [_placeholders(text) for text in _forms(message.id)]
    # "One course" may name no number where "%(num)s courses" does, in a translation as in the source.
    required, allowed = set.intersection(*map(set, sources)), set.union(*map(set, sources))
    for text in translations:
        if not required <= set(_placeholders(text)) <= allowed:
            yield f"placeholders differ in {text!r}"


def _forms(text: str | Sequence[str] | None) -> Sequence[str]:
    return [text or ""] if text is None or isinstance(text, str) else text


def _placeholders(text: str) -> list[str]:
    return [found[0] for found in _PLACEHOLDER.finditer(text)]
