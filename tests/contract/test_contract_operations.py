"""Alerts and runbook name only what exists: metrics, headings, log lines, settings."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = ROOT / "docs" / "operations.md"
ALERTS = sorted((ROOT / "deploy" / "alerts").glob("*.yaml"))
SOURCES = "\n".join(
    page.read_text(encoding="utf-8")
    for folder in ("libs", "services", "devstack")
    for page in (ROOT / folder).rglob("src/**/*.py")
)
DEFINED = set(re.findall(r"\b(?:Counter|Gauge|Histogram)\(\s*\"([a-z_]+)\"", SOURCES))
NAMED = re.compile(r"\b(?:messaging|ingest|checkout|enrollment|notifications|http|service)_[a-z_]+\b")
UNITS = ("_total", "_seconds", "_messages")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    texts = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in texts}


def metrics_in(text: str) -> set[str]:
    return {name for name in NAMED.findall(text) if name.endswith(UNITS) or name in DEFINED}


def test_the_metrics_of_the_code_are_found() -> None:
    assert {"messaging_lag", "ingest_rejected_total", "notifications_given_up"} <= DEFINED


@pytest.mark.parametrize("page", ALERTS, ids=lambda page: page.name)
def test_every_alert_rests_on_metrics_that_exist(page: Path) -> None:
    expressions = re.findall(r"expr: (.+?)\n {8}(?:for|labels):", page.read_text(encoding="utf-8"), re.DOTALL)
    assert expressions
    for expression in expressions:
        named = set(NAMED.findall(expression))
        assert named <= DEFINED, f"no such metric: {named - DEFINED}"
        assert named or expression.startswith("up "), f"rests on no metric: {expression}"


@pytest.mark.parametrize("page", ALERTS, ids=lambda page: page.name)
def test_every_alert_leads_to_a_heading_of_the_runbook(page: Path) -> None:
    for link in re.findall(r"runbook: (\S+)", page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        assert anchor in anchors(ROOT / path), f"{link}: no such heading"


def test_every_alerted_metric_stands_in_the_runbook() -> None:
    alerted = {name for page in ALERTS for name in metrics_in(page.read_text(encoding="utf-8"))}
    missing = alerted - metrics_in(RUNBOOK.read_text(encoding="utf-8"))
    assert not missing, f"nobody is told what to do about {missing}"


def test_every_metric_of_the_runbook_exists() -> None:
    named = metrics_in(RUNBOOK.read_text(encoding="utf-8"))
    assert len(named) >= 15
    assert named <= DEFINED, f"no such metric: {named - DEFINED}"


def test_every_variable_of_the_runbook_is_a_setting() -> None:
    text = RUNBOOK.read_text(encoding="utf-8")
    fields = {name.upper() for name in re.findall(r"^    ([a-z_]+): ", SOURCES, re.MULTILINE)}
    kafka = {f"KAFKA_{name}" for name in fields}
    named = set(
        re.findall(r"`((?:STRIPE|KAFKA|JWT|MAIL|SMTP|DATABASE|LOG|ORDER|PAID|REFUND)_[A-Z_]+[A-Z])\b", text)
    )
    assert len(named) >= 10
    assert named <= fields | kafka, f"no such setting: {named - fields - kafka}"


@pytest.mark.parametrize(
    "line",
    [
        "webhook not published",
        "webhook rejected",
        "webhook failed",
        "worker crashed",
        "stopped with errors",
        "paused",
        "the consumer stopped itself and wants a person",
        "a message cannot be handled",
        "dead letter",
        "relay starts again from the oldest row",
        "derivation failed; the owner keeps its last state",
        "an owner cannot be derived; it is marked and retried",
        "nothing is read again for now",
        "payment does not fit its order",
        "stripe call failed",
        "no mail can be sent now",
        "mail put off",
        "mail given up",
        "a mail cannot be made",
        "order given up: its payment page was never made",
        "a duplicate purchase is given back",
        "a duplicate purchase is not given back yet",
        "a duplicate purchase cannot be handled",
        "a duplicate of an order that checkout does not have",
        "no duplicate any more",
    ],
)
def test_a_log_line_of_the_runbook_is_written_by_the_code(line: str) -> None:
    assert f"`{line}`" in RUNBOOK.read_text(encoding="utf-8"), "the runbook does not explain it"
    assert f'"{line}"' in SOURCES, "the code says something else"
