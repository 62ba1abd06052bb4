"""Metrics, headings, log lines and settings in the alerts and the runbook exist."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = ROOT / "docs" / "operations.md"
ALERTS = sorted((ROOT / "deploy" / "alerts").glob("*.yaml"))
SOURCES = "\n".join(
    page.read_text(encoding="utf-8")
    for folder in ("libs", "services", "devstack")
    for page in (ROOT / folder).rglob("src/**/*.py")
)
DEFINED = set(re.findall(r"\b(?:Computed|Counter|Figure|Gauge|Histogram)\(\s*\"([a-z_]+)\"", SOURCES))
DEFINED |= {f"{name}_count" for name in re.findall(r"\bHistogram\(\s*\"([a-z_]+)\"", SOURCES)}
NAMED = re.compile(r"\b(?:messaging|ingest|checkout|enrollment|notifications|http|service)_[a-z_]+\b")
TABLED = re.compile(rf"{NAMED.pattern}|\bup\b")
UNITS = ("_total", "_seconds", "_messages", "_count")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub generates them."""
    texts = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in texts}


def metrics_in(text: str) -> set[str]:
    return {name for name in NAMED.findall(text) if name.endswith(UNITS) or name in DEFINED}


def test_the_metrics_in_the_code_are_found() -> None:
    assert {"messaging_lag", "ingest_rejected_total", "notifications_given_up"} <= DEFINED


class Alert(NamedTuple):
    """One alert of a rule file; missing fields are empty."""

    name: str
    expression: str
    severity: str
    runbook: str


def alerts_of(page: Path) -> list[Alert]:
    """The alerts of a rule file; fails if it has none."""
    found = []
    for text in re.split(r"^ +- (?=alert: )", page.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        expression = re.search(r"^ +expr: (.+?)\n {8}(?:for|labels):", text, re.MULTILINE | re.DOTALL)
        severity, runbook = (re.search(rf"\b{name}: ([\w./#-]+)", text) for name in ("severity", "runbook"))
        found.append(
            Alert(text.split()[1], *(hit[1] if hit else "" for hit in (expression, severity, runbook)))
        )
    assert found
    return found


def test_the_alerts_in_the_rule_files_are_found() -> None:
    found = {alert.name: alert for page in ALERTS for alert in alerts_of(page)}
    assert found["ProcessDown"] == Alert(
        "ProcessDown", "up == 0", "page", "docs/operations.md#a-process-restarts-again-and-again"
    )
    assert found["EnrollmentTiesWait"].severity == "warn"
    assert all(alert.expression and alert.severity for alert in found.values())


@pytest.mark.parametrize("page", ALERTS, ids=lambda page: page.name)
def test_every_alert_uses_existing_metrics(page: Path) -> None:
    for expression in (alert.expression for alert in alerts_of(page)):
        named = set(NAMED.findall(expression))
        assert named <= DEFINED, f"no such metric: {named - DEFINED}"
        assert named or expression.startswith("up "), f"uses no metric: {expression}"


@pytest.mark.parametrize("page", ALERTS, ids=lambda page: page.name)
def test_every_alert_links_to_a_section_of_the_runbook(page: Path) -> None:
    for alert in alerts_of(page):
        path, _, anchor = alert.runbook.partition("#")
        assert anchor, f"{alert.name} has no runbook link"
        assert anchor in anchors(ROOT / path), f"{alert.runbook}: no such heading"


def test_the_runbook_marks_the_alerts_that_page() -> None:
    rows = [line for line in RUNBOOK.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    listed = {metric for row in rows if "**page**" in row for metric in TABLED.findall(row.split("|")[1])}
    paging = {
        metric
        for page in ALERTS
        for alert in alerts_of(page)
        if alert.severity == "page"
        for metric in TABLED.findall(alert.expression)
    }
    assert len(paging) >= 8
    assert listed == paging


def test_every_alerted_metric_is_in_the_runbook() -> None:
    alerted = {name for page in ALERTS for name in metrics_in(page.read_text(encoding="utf-8"))}
    missing = alerted - metrics_in(RUNBOOK.read_text(encoding="utf-8"))
    assert not missing, f"the runbook does not explain {missing}"


def test_every_metric_in_the_runbook_exists() -> None:
    named = metrics_in(RUNBOOK.read_text(encoding="utf-8"))
    assert len(named) >= 15
    assert named <= DEFINED, f"no such metric: {named - DEFINED}"


def test_every_variable_in_the_runbook_is_a_setting() -> None:
    text = RUNBOOK.read_text(encoding="utf-8")
    fields = {name.upper() for name in re.findall(r"^    ([a-z_]+): ", SOURCES, re.MULTILINE)}
    kafka = {f"KAFKA_{name}" for name in fields}
    named = set(
        re.findall(r"`((?:STRIPE|KAFKA|JWT|MAIL|SMTP|DATABASE|LOG|ORDER|PAID|REFUND)_[A-Z_]+[A-Z])\b", text)
    )
    assert len(named) >= 10
    assert named <= fields | kafka, f"no such setting: {named - fields - kafka}"


def test_every_reason_that_delays_a_duplicate_refund_is_explained() -> None:
    pages = ("domain/duplicates.py", "workers/duplicate_refunds.py")
    code = "\n".join(
        (ROOT / "services" / "checkout" / "src" / "checkout" / page).read_text(encoding="utf-8")
        for page in pages
    )
    reasons = set(re.findall(r"Answer\.(?:WAIT|ASK), \"([a-z_]+)\"", code))
    assert {"changing", "does_not_fit", "course_not_announced"} <= reasons
    section = RUNBOOK.read_text(encoding="utf-8").partition("\n## Bought twice\n")[2].partition("\n## ")[0]
    unexplained = {reason for reason in reasons if f"`{reason}`" not in section}
    assert not unexplained, f"the runbook does not explain {unexplained}"


def test_a_restored_checkout_refunds_nothing_before_it_has_caught_up() -> None:
    steps = RUNBOOK.read_text(encoding="utf-8").partition("**checkout** (a source of truth")[2]
    steps = steps.partition("**enrollment, notifications, reporting**")[0]
    stop, start = (
        re.search(r"^1\. .*", steps, re.MULTILINE),
        re.search(r"^4\. (.|\n   )*", steps, re.MULTILINE),
    )
    assert stop is not None and start is not None
    for role in ("api", "consumer", "relay", "clock", "refunds"):
        assert f"`{role}`" in stop[0] and f"`{role}`" in start[0], f"{role} is not both stopped and started"


@pytest.mark.parametrize(
    "line",
    [
        "webhook not published",
        "webhook rejected",
        "webhook failed",
        "request failed",
        "database unavailable",
        "the issuer's keys cannot be read",
        "worker crashed",
        "stopped with errors",
        "paused",
        "the consumer stopped itself: manual intervention required",
        "fetching a stalled partition again",
        "partitions still do not advance",
        "joining the group again",
        "partitions of a group do not advance",
        "all partitions of the group advance again",
        "a message cannot be handled",
        "dead letter",
        "relay starts again from the oldest row",
        "derivation failed; the owner keeps its last state",
        "an owner cannot be derived; it is marked and retried",
        "nothing is read again for now",
        "Stripe refuses the read key",
        "payment does not match its order",
        "stripe call failed",
        "no mail can be sent now",
        "mail put off",
        "mail given up",
        "a mail cannot be made",
        "order given up: its payment page was never made",
        "a duplicate purchase is refunded",
        "a duplicate purchase is not refunded yet",
        "a duplicate purchase cannot be handled",
        "a duplicate of an order that checkout does not have",
        "no duplicate any more",
        "duplicate purchases are not refunded: REFUND_DUPLICATES is false",
    ],
)
def test_a_log_line_in_the_runbook_is_written_by_the_code(line: str) -> None:
    assert f"`{line}`" in RUNBOOK.read_text(encoding="utf-8"), "the runbook does not explain it"
    assert f'"{line}"' in SOURCES, "the code does not write this log line"
