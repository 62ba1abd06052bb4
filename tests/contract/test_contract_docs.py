"""Links, commands, ports, topics and metrics in the documentation exist."""

import re
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase

import messaging.metrics
from devstack.stack.plan import USUAL_PORTS
from processkit.metrics import Computed, Figure
from schemas.topics import TOPICS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page
    for page in (*ROOT.glob("*.md"), *ROOT.glob("*/**/*.md"))
    if not {".venv", ".masterji", "node_modules", ".pytest_cache"} & set(page.relative_to(ROOT).parts)
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub generates them."""
    texts = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in texts}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_targets_an_existing_page_and_heading(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link}: no such page"
        if anchor:
            assert anchor in anchors(target), f"{link}: no such heading"


def test_the_pages_are_found() -> None:
    names = {str(page.relative_to(ROOT)) for page in PAGES}
    assert {"README.md", "docs/architecture.md", "docs/decisions/README.md"} <= names


def test_every_make_target_in_the_readme_exists() -> None:
    named = set(re.findall(r"\bmake ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"demo", "test"} <= named
    assert named <= targets


def test_the_ports_in_the_readme_are_those_of_the_stack() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[([a-z-]+)\]\([^)]*\) \| (\d+) \|", text, re.MULTILINE)
    assert len(rows) == 6
    assert all(USUAL_PORTS[name] == int(port) for name, port in rows)


def test_every_topic_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in TOPICS:
        family, _, member = name.partition(".")
        written = "`<service>.dlq`" if member == "dlq" else f"`.{member}`"
        assert f"`{name}`" in text or written in text, f"{family}: {name} is missing"


def test_every_metric_in_the_architecture_page_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(messaging_[a-z_]+)`", text))
    kinds = MetricWrapperBase | Figure | Computed
    metrics = [value for value in vars(messaging.metrics).values() if isinstance(value, kinds)]
    known = {family.name for metric in metrics for family in metric.collect()}
    known |= {f"{name}_total" for name in known}
    assert len(named) >= 5
    assert named <= known
