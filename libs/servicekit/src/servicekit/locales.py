"""Locales from language tags."""

from functools import cache

from babel import Locale

FALLBACK = "en"

LISTED = (
    *("en", "en-AU", "en-CA", "en-GB", "en-IN", "de", "de-AT", "de-CH", "fr", "fr-CA", "fr-CH"),
    *("es", "es-AR", "es-MX", "hi", "pt", "pt-BR", "pt-PT", "it", "nl", "pl", "sv", "da", "tr", "ru", "hu"),
    *("ja", "ko", "zh", "zh-TW", "zh-Hant-TW", "ar"),
)
"""The locales that are used, as language tags. Tags come from strangers, and the data of each locale stays in
memory, some 0.8 MB: of all that exist it would take more than the rest of the process."""

_NAMES = {tag.lower(): tag for tag in LISTED}


def locale_of(tag: str) -> Locale:
    """Return the locale of a language tag such as `en-GB` or `pt_BR`.

    Trailing subtags that are not listed are ignored (`de-XX` is `de`). A tag whose language is not listed is
    English.
    """
    subtags = tag[:100].lower().replace("_", "-").split("-")
    for length in range(len(subtags), 0, -1):
        name = _NAMES.get("-".join(subtags[:length]))
        if name is not None:
            return _parsed(name)
    return _parsed(FALLBACK)


@cache
def _parsed(name: str) -> Locale:
    return Locale.parse(name, sep="-")
