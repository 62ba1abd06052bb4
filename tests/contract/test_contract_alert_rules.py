"""The alert rules are rules that Prometheus takes, and they fire when they should: promtool plays them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from devstack.testing.report import PROMTOOL, leave_out

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "alerts"
RULES = sorted(FOLDER.glob("*.yaml"))
PLAYED = sorted((FOLDER / "tests").glob("*_test.yaml"))


@pytest.fixture
def promtool() -> str:
    """Prometheus' own tool; the server is not started."""
    found = shutil.which("promtool")
    if found is None:
        leave_out(PROMTOOL)
    return found


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=FOLDER)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def alerts_in(pages: list[Path]) -> set[str]:
    return {
        name
        for page in pages
        for name in re.findall(r"alert(?:name)?: (\w+)", page.read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize("page", RULES, ids=lambda page: page.name)
def test_prometheus_takes_the_rules(promtool: str, page: Path) -> None:
    assert "rules found" in run(promtool, "check", "rules", page.name)


@pytest.mark.parametrize("page", PLAYED, ids=lambda page: page.name)
def test_the_rules_fire_when_they_should_and_only_then(promtool: str, page: Path) -> None:
    assert "SUCCESS" in run(promtool, "test", "rules", f"tests/{page.name}")


def test_every_alert_is_played() -> None:
    assert len(RULES) == len(PLAYED) == 2
    assert alerts_in(PLAYED) == alerts_in(RULES)


@pytest.mark.parametrize(
    ("rule", "mutant"),
    [
        ("max(enrollment_paid_not_enrolled) > 0", "max(enrollment_paid_not_enrolled) > 2"),
        ("max(enrollment_paid_not_enrolled) > 0\n        for: 5m", "max(enrollment_paid_not_enrolled) > 0"),
        ("> 60", "> 600"),
        ("messaging_dead_letters_total offset 15m", "messaging_dead_letters_total offset 1m"),
        ('messaging_halted{group!="enrollment"}', "messaging_halted"),
        ("sum by (group) (messaging_lag", "max by (group) (messaging_lag"),
        ('component=~"api|database"', 'component=~"api"'),
        ('component!~"api|database|consumer"', 'component!~"api|database"'),
        ("checkout_refunds_stuck) > 0", "checkout_refunds_stuck) > 2"),
        ("unless ingest_unavailable_total offset 15m", "unless ingest_unavailable_total"),
        ("increase(ingest_unavailable_total[15m])", "increase(ingest_unavailable_total[5m])"),
        ("> 0.02", "> 1"),
        ("> 0.02", "> 0"),
        ("/health/.*|/metrics", "/health/.*"),
        ('status!~"4..",', ""),
        (',call!="expire_session"', ""),
        ("checkout_duplicates_held", "checkout_duplicates_unknown_total"),
        ("absent(enrollment_paid_not_enrolled)\n        for: 5m", "absent(enrollment_paid_not_enrolled)"),
        ('absent(messaging_needs_derivation{owner="money_key"})', "absent(messaging_needs_derivation)"),
    ],
)
def test_a_mutant_of_a_rule_is_noticed(promtool: str, tmp_path: Path, rule: str, mutant: str) -> None:
    shutil.copytree(FOLDER, tmp_path / "alerts")
    changed = 0
    for page in RULES:
        text = page.read_text(encoding="utf-8")
        changed += rule in text
        (tmp_path / "alerts" / page.name).write_text(text.replace(rule, mutant), encoding="utf-8")
    assert changed == 1
    played = [str(tmp_path / "alerts" / "tests" / page.name) for page in PLAYED]
    done = subprocess.run([promtool, "test", "rules", *played], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, "the mutant survived"
