"""Locales from language tags."""

from babel import Locale, UnknownLocaleError

FALLBACK = "en"


def locale_of(tag: str) -> Locale:
    """Return the locale of a language tag such as `en-GB` or `pt_BR`.

    Unknown trailing subtags are ignored (`de-XX` is `de`). A tag whose language is unknown is English.
    """
    subtags = tag.replace("_", "-").split("-")
    for length in range(len(subtags), 0, -1):
        try:
            return Locale.parse("-".join(subtags[:length]), sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale(FALLBACK)
