"""Every text that buyers read exists in every language."""

import re
from pathlib import Path

import pytest

from servicekit.texts.completeness import faults
from servicekit.texts.extraction import extract, load, po_files, updated

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted(folder.parent for folder in ROOT.glob("*/*/src/*/translations"))
LANGUAGES = ["de", "es", "fr", "hi"]
TEMPLATES = sorted(
    file
    for package in PACKAGES
    for file in package.rglob("templates/**/*")
    if file.suffix in (".html", ".txt")
)
JINJA = re.compile(r"{%-? *trans .*?endtrans *-?%}|{#.*?#}|{{.*?}}|{%.*?%}", re.DOTALL)
MARKUP = re.compile(r'<[^>]*>|[\w-]+="[^"]*"|&\w+;')


def test_the_packages_with_texts_are_known() -> None:
    assert [package.name for package in PACKAGES] == ["servicekit", "checkout", "notifications"]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_every_language_translates_every_text_with_the_same_placeholders(package: Path) -> None:
    assert [file.stem for file in po_files(package)] == LANGUAGES
    assert [fault for file in po_files(package) for fault in faults(load(file))] == []


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_the_translations_have_exactly_the_texts_of_templates_and_code(package: Path) -> None:
    extracted = extract(package)

    assert [file.name for file in po_files(package) if updated(file, extracted) != file.read_bytes()] == [], (
        "run `make texts`, translate what is new, and commit the files"
    )


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_a_template_contains_no_text_that_is_not_translated(template: Path) -> None:
    text = MARKUP.sub(" ", JINJA.sub("", template.read_text()))

    assert re.findall(r"\w+", text) == []
