"""Renders a template and its context to subject, HTML and text, in the buyer's language.

HTML is escaped by Jinja2, so markup in a title is shown as it was typed. Amounts, numbers and dates follow
the order's locale even if its language is not among `texts/` and the words fall back to English.

A text that depends on a number has one form for each of CLDR's plural categories that the language uses
(https://cldr.unicode.org/index/cldr-spec/plural-rules); `other` is required and stands in for missing forms.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any
from unicodedata import category
from urllib.parse import quote

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from notifications.domain.contexts import Context, ReceiptContext, RefundContext
from notifications.domain.facts import LineFacts
from servicekit.amounts import amount_text
from servicekit.locales import locale_of

MAX_TITLE_IN_SUBJECT = 80
_FALLBACK = "en"
# Format characters (Cf) are allowed: the spelling of Hindi and some emoji need joiners.
_NO_HEADER = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Rendered:
    """The content of a mail. `subject` is one line without control characters."""

    subject: str
    html: str
    text: str
    language: str


class Texts:
    """The texts of one language. `locale` decides how numbers are written."""

    def __init__(self, language: str, entries: Mapping[str, Any], locale: Locale) -> None:
        self._entries = entries
        self._plural_form = Locale(language).plural_form
        self._locale = locale

    def text(self, name: str, **values: object) -> str:
        """Return a text with its values filled in. Raises KeyError if there is no such text."""
        return str(self._entries[name]).format(**values) if values else str(self._entries[name])

    def plural(self, name: str, count: int) -> str:
        """Return the form of a text that the language uses with `count`. Raises KeyError as `text` does."""
        forms: Mapping[str, str] = self._entries[name]
        form = forms.get(self._plural_form(count), forms["other"])
        return form.format(count=format_decimal(count, locale=self._locale))


class Renderer:
    """Renders mails; share one per process. `app_url` is the address under which courses are opened."""

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
        """Return the languages that mails are written in."""
        return tuple(sorted(self._texts))

    def render(self, context: Context, locale: str) -> Rendered:
        """Return the mail that shows the context in the language of `locale`."""
        place = locale_of(locale)
        language = place.language if place.language in self._texts else _FALLBACK
        texts = Texts(language, self._texts[language], place)

        def money(amount: int) -> str:
            return amount_text(amount, context.currency, place)

        def access(line: LineFacts) -> str:
            days = line.access_days
            return texts.text("access_forever") if days is None else texts.plural("access_days", days)

        subject = _subject(texts, money, context)
        values = {
            **{name: getattr(context, name) for name in context.__struct_fields__},
            **_selected(context),
            "t": texts.text,
            "money": money,
            "day": lambda moment: format_date(moment, "long", locale=place),
            "access": access,
            "link": self._link,
            "subject": subject,
            "language": language,
            "brand": self._brand,
            "app_url": self._app_url,
        }
        return Rendered(
            subject=subject,
            html=self._jinja.get_template(f"{context.template}.html").render(values),
            text=self._jinja.get_template(f"{context.template}.txt").render(values) + "\n",
            language=language,
        )

    def _link(self, line: LineFacts) -> str:
        course = line.course_id
        return f"{self._app_url}/courses/{quote(course, safe='')}" if course else self._app_url


def _selected(context: Context) -> Mapping[str, object]:
    """What a template shows in addition to the fields of its context."""
    if isinstance(context, ReceiptContext):
        return {"discount": sum(line.discount_amount for line in context.lines)}
    return {
        # Empty for a refund of another payment, and for deliveries stored by earlier versions.
        "covered": [line for line in context.lines if line.refunded],
        # The first purchase of a duplicate keeps its access, so nothing ends for the buyer.
        "ended": [line for line in context.lines if line.lost and not context.duplicate],
    }


def _subject(texts: Texts, money: Callable[[int], str], context: Context) -> str:
    if isinstance(context, RefundContext):
        return one_line(texts.text("refund_subject", amount=money(context.amount)))
    lines = context.lines
    if len(lines) > 1:
        return one_line(texts.plural("receipt_subject_many", len(lines)))
    title = one_line(lines[0].title)
    if len(title) > MAX_TITLE_IN_SUBJECT:
        title = title[: MAX_TITLE_IN_SUBJECT - 1].rstrip() + "…"
    return one_line(texts.text("receipt_subject_one", title=title))


def one_line(text: str) -> str:
    """Return the text without line breaks, control characters and lone surrogates, as headers require."""
    return " ".join("".join(" " if category(char) in _NO_HEADER else char for char in text).split())


def _load_texts() -> Mapping[str, Mapping[str, Any]]:
    folder = resources.files("notifications") / "texts"
    return {
        entry.name.removesuffix(".toml"): tomllib.loads(entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }
