"""The documentation agrees with the code: links, commands, sample output, ports."""

import re
import shlex
from itertools import pairwise
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from markdown_it import MarkdownIt

from devstack.__main__ import create_parser
from devstack.demo import observe
from devstack.demo.play import Report
from devstack.stack.plan import USUAL_PORTS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SERVICES = ("checkout", "webhook-ingest", "enrollment", "notifications", "reporting")
PAGES = sorted(
    page
    for page in (*ROOT.glob("*.md"), *ROOT.glob("*/**/*.md"))
    if not {".venv", ".masterji", "node_modules", ".pytest_cache"} & set(page.relative_to(ROOT).parts)
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub creates them."""
    texts = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in texts}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_an_existing_page_and_heading(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(target), f"{link}: no such heading"


def test_pages_of_all_folders_are_checked() -> None:
    names = {str(page.relative_to(ROOT)) for page in PAGES}
    assert {"README.md", "docs/architecture.md", "docs/decisions/README.md"} <= names


def code_blocks(page: str, language: str) -> list[str]:
    """Return the code blocks that a Markdown renderer finds."""
    tokens = MarkdownIt("commonmark").parse(page)
    return [token.content for token in tokens if token.type == "fence" and token.info == language]


def test_the_sample_output_is_rendered_as_the_demo_prints_it() -> None:
    [block] = [block for block in code_blocks(README, "text") if "✓" in block]
    steps = re.findall(r"^  ✓ +(\d+) ms  (.{20}) (.+)$", block, re.MULTILINE)
    printed: list[str] = []
    report = Report(printed.append)
    for milliseconds, name, what in steps:
        report.seen(float(milliseconds), name.rstrip(), what)
    assert [line for line in block.splitlines() if "✓" in line] == printed
    client, purchase = MagicMock(), MagicMock()
    expected = {check.name for check in observe.checks(client, purchase, lambda: None)}
    assert {name.rstrip() for _, name, _ in steps} == {"paid", *expected}


def test_every_make_target_of_the_readme_exists() -> None:
    lines = "\n".join(code_blocks(README, "sh")).splitlines()
    named = {line.split()[1] for line in lines if line.startswith("make ")}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {"demo", "test"} <= named
    assert not [target for target in named if f"\n{target}: " not in makefile]


def test_every_masterji_command_of_the_readme_is_accepted() -> None:
    shell = "\n".join(code_blocks(README, "sh"))
    commands = re.findall(r"(?:\.venv/bin/masterji|python -m devstack) ([^)\n]+)", shell)
    assert {shlex.split(command)[0] for command in commands} >= {"token", "url", "catalog"}
    for command in commands:
        create_parser().parse_args(shlex.split(command))
    # The programs are not on the PATH, and a taken port makes the stack choose another one.
    assert not re.search(r"(?<![/\w])masterji ", shell)
    assert not re.search(r":\d{4}\b", shell)


def test_the_readme_and_the_compose_file_show_the_same_container_commands() -> None:
    header = (ROOT / "docker-compose.yml").read_text(encoding="utf-8").partition("\nx-image:")[0]
    pattern = re.compile(r"docker compose exec .+$", re.MULTILINE)
    in_readme = pattern.findall("\n".join(code_blocks(README, "sh")))
    assert in_readme
    assert in_readme == pattern.findall(header)
    assert "`docker compose up --build`" in README


def test_the_ports_of_the_readme_are_those_of_the_stack() -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(README)
    cells = [
        next_token.content
        for token, next_token in pairwise(tokens)
        if token.type == "td_open" and next_token.type == "inline"
    ]
    listed = {
        cell.partition("](")[0].lstrip("["): after for cell, after in pairwise(cells) if after.isdigit()
    }
    assert listed == {name: str(USUAL_PORTS[name]) for name in (*SERVICES, "sandbox")}
