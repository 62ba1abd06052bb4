"""Rules read typed facts: no module of a service's domain uses `Any`, alone or inside another type."""

import ast
from pathlib import Path

import pytest

SERVICES = Path(__file__).resolve().parents[2] / "services"
DOMAINS = sorted(SERVICES.glob("*/src/*/domain"))


def uses_any(module: Path) -> bool:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return any(
        (isinstance(node, ast.ImportFrom) and any(name.name == "Any" for name in node.names))
        or (isinstance(node, ast.Attribute) and node.attr == "Any")
        for node in ast.walk(tree)
    )


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.parent.name)
def test_rules_use_no_untyped_values(domain: Path) -> None:
    modules = list(domain.rglob("*.py"))
    assert modules
    found = {str(module.relative_to(domain.parents[1])) for module in modules if uses_any(module)}
    assert found == set()
