"""Enrollment reads the renewals of the sandbox, whose invoices show ten of their lines, as Stripe's do."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from enrollment_stories import Story
from sandbox_server import Running
from sandbox_stage import DAY, START, Stage

from enrollment.domain import Policy, decide
from enrollment.facts import event_of
from messaging.eventset.event import chronological
from messaging.message import Message
from schemas.topics import stripe_topic


@pytest.fixture
def sandbox() -> Iterator[Running]:
    running = Running()
    yield running
    running.stop()


def message(event: dict[str, Any]) -> Message:
    created = datetime.fromtimestamp(event["created"], UTC)
    kind, value = event["type"], json.dumps(event).encode()
    return Message(stripe_topic(kind), 0, 0, None, value, event["id"], kind, "stripe", created)


def test_a_renewal_whose_invoice_has_twelve_lines_extends_access(sandbox: Running) -> None:
    stage, story = Stage(sandbox), Story()
    story.plan_order("ord_1", currency="usd")
    items: Any = [{"price": stage.monthly}, {"price": stage.price(500)}]
    subscription = stage.subscribe(items=items, metadata=story.ids_of("ord_1"))
    changed = subscription["items"].data[0].id
    for day in range(1, 6):
        stage.advance(START + day * DAY)
        stage.v1.subscription_items.update(changed, {"quantity": 1 + day})
    stage.advance(START + 29 * DAY)

    renewed = stage.v1.subscriptions.retrieve(subscription.id)
    period_end = renewed["items"].data[0].current_period_end
    events = sandbox.receiver.wait_for(len(stage.events()))
    [invoice] = [
        event["data"]["object"]
        for event in events
        if event["type"] == "invoice.paid"
        and event["data"]["object"]["billing_reason"] == "subscription_cycle"
    ]
    assert stage.v1.invoices.line_items.list(invoice["id"], {"limit": 100}).data[11].period.end == period_end
    shown = invoice["lines"]["data"]
    assert len(shown) == 10
    assert {line["period"]["end"] for line in shown} == {invoice["period_end"]}, "those of the period are cut"

    known = [*story.events, *(found for event in events if (found := event_of(message(event))) is not None)]
    now = datetime.fromtimestamp(START + 40 * DAY, UTC)
    policy = Policy()
    decision = decide(story.user, chronological(known), now, policy)
    [grant] = decision.grants
    assert {access.course_id: access.state for access in decision.access} == {"*": "active"}
    assert grant.until == datetime.fromtimestamp(period_end, UTC) + policy.grace
