"""The worked example in docs/architecture.md, step by step and in all 24 orders of arrival."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import psycopg
import pytest

from enrollment import handlers
from enrollment.domain import Policy
from enrollment.usecases.deriving import derivation
from messaging.message import Message
from messaging.runtime.deriving import DerivingHandler

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
NOON = int(datetime(2026, 11, 23, 12, 0, tzinfo=UTC).timestamp())
MIGRATIONS = Path(__file__).resolve().parents[2] / "services" / "enrollment" / "migrations"

MONEY = {"currency": "eur", "amount": 4900}


def stripe(name: str, event_type: str, seconds: int, obj: dict[str, Any]) -> Message:
    body = {"id": name, "type": event_type, "created": NOON + seconds, "data": {"object": obj}}
    return message(event_type, "stripe", name, seconds, body)


def message(event_type: str, topic: str, name: str, seconds: int, body: dict[str, Any]) -> Message:
    return Message(
        topic=topic,
        partition=0,
        offset=0,
        key=None,
        value=json.dumps(body).encode(),
        id=name,
        type=event_type,
        source="test",
        time=datetime.fromtimestamp(NOON + seconds, UTC),
        traceparent=None,
        headers={},
    )


def example(n: str) -> dict[str, Message]:
    """The four messages of the example, with unique ids."""
    meta = {"order_id": f"ord_{n}", "user_id": f"usr_{n}"}
    order = {
        **meta,
        "email": "asha@example.org",
        "currency": "eur",
        "terms": {"version": "1", "accepted_at": "2026-11-23T12:00:00Z"},
        "session_id": f"cs_{n}",
        "amount_total": 4900,
        "lines": [
            {"line_id": "l1", "kind": "course", "course_id": "c1", "title": "Sitar", "list_amount": 4900}
        ],
    }
    intent = {
        "object": "payment_intent",
        "id": f"pi_{n}",
        "status": "succeeded",
        "latest_charge": f"ch_{n}",
        "metadata": meta,
        **MONEY,
    }
    session = {
        "object": "checkout.session",
        "id": f"cs_{n}",
        "status": "complete",
        "payment_status": "paid",
        "amount_total": 4900,
        "currency": "eur",
        "payment_intent": f"pi_{n}",
        "metadata": meta,
    }
    refund = {
        "object": "refund",
        "id": f"re_{n}",
        "status": "succeeded",
        "charge": f"ch_{n}",
        "payment_intent": f"pi_{n}",
        **MONEY,
    }
    return {
        "P": message("masterji.order.placed.v1", "orders", f"evt_p_{n}", 0, order),
        "C": stripe(f"evt_c_{n}", "payment_intent.succeeded", 100, intent),
        "S": stripe(f"evt_s_{n}", "checkout.session.completed", 101, session),
        "R": stripe(f"evt_r_{n}", "refund.created", 540, refund),
    }


@pytest.fixture
def database(make_database: Callable[..., str]) -> Iterable[psycopg.Connection[Any]]:
    with psycopg.connect(make_database(MIGRATIONS), autocommit=True) as connection:
        yield connection


@pytest.fixture
def handler() -> DerivingHandler:
    return handlers.handler(derivation(Policy(), lambda: NOW))


def arrive(database: psycopg.Connection[Any], handler: DerivingHandler, arriving: Message) -> None:
    event = handler.decode(arriving)
    assert event is not None
    with database.transaction():
        handler.record(database, [event])
    with database.transaction():
        handler.derive(database, [event])


def grants(database: psycopg.Connection[Any], n: str) -> list[tuple[Any, ...]]:
    query = "select course_id, state, since from grants where user_id = %s"
    return database.execute(query, (f"usr_{n}",)).fetchall()


def test_a_refund_that_arrives_before_its_payment_ends_in_a_revoked_grant(
    database: psycopg.Connection[Any], handler: DerivingHandler
) -> None:
    messages = example("7")
    for name in "RPC":
        arrive(database, handler, messages[name])
        assert grants(database, "7") == []
    arrive(database, handler, messages["S"])
    assert grants(database, "7") == [("c1", "revoked", datetime(2026, 11, 23, 12, 1, 41, tzinfo=UTC))]


def test_every_order_of_arrival_ends_in_the_same_revoked_grant(
    database: psycopg.Connection[Any], handler: DerivingHandler
) -> None:
    for number, order in enumerate(permutations("PCSR")):
        messages, seen = example(str(number)), set()
        for name in order:
            for _ in range(2):  # each message twice: Stripe delivers events twice
                arrive(database, handler, messages[name])
            seen |= {state for _, state, _ in grants(database, str(number))}
        assert [(course, state) for course, state, _ in grants(database, str(number))] == [("c1", "revoked")]
        knew_of_the_refund_first = order.index("R") < max(order.index("S"), order.index("P"))
        assert seen == ({"revoked"} if knew_of_the_refund_first else {"active", "revoked"})
