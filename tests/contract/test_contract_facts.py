"""Rules read typed facts, which a service takes only from messages that keep their contract.

No module of a service's domain uses `Any`, alone or inside another type.
"""

import ast
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import checkout.facts
import enrollment.facts
import notifications.facts
import reporting.facts
from messaging.errors import Poison
from messaging.message import Message

SERVICES = Path(__file__).resolve().parents[2] / "services"
DOMAINS = sorted(SERVICES.glob("*/src/*/domain"))
READERS: dict[str, Callable[[Message], object]] = {
    "checkout": checkout.facts.event_of,
    "enrollment": enrollment.facts.event_of,
    "notifications": notifications.facts.event_of,
    "reporting": reporting.facts.event_of,
}
BROKEN = [b"", b"[]", b"null", b"{}", b"\xff", b'{"id": "evt_1"}']
READ_TYPES = {
    "checkout": ["checkout.session.completed", "refund.updated", "masterji.enrollment.changed.v1"],
    "enrollment": ["checkout.session.completed", "refund.updated", "masterji.order.placed.v1"],
    "notifications": ["checkout.session.completed", "refund.updated", "masterji.order.placed.v1"],
    "reporting": ["checkout.session.completed", "refund.updated", "masterji.order.placed.v1"],
}
IGNORED = {
    "notifications": ["payment_intent.created", "charge.failed", "checkout.session.expired"],
    "reporting": ["payment_intent.created", "charge.failed", "checkout.session.expired"],
}


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


def message(event_type: str, value: bytes) -> Message:
    topic = "orders" if event_type.startswith("masterji.") else "stripe.other"
    return Message(topic, 0, 0, None, value, "evt_1", event_type, "test", datetime(2026, 3, 1, tzinfo=UTC))


@pytest.mark.parametrize("value", BROKEN)
@pytest.mark.parametrize(
    ("service", "event_type"), [(service, name) for service, names in READ_TYPES.items() for name in names]
)
def test_a_message_that_breaks_its_contract_is_poison(service: str, event_type: str, value: bytes) -> None:
    with pytest.raises(Poison):
        READERS[service](message(event_type, value))


@pytest.mark.parametrize(
    ("service", "event_type"),
    [(service, name) for service, names in IGNORED.items() for name in (*names, "masterji.new.v7")],
)
def test_types_that_a_service_does_not_need_are_not_even_decoded(service: str, event_type: str) -> None:
    assert READERS[service](message(event_type, b"not even JSON")) is None
