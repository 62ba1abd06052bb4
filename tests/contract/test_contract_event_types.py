"""The event types that a webhook endpoint must send are those that the services act on."""

import ast
from collections.abc import Iterator
from pathlib import Path

import notifications.domain.facts
import reporting.domain.facts
from enrollment.domain.kinds import Kind, kind_of
from schemas.stripe.needed import NEEDED_TYPES
from stripe_sandbox.core.event_types import EVENT_TYPES

SERVICES = Path(__file__).resolve().parents[2] / "services"
NOT_NEEDED = {"payment_intent.created"}
"""Named in a service because it is ignored there."""


def named_types() -> Iterator[str]:
    """The types of Stripe that the services' code names."""
    for module in SERVICES.glob("*/src/**/*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in EVENT_TYPES:
                yield str(node.value)


def test_stripe_has_each_needed_type() -> None:
    assert set(NEEDED_TYPES) <= EVENT_TYPES


def test_a_type_that_a_service_names_is_needed() -> None:
    named = set(named_types())
    assert len(named) > 10
    assert named - set(NEEDED_TYPES) == NOT_NEEDED


def test_a_type_that_a_service_stores_facts_of_is_needed() -> None:
    stored = {*notifications.domain.facts.FACTS_OF, *reporting.domain.facts.FACTS_OF}
    of_stripe = {name for name in stored if not name.startswith("masterji.") and not name.endswith(".reread")}
    assert of_stripe <= set(NEEDED_TYPES)


def test_the_needed_types_cover_each_kind_of_object_that_access_depends_on() -> None:
    ours = {
        Kind.ORDER,
        Kind.ORDER_EXPIRED,
        Kind.ORDER_REVOKED,
        Kind.PAYMENT_ACCEPTED,
        Kind.DECISION,
        Kind.OTHER,
    }
    assert {kind_of(event_type) for event_type in NEEDED_TYPES} == set(Kind) - ours
