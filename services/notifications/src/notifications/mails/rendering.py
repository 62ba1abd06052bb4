"""Renders a template and its context to subject, HTML and text, in the buyer's language.

HTML is escaped by Jinja2, so markup in a title is shown as it was typed. Amounts, numbers and dates follow
the order's locale even if its language is not among `translations/` and the words fall back to English.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from unicodedata import category
from urllib.parse import quote

from babel.dates import format_date
from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from notifications.domain.contexts import Context, ReceiptContext, RefundContext
from notifications.domain.facts import LineFacts
from servicekit.amounts import amount_text
from servicekit.locales import locale_of
from servicekit.pages.brand import Brand
from servicekit.pages.colour import text_on
from servicekit.texts.catalogs import Catalogs, Texts
from servicekit.texts.templates import TemplateTexts

MAX_TITLE_IN_SUBJECT = 70
# Format characters (Cf) are allowed: the spelling of Hindi and some emoji need joiners.
_NO_HEADER = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Rendered:
    """The content of a mail. `subject` is one line without control characters."""

    subject: str
    html: str
    text: str
    language: str


class Renderer:
    """Renders mails; share one per process. `app_url` is the address under which courses are opened."""

    def __init__(self, app_url: str, brand: Brand) -> None:
        self._app_url = app_url.rstrip("/")
        self._brand = brand
        self._catalogs = Catalogs("notifications")
        self._jinja = Environment(
            loader=PackageLoader("notifications"),
            autoescape=select_autoescape(enabled_extensions=("html",)),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._template_texts = TemplateTexts(self._jinja)

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages that mails are written in."""
        return self._catalogs.languages

    def render(self, context: Context, locale: str) -> Rendered:
        """Return the mail that shows the context in the language of `locale`."""
        place = locale_of(locale)
        language = self._catalogs.language(place)
        texts = self._catalogs.texts(language)

        def money(amount: int) -> str:
            return amount_text(amount, context.currency, place)

        def counted(text: str, number: int) -> str:
            return text % {"num": format_decimal(number, locale=place)}

        def access(line: LineFacts) -> str:
            days = line.access_days
            if days is None:
                return texts.gettext("Lifetime access")
            return counted(texts.ngettext("Access for %(num)s day", "Access for %(num)s days", days), days)

        # As the title of a page.
        subject = f"{_subject(texts, money, counted, context)} · {one_line(self._brand.name)}"
        values = {
            **{name: getattr(context, name) for name in context.__struct_fields__},
            **_selected(context),
            "money": money,
            "day": lambda moment: format_date(moment, "long", locale=place),
            "access": access,
            "link": self._link,
            "subject": subject,
            "language": language,
            "brand": self._brand,
            "on_brand": text_on(self._brand.colour),
            "app_url": self._app_url,
        }
        with self._template_texts.use(texts):
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
        return {
            "discount": sum(line.discount_amount for line in context.lines),
            "open": [line for line in context.lines if line.line_id not in context.ended],
        }
    return {
        # Empty for a refund of another payment, and for deliveries stored by earlier versions.
        "covered": [line for line in context.lines if line.refunded],
        # The first purchase of a duplicate keeps its access, so nothing ends for the buyer.
        "ended": [line for line in context.lines if line.lost and not context.duplicate],
    }


def _subject(
    texts: Texts, money: Callable[[int], str], counted: Callable[[str, int], str], context: Context
) -> str:
    if isinstance(context, RefundContext):
        return one_line(texts.gettext("Your refund of %(amount)s") % {"amount": money(context.amount)})
    if len(context.ended) == len(context.lines):
        return one_line(texts.gettext("Your receipt"))
    count = len(context.lines)
    if count > 1:
        text = texts.ngettext("Your course is ready", "Your %(num)s courses are ready", count)
        return one_line(counted(text, count))
    title = one_line(context.lines[0].title)
    if len(title) > MAX_TITLE_IN_SUBJECT:
        title = title[: MAX_TITLE_IN_SUBJECT - 1].rstrip() + "…"
    return one_line(texts.gettext("Your course is ready: %(title)s") % {"title": title})


def one_line(text: str) -> str:
    """Return the text without line breaks, control characters and lone surrogates, as headers require."""
    return " ".join("".join(" " if category(char) in _NO_HEADER else char for char in text).split())
