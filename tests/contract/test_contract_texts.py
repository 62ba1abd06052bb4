"""Every text that buyers read exists in every language."""

from pathlib import Path

import pytest

from servicekit.texts.completeness import faults
from servicekit.texts.extraction import extract, load, po_files, updated

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted(folder.parent for folder in ROOT.glob("*/*/src/*/translations"))
LANGUAGES = ["de", "es", "fr", "hi"]


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
