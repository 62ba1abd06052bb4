"""Prometheus accepts the alert rules, and they fire when they should: promtool runs their tests."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from devstack.testing.report import PROMTOOL, leave_out

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "alerts"
RULES = sorted(FOLDER.glob("*.yaml"))
TESTS = sorted((FOLDER / "tests").glob("*_test.yaml"))


@pytest.fixture
def promtool() -> str:
    """The path of Prometheus's own tool; no server is started."""
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
def test_prometheus_accepts_the_rules(promtool: str, page: Path) -> None:
    assert "rules found" in run(promtool, "check", "rules", page.name)


@pytest.mark.parametrize("page", TESTS, ids=lambda page: page.name)
def test_the_rules_fire_only_when_they_should(promtool: str, page: Path) -> None:
    assert "SUCCESS" in run(promtool, "test", "rules", f"tests/{page.name}")


def test_every_alert_has_a_test() -> None:
    assert len(RULES) == len(TESTS) == 2
    assert alerts_in(TESTS) == alerts_in(RULES)


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
        ('{group="enrollment"}))\n        for: 5m', '{group="enrollment"}))'),
        ('absent(messaging_group_stalled_partitions{group="enrollment"})', "absent(up)"),
        ('absent(messaging_group_stalled_partitions{group="checkout"})', "absent(messaging_group_lag)"),
        (
            'absent(messaging_group_stalled_partitions{group="reporting"})',
            "absent(messaging_group_stalled_partitions)",
        ),
        ("max(absent(checkout_mismatches_open)", "(absent(checkout_mismatches_open)"),
        ("(messaging_stalled_partitions) > 0\n        for: 1m", "(messaging_stalled_partitions) > 0"),
        ("sum by (group) (messaging_stalled_partitions)", "max by (group) (messaging_stalled_partitions)"),
        ("(messaging_stalled_partitions) > 0", '(messaging_stalled_partitions{group!="enrollment"}) > 0'),
        ("max by (group) (messaging_group_stalled", "sum by (group) (messaging_group_stalled"),
        (
            'reason="no-progress"}[2m])) > 0)\n        for: 5m',
            'reason="no-progress"}[2m])) > 0)',
        ),
        ("            max by (group) (min_over_time(messaging_paused[2m])) == 1\n            or ", " " * 12),
        ("            or max by (group) (messaging_halted) == 1\n", ""),
        (
            "\n            or sum by (group) (min_over_time(messaging_stalled_partitions"
            '{reason="no-progress"}[2m])) > 0)',
            ")",
        ),
        ('{reason="no-progress"}[2m]', "[2m]"),
        ("increase(messaging_stalls_total[15m])) >= 3", "increase(messaging_stalls_total[15m])) >= 6"),
        ("sum by (group) (increase(messaging_stalls", "max by (group) (increase(messaging_stalls"),
        ("min_over_time(messaging_paused[2m])", "messaging_paused"),
        (
            'min_over_time(messaging_stalled_partitions{reason="no-progress"}[2m])',
            "messaging_stalled_partitions",
        ),
        ("unless on (group) (", "unless on () ("),
        ('absent(messaging_needs_derivation{owner="money_key"})', "absent(messaging_needs_derivation)"),
    ],
)
def test_the_tests_detect_a_mutant_of_a_rule(promtool: str, tmp_path: Path, rule: str, mutant: str) -> None:
    [page] = [page for page in RULES if rule in page.read_text(encoding="utf-8")]
    text = page.read_text(encoding="utf-8")
    original, mutated = alerts_of(text), alerts_of(text.replace(rule, mutant))
    changed = {name for name, rules in original.items() if mutated[name] != rules}
    assert changed
    tested = load((FOLDER / "tests" / f"{page.stem}_test.yaml").read_text(encoding="utf-8"))
    # The other alerts of the files would run, too, at ten times the cost.
    for case in tested["tests"]:
        case["alert_rule_test"] = [step for step in case["alert_rule_test"] if step["alertname"] in changed]
    tested["tests"] = [case for case in tested["tests"] if case["alert_rule_test"]]
    tested["rule_files"] = ["rules.yaml"]
    (tmp_path / "test.yaml").write_text(yaml.safe_dump(tested), encoding="utf-8")

    def play(alerts: dict[str, list[Any]]) -> tuple[int, str]:
        group = {"name": "some", "rules": [rule for name in sorted(changed) for rule in alerts[name]]}
        (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [group]}), encoding="utf-8")
        command = [promtool, "test", "rules", str(tmp_path / "test.yaml")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        return done.returncode, done.stdout + done.stderr

    code, said = play(original)
    assert code == 0, said
    code, _ = play(mutated)
    assert code == 1, "the mutant survived"


def alerts_of(text: str) -> dict[str, list[Any]]:
    """The rules of a file, by the name of the alert that they raise."""
    found: dict[str, list[Any]] = {}
    for group in load(text)["groups"]:
        for rule in group["rules"]:
            found.setdefault(rule["alert"], []).append(rule)
    return found


def load(text: str) -> Any:
    """Read YAML without types: `0x6` is a number in Python, and seven zeros in Prometheus."""
    return yaml.load(text, Loader=yaml.BaseLoader)
