"""Translations: what templates get, and what the checks of .po files find."""

from pathlib import Path

import pytest
from babel import Locale
from jinja2 import DictLoader, Environment

from servicekit.texts.catalogs import Catalogs
from servicekit.texts.completeness import faults
from servicekit.texts.extraction import extract, load, updated
from servicekit.texts.templates import TemplateTexts

TEMPLATE = """
<p>{{ _("Hello %(name)s", name=name) }}</p>
{{ ngettext("%(num)s day", "%(num)s days", days) }}
{% trans %}
  Read the <a href="/terms">terms</a>.
{% endtrans %}
"""
CODE = """
from servicekit.texts.catalogs import marked

STATE = marked("Paid")


def text(texts):
    return texts.gettext("From code")
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "translations").mkdir()
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    (tmp_path / "code.py").write_text(CODE)
    return tmp_path


def german(package: Path, content: str = "") -> Path:
    file = package / "translations" / "de.po"
    file.write_text(content)
    return file


def entry(text: str, translation: str, *flags: str) -> str:
    flagged = f"#, {', '.join(flags)}\n" if flags else ""
    return f'{flagged}msgid "{text}"\nmsgstr "{translation}"\n'


def test_a_new_language_starts_with_every_text_of_templates_and_code_untranslated(package: Path) -> None:
    file = german(package)
    file.write_bytes(updated(file, extract(package)))

    texts = {message.id: message.string for message in load(file) if message.id}
    assert texts == {
        "Hello %(name)s": "",
        ("%(num)s day", "%(num)s days"): ("", ""),
        'Read the <a href="/terms">terms</a>.': "",
        "Paid": "",
        "From code": "",
    }


def test_an_update_keeps_translations_drops_unused_texts_and_is_stable(package: Path) -> None:
    file = german(package, entry("Paid", "Bezahlt") + "\n" + entry("No longer used", "Unbenutzt"))
    file.write_bytes(updated(file, extract(package)))

    assert load(file)["Paid"].string == "Bezahlt"
    assert "Unbenutzt" not in file.read_text()
    assert updated(file, extract(package)) == file.read_bytes()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (entry("Paid", ""), "not translated"),
        (entry("Paid", "Bezahlt", "fuzzy"), "fuzzy"),
        (entry("Hello %(name)s", "Hallo", "python-format"), "placeholders differ"),
        (entry("Hello %(name)s", "Hallo %(nam)s", "python-format"), "placeholders differ"),
        (entry("Hello %(name)s", "Hallo %(name)d", "python-format"), "placeholders differ"),
        (
            'msgid "%(num)s day"\nmsgid_plural "%(num)s days"\nmsgstr[0] "%(num)s Tag"\nmsgstr[1] ""\n',
            "not translated",
        ),
    ],
)
def test_an_incomplete_or_wrong_translation_is_found(package: Path, content: str, fault: str) -> None:
    [found] = faults(load(german(package, content)))

    assert fault in found


def test_a_plural_form_may_leave_out_the_number_where_english_does(package: Path) -> None:
    content = (
        '#, python-format\nmsgid "Your course"\nmsgid_plural "Your %(num)s courses"\n'
        'msgstr[0] "Dein Kurs"\nmsgstr[1] "Deine %(num)s Kurse"\n'
    )
    assert faults(load(german(package, content))) == []


def test_a_template_gets_the_language_of_the_rendering() -> None:
    template = '{{ _("Skip to the content") }}'
    environment = Environment(loader=DictLoader({"page": template}), autoescape=True)
    texts = TemplateTexts(environment)
    catalogs = Catalogs("servicekit")

    def rendered(tag: str) -> str:
        with texts.use(catalogs.texts(catalogs.language(Locale.parse(tag)))):
            return environment.get_template("page").render()

    assert [rendered(tag) for tag in ("de", "fr_CA", "en_GB", "ja")] == [
        "Zum Inhalt springen",
        "Aller au contenu",
        "Skip to the content",
        "Skip to the content",
    ]


def test_a_package_gets_the_texts_that_it_lacks_from_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "shop_with_texts"
    (own / "translations").mkdir(parents=True)
    (own / "__init__.py").touch()
    (own / "translations" / "de.po").write_text(entry("Pages", "Blätter") + "\n" + entry("Cart", "Warenkorb"))
    monkeypatch.syspath_prepend(tmp_path)
    catalogs = Catalogs("shop_with_texts", "servicekit")
    german = catalogs.texts("de")

    assert [german.gettext(text) for text in ("Cart", "Pages", "optional", "Main")] == [
        "Warenkorb",
        "Blätter",
        "optional",
        "Hauptnavigation",
    ]
    assert catalogs.languages == ("de", "en")
