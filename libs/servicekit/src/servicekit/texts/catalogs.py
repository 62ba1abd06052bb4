"""The translations that a process uses, compiled in memory from the committed .po files."""

from __future__ import annotations

from gettext import GNUTranslations, NullTranslations
from importlib import resources
from io import BytesIO

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from servicekit.locales import FALLBACK

Texts = NullTranslations
"""The texts of one language: `gettext(text)` and `ngettext(one, other, count)`."""


def marked(text: str) -> str:
    """Mark a constant for translation, and return it; `gettext` translates it where it is shown."""
    return text


class Catalogs:
    """The translations of packages: the first one's languages. Texts that it lacks come from the next one.

    Without a package, there is English only.
    """

    def __init__(self, *packages: str) -> None:
        self._texts: dict[str, Texts] = {FALLBACK: NullTranslations()}
        for package in packages:
            for language, texts in _load(package).items():
                if language in self._texts:
                    self._texts[language].add_fallback(texts)
                elif package == packages[0]:
                    self._texts[language] = texts

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages, English included."""
        return tuple(sorted(self._texts))

    def language(self, locale: Locale) -> str:
        """Return the language in which a reader with this locale gets texts."""
        return locale.language if locale.language in self._texts else FALLBACK

    def texts(self, language: str) -> Texts:
        """Return the texts of one of `languages`."""
        return self._texts[language]


def _load(package: str) -> dict[str, Texts]:
    folder = resources.files(package) / "translations"
    return {
        entry.name.removesuffix(".po"): _compiled(entry.read_bytes(), entry.name.removesuffix(".po"))
        for entry in folder.iterdir()
        if entry.name.endswith(".po")
    }


def _compiled(source: bytes, language: str) -> Texts:
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source), locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
