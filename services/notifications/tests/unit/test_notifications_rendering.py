"""What customers read in a mail, and that no content breaks it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import asdict, replace

from notifications.domain.contexts import ReceiptContext, RefundContext, RefundedLine, Template
from notifications.mails.rendering import Renderer
from notifications.mails.samples import RECEIPT, REFUND, SAMPLES
from servicekit.pages.brand import COLOUR, Brand

LANGUAGES = ("de", "en", "es", "fr", "hi")


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer("https://learn.example.com/", Brand())


LINE = replace(RECEIPT.lines[0], course_id="sitar", title="Sitar", discount_amount=0)


def receipt(*lines: Mapping[str, Any], **changes: Any) -> ReceiptContext:
    whole = tuple(replace(LINE, **line) for line in lines or ({},))
    total = sum(line.list_amount - line.discount_amount for line in whole)
    return replace(RECEIPT, **({"order_id": "ord_1", "total": total, "tax": 0, "lines": whole} | changes))


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.split("<body", 1)[1]).replace("\xa0", " ").split())


def test_a_receipt_states_what_happened_since_the_payment(renderer: Renderer) -> None:
    lines = ({"line_id": "line_1", "title": "Sitar"}, {"line_id": "line_2", "title": "Tabla"})
    one = renderer.render(receipt(*lines, refunded=2000, ended=("line_2",)), "en")
    none = renderer.render(receipt(*lines, refunded=4000, ended=("line_1", "line_2")), "en")

    for part in (words(one.html), one.text):
        assert "Refunded since then" in part and "-€20.00" in part
        assert part.count("Start learning") == 1
        assert "You now have access" in part
    assert none.subject.startswith("Your receipt")
    for part in (words(none.html), none.text):
        assert "Its access has ended" in part and "-€40.00" in part
        assert "Start learning" not in part and "You now have access" not in part


def test_a_receipt_names_course_price_discount_total_day_and_order_in_both_parts(renderer: Renderer) -> None:
    mail = renderer.render(receipt({"list_amount": 4900, "discount_amount": 980}), "en")

    for part in (words(mail.html), mail.text):
        for expected in (
            "Sitar",
            "€49.00",
            "-€9.80",
            "€39.20",
            "November 2, 2026",
            "ord_1",
            "Lifetime access",
        ):
            assert expected in part
    assert mail.subject == "Your course is ready: Sitar · Masterji"


def test_a_receipt_without_discount_shows_no_discount(renderer: Renderer) -> None:
    mail = renderer.render(receipt(), "en")

    assert "Discount" not in mail.html
    assert "Discount" not in mail.text


def test_each_course_has_its_own_link(renderer: Renderer) -> None:
    mail = renderer.render(receipt({"course_id": "a/b?c"}, {"course_id": "tabla"}), "en")

    assert 'href="https://learn.example.com/courses/a%2Fb%3Fc"' in mail.html
    assert "https://learn.example.com/courses/tabla" in mail.text
    assert mail.subject == "Your 2 courses are ready · Masterji"


def test_a_line_without_a_course_links_to_the_storefront(renderer: Renderer) -> None:
    mail = renderer.render(receipt({"course_id": None}), "en")

    assert "Start learning: https://learn.example.com\n" in mail.text


@pytest.mark.parametrize(
    ("locale", "currency", "amount", "shown"),
    [
        ("en", "usd", 123456, "$1,234.56"),
        ("en-GB", "gbp", 999, "£9.99"),
        ("de", "eur", 123456, "1.234,56 €"),
        ("fr-FR", "eur", 123456, "1 234,56 €"),
        ("ja", "jpy", 5000, "¥5,000"),
        ("en-IN", "inr", 12345600, "₹1,23,456.00"),
        ("en", "kwd", 12345, "KWD 12.345"),
        ("en", "isk", 50000, "ISK 500"),
        ("en", "rsd", 12345, "RSD 123.45"),
    ],
)
def test_amounts_follow_the_buyers_locale(
    renderer: Renderer, locale: str, currency: str, amount: int, shown: str
) -> None:
    mail = renderer.render(receipt({"list_amount": amount}, currency=currency), locale)

    plain = re.sub(r"[\xa0\u202f]", " ", mail.text).replace("￥", "¥")
    assert shown in plain


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("fr_CA", "fr"),
        ("hi-IN", "hi"),
        ("ta-IN", "en"),
        ("xx-YY", "en"),
        ("en-zz", "en"),
    ],
)
def test_a_locale_without_texts_gets_english(renderer: Renderer, locale: str, language: str) -> None:
    mail = renderer.render(receipt(), locale)

    assert mail.language == language
    assert f'<html lang="{language}">' in mail.html


@pytest.mark.parametrize("template", SAMPLES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_renders_in_every_language(
    renderer: Renderer, template: Template, language: str
) -> None:
    mail = renderer.render(SAMPLES[template], language)

    assert mail.language == language
    assert "{" not in mail.subject + mail.text


@pytest.mark.parametrize(
    ("locale", "days", "text"),
    [
        ("en", 1, "Access for 1 day"),
        ("en", 30, "Access for 30 days"),
        ("en", 1000, "Access for 1,000 days"),
        ("de", 1, "Zugang für 1 Tag"),
        ("de", 365, "Zugang für 365 Tage"),
        ("de-CH", 1000, "Zugang für 1’000 Tage"),
        ("fr", 1, "Accès pendant 1 jour"),
        ("fr", 2, "Accès pendant 2 jours"),
        ("es", 1, "Acceso durante 1 día"),
        ("es", 2, "Acceso durante 2 días"),
        ("hi", 1, "1 दिन का एक्सेस"),
        ("hi", 2, "2 दिनों का एक्सेस"),
        ("ja", 1, "Access for 1 day"),
    ],
)
def test_a_number_of_days_has_its_plural_form_in_both_parts(
    renderer: Renderer, locale: str, days: int, text: str
) -> None:
    mail = renderer.render(receipt({"access_days": days}), locale)

    assert f"\n{text}\n" in mail.text
    assert f">{text}</div>" in mail.html


def test_markup_in_a_title_is_escaped(renderer: Renderer) -> None:
    title = '<script>alert(1)</script><a href="https://evil.example">x</a>'
    mail = renderer.render(receipt({"title": title}), "en")

    assert "<script" not in mail.html
    assert 'href="https://evil.example"' not in mail.html
    assert "&lt;script&gt;" in mail.html


def test_braces_in_a_title_are_not_interpreted(renderer: Renderer) -> None:
    mail = renderer.render(receipt({"title": "{total} {{ 7*7 }} {0.__class__}"}), "en")

    assert mail.subject == "Your course is ready: {total} {{ 7*7 }} {0.__class__} · Masterji"
    assert "{{ 7*7 }}" in mail.html


def test_a_subject_is_one_short_line(renderer: Renderer) -> None:
    title = "Sitar\r\nBcc: everyone@example.com\x00\x1b " + "very long " * 40
    subject = renderer.render(receipt({"title": title}), "en").subject

    assert subject.startswith("Your course is ready: Sitar Bcc: everyone@example.com very long")
    assert subject.isprintable()
    assert len(subject) < 110


def refund(*lines: Mapping[str, Any], **changes: Any) -> RefundContext:
    """A refund of 30 EUR as earlier versions stored it; `lines` and `changes` add what is new."""
    context = RefundContext(
        order_id="ord_1",
        refunded_at=datetime(2026, 11, 9, 9, tzinfo=UTC),
        currency="eur",
        amount=3000,
        lines=tuple(RefundedLine(**asdict(LINE) | dict(line)) for line in lines),
    )
    return replace(context, **changes)


def test_a_receipt_shows_tax_that_came_on_top_as_its_own_row(renderer: Renderer) -> None:
    mail = renderer.render(receipt(total=5831, tax=931), "en")

    assert "Sitar €49.00 Tax €9.31 Total paid €58.31" in words(mail.html)
    assert "- Sitar: €49.00\n- Tax: €9.31\nTotal paid: €58.31\n" in mail.text


def test_a_receipt_without_tax_on_top_has_no_tax_row(renderer: Renderer) -> None:
    mail = renderer.render(receipt(tax=0), "en")

    assert "Tax" not in words(mail.html) + mail.text


def test_a_refund_shows_amount_day_and_order(renderer: Renderer) -> None:
    mail = renderer.render(REFUND, "en")

    assert mail.subject == "Your refund of €51.80 · Masterji"
    for part in (words(mail.html), mail.text):
        for expected in ("€51.80", "November 9, 2026", "ord_sample"):
            assert expected in part


def test_a_refund_lists_the_lines_that_it_covers_and_the_access_that_it_ends(renderer: Renderer) -> None:
    mail = renderer.render(
        refund(
            {"title": "Sitar", "refunded": 2000, "lost": True},
            {"title": "Tabla", "refunded": 1000, "lost": False},
            {"title": "A free extra", "refunded": 0, "lost": True},
        ),
        "en",
    )

    assert "This refund ends your access to:\n- Sitar\n- A free extra\n\n" in mail.text
    assert "This refund covers:\n- Sitar: €20.00\n- Tabla: €10.00\nRefunded: €30.00\n" in mail.text
    assert "This refund ends your access to: Sitar A free extra" in words(mail.html)
    assert "This refund covers: Sitar €20.00 Tabla €10.00 Refunded €30.00" in words(mail.html)


def test_a_refund_that_ends_no_access_does_not_mention_access(renderer: Renderer) -> None:
    mail = renderer.render(refund({"refunded": 3000, "lost": False}), "en")

    assert "access" not in words(mail.html) + mail.text


def test_a_refund_of_a_duplicate_ends_no_access_of_the_buyer(renderer: Renderer) -> None:
    mail = renderer.render(refund({"refunded": 3000, "lost": True}, duplicate=True), "en")

    assert "you keep your access" in mail.text
    assert "ends your access" not in words(mail.html) + mail.text


def test_a_refund_without_amounts_by_line_lists_the_titles_of_the_order(renderer: Renderer) -> None:
    mail = renderer.render(refund({"title": "Sitar"}, {"title": "Tabla"}), "en")

    assert "From your order:\n- Sitar\n- Tabla\nRefunded: €30.00\n" in mail.text
    assert "From your order Sitar Tabla Refunded €30.00" in words(mail.html)
    assert "access" not in words(mail.html) + mail.text


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("de", "Dein erster Kauf gilt weiter"),
        ("en", "Your first purchase remains valid"),
        ("es", "Tu primera compra sigue siendo válida"),
        ("fr", "Votre premier achat reste valable"),
        ("hi", "आपकी पहली ख़रीदारी मान्य रहेगी"),
    ],
)
def test_a_refund_of_a_duplicate_explains_itself_in_every_language(
    renderer: Renderer, language: str, sentence: str
) -> None:
    duplicate = renderer.render(replace(REFUND, duplicate=True), language)
    other = renderer.render(REFUND, language)

    for part in (words(duplicate.html), duplicate.text):
        assert sentence in part
    assert sentence not in words(other.html)
    assert sentence not in other.text


@pytest.mark.parametrize("template", SAMPLES)
def test_a_mail_has_the_name_and_the_colour_of_the_brand(template: Template) -> None:
    brand = Brand("Raga & Co", "#ffd000")
    mail = Renderer("https://learn.example.com/", brand).render(SAMPLES[template], "en")

    assert mail.subject.endswith(" · Raga & Co")
    assert "Raga & Co" in words(mail.html).replace("&amp;", "&")
    assert "#ffd000" in mail.html
    assert "Masterji" not in mail.subject + mail.html
    assert COLOUR not in mail.html


@pytest.mark.parametrize(("colour", "text"), [("#ffd000", "#000000"), ("#2f4bd8", "#ffffff")])
def test_the_button_of_a_receipt_is_readable_on_the_colour_of_the_brand(colour: str, text: str) -> None:
    mail = Renderer("https://learn.example.com/", Brand(colour=colour)).render(RECEIPT, "en")

    assert f"background:{colour};color:{text};" in mail.html


def test_mails_load_nothing_from_the_network(renderer: Renderer) -> None:
    html = renderer.render(RECEIPT, "en").html

    assert not re.search(r"<(script|link|img|iframe)|url\(|@import", html)
