"""From a template and its context to subject, HTML and text, in the buyer's language. No I/O once it is
loaded.

HTML is escaped by Jinja2; a title with markup in it is shown as it was typed. Money and dates follow the
order's locale, also where the language itself is not among `texts/` and the words fall back to English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any
from unicodedata import category
from urllib.parse import quote

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from schemas.money import to_decimal

TEMPLATES = ("receipt", "refund")
MAX_TITLE_IN_SUBJECT = 80
_FALLBACK = "en"
# Not all that is unprintable: joiners (Cf) belong to the spelling of Hindi and to emoji.
_NO_HEADER = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a mail says. `subject` is one line without control characters."""

    subject: str
    html: str
    text: str
    language: str


class Renderer:
    """Renders mails; one a process. `app_url` is where courses are opened, without a slash at its end."""

    def __init__(self, app_url: str, brand: str = "Masterji") -> None:
        self._app_url = app_url.rstrip("/")
        self._brand = brand
        self._texts = _load_texts()
        self._jinja = Environment(
            loader=PackageLoader("notifications"),
            autoescape=select_autoescape(enabled_extensions=("html",)),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that mails are written in."""
        return tuple(sorted(self._texts))

    def render(self, template: str, locale: str, context: Mapping[str, Any]) -> Rendered:
        """The mail. Raises KeyError or jinja2.TemplateError when the context does not fit the template."""
        place = _locale(locale)
        language = place.language if place.language in self._texts else _FALLBACK
        texts = self._texts[language]

        def t(name: str, **values: object) -> str:
            return texts[name].format(**values) if values else texts[name]

        def money(amount: int) -> str:
            return _money(amount, context["currency"], place)

        def access(line: Mapping[str, Any]) -> str:
            days = line["access_days"]
            return t("access_forever") if days is None else t("access_days", days=days)

        values = {
            "duplicate": False,  # deliveries that were written down before there was such a thing
            **context,
            "t": t,
            "money": money,
            "day": lambda moment: format_date(datetime.fromisoformat(moment), "long", locale=place),
            "access": access,
            "link": self._link,
            "discount": sum(line["discount_amount"] for line in context["lines"]),
            "subject": _subject(template, t, money, context),
            "language": language,
            "brand": self._brand,
            "app_url": self._app_url,
        }
        return Rendered(
            subject=values["subject"],
            html=self._jinja.get_template(f"{template}.html").render(values),
            text=self._jinja.get_template(f"{template}.txt").render(values) + "\n",
            language=language,
        )

    def _link(self, line: Mapping[str, Any]) -> str:
        course = line["course_id"]
        return f"{self._app_url}/courses/{quote(course, safe='')}" if course else self._app_url


def _subject(template: str, t: Any, money: Any, context: Mapping[str, Any]) -> str:
    if template == "refund":
        return one_line(t("refund_subject", amount=money(context["amount"])))
    lines = context["lines"]
    if len(lines) > 1:
        return one_line(t("receipt_subject_many", count=len(lines)))
    title = one_line(lines[0]["title"])
    if len(title) > MAX_TITLE_IN_SUBJECT:
        title = title[: MAX_TITLE_IN_SUBJECT - 1].rstrip() + "…"
    return one_line(t("receipt_subject_one", title=title))


def one_line(text: str) -> str:
    """The text without line breaks, control characters and lone surrogates: what may stand in a header."""
    return " ".join("".join(" " if category(char) in _NO_HEADER else char for char in text).split())


def _money(amount: int, currency: str, locale: Locale) -> str:
    return str(format_currency(to_decimal(amount, currency), currency.upper(), locale=locale))


def _locale(tag: str) -> Locale:
    """The locale of a tag such as en-GB or pt_BR; without a part that nobody knows, and English at the
    last."""
    parts = tag.replace("_", "-").split("-")
    for length in range(len(parts), 0, -1):
        try:
            return Locale.parse("-".join(parts[:length]), sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale(_FALLBACK)


def _load_texts() -> Mapping[str, Mapping[str, str]]:
    folder = resources.files("notifications") / "texts"
    return {
        entry.name.removesuffix(".toml"): tomllib.loads(entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }
