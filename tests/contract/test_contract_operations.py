"""The reference pages agree with the code; alerts use existing metrics and lead to the runbook."""

import re
from pathlib import Path

import pytest

from devstack.reference.alerts import Alert, read_alerts
from devstack.reference.metrics import declared
from devstack.reference.pages import stale
from devstack.reference.settings import variables

ROOT = Path(__file__).resolve().parents[2]
ALERTS = read_alerts(ROOT / "deploy" / "alerts")
SERIES = {series for metric in declared() for series in metric.series}
# Labels and functions of PromQL have no such prefix.
METRIC = re.compile(r"\b(?:messaging|ingest|checkout|enrollment|notifications|reporting|http|service)_\w+")


def test_the_reference_pages_agree_with_the_code() -> None:
    assert not [str(path.relative_to(ROOT)) for path in stale(ROOT)], "run `make docs` and commit the pages"


def test_a_changed_or_missing_page_is_stale(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    wanted = stale(tmp_path)
    assert {path.name for path in wanted} == {"metrics.md", "settings.md"}
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
    assert stale(tmp_path) == {}


def test_metrics_and_settings_of_libraries_and_services_are_found() -> None:
    found = {metric.name: metric for metric in declared()}
    assert found["ingest_rejected_total"].labels == ("reason",)
    assert found["notifications_given_up"].roles == ("clock",)
    assert found["http_request_seconds"].series[1] == "http_request_seconds_count"
    assert {"KAFKA_BOOTSTRAP_SERVERS", "JWT_ISSUER", "MAIL_FROM", "STRIPE_READ_KEY", "PORT"} <= variables()


def test_every_metric_and_every_setting_is_described() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert not [line for line in page.splitlines() if line.endswith("|  |")]
    assert not [metric.name for metric in declared() if not metric.meaning]


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: f"{alert.file}-{alert.name}")
def test_an_alert_uses_existing_metrics_and_names_its_section_of_the_runbook(alert: Alert) -> None:
    named = set(METRIC.findall(alert.expression))
    assert named <= SERIES
    assert named or alert.expression.startswith("up ")
    assert alert.severity in ("page", "warn")
    assert alert.summary
    # That the section exists is tested with the links of docs/metrics.md.
    assert re.fullmatch(r"docs/operations\.md#[a-z0-9-]+", alert.runbook)
