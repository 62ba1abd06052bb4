"""Messages of Stripe and checkout on a real Kafka, two consumers at the same time, and the report."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from confluent_kafka import Consumer, Producer
from reporting_service import Caller, Service

from messaging.message import OutgoingMessage
from messaging.runtime.runner import ConsumerRunner
from messaging.settings import KafkaSettings
from processkit.health import Health

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def order(order_id: str) -> OutgoingMessage:
    body = {
        "order_id": order_id,
        "user_id": "user_1",
        "email": "asha@example.com",
        "country": "IN",
        "currency": "inr",
        "terms": {"version": "1", "accepted_at": START.isoformat()},
        "amount_total": 90000,
        "lines": [
            {"line_id": "l1", "kind": "course", "course_id": "sitar", "category": "music", "title": "Sitar",
             "list_amount": 100000, "discount_amount": 10000}
        ],
    }  # fmt: skip
    return message("orders", f"placed_{order_id}", "masterji.order.placed.v1", START, body)


def stripe(topic: str, event_id: str, type_: str, minutes: float, obj: dict[str, Any]) -> OutgoingMessage:
    moment = START + timedelta(minutes=minutes)
    body = {
        "id": event_id, "object": "event", "type": type_, "created": int(moment.timestamp()),
        "livemode": False, "api_version": "2026-10-28.endive", "data": {"object": obj},
    }  # fmt: skip
    return message(topic, event_id, type_, moment, body)


def message(topic: str, event_id: str, type_: str, moment: datetime, body: dict[str, Any]) -> OutgoingMessage:
    return OutgoingMessage(topic, "key", event_id, type_, "test", moment, json.dumps(body).encode())


def purchase(order_id: str) -> list[OutgoingMessage]:
    ours = {"order_id": order_id, "user_id": "user_1"}
    return [
        stripe("stripe.refunds", f"evt_r_{order_id}", "refund.created", 90,
               {"id": f"re_{order_id}", "object": "refund", "amount": 30000, "currency": "inr",
                "status": "succeeded", "payment_intent": f"pi_{order_id}", "metadata": {}}),
        stripe("stripe.checkout", f"evt_s_{order_id}", "checkout.session.completed", 2,
               {"id": f"cs_{order_id}", "object": "checkout.session", "mode": "payment", "status": "complete",
                "payment_status": "paid", "amount_total": 90000, "currency": "inr",
                "payment_intent": f"pi_{order_id}", "client_reference_id": order_id, "metadata": ours}),
        stripe("stripe.payments", f"evt_c_{order_id}", "charge.succeeded", 1,
               {"id": f"ch_{order_id}", "object": "charge", "amount": 90000, "amount_captured": 90000,
                "captured": True, "paid": True, "currency": "inr", "status": "succeeded",
                "payment_intent": f"pi_{order_id}", "metadata": ours}),
        stripe("stripe.payments", f"evt_p_{order_id}", "payment_intent.succeeded", 1,
               {"id": f"pi_{order_id}", "object": "payment_intent", "amount": 90000, "amount_received": 90000,
                "currency": "inr", "status": "succeeded", "metadata": ours}),
        order(order_id),
    ]  # fmt: skip


def first_of(topic: str, bootstrap: str) -> bytes | None:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": topic, "auto.offset.reset": "earliest"})
    try:
        consumer.subscribe([topic])
        record = consumer.poll(30)
        return record.value() if record is not None else None
    finally:
        consumer.close()


def test_two_consumers_book_purchases_and_refunds_and_dead_letter_a_broken_message(
    service: Service, api: Caller, make_topic: Callable[..., str], kafka_bootstrap: str
) -> None:
    topic, dead_letters = make_topic(partitions=3), make_topic()
    stop, healths = threading.Event(), [Health(), Health()]
    threads = [
        threading.Thread(
            target=ConsumerRunner(
                kafka=KafkaSettings(bootstrap_servers=kafka_bootstrap),
                group_id=f"reporting-{topic}",
                topics=[topic],
                dead_letter_topic=dead_letters,
                handler=service.handler,
                dsn=service.dsn,
                health=health,
                batch_size=7,
            ).run,
            args=(stop,),
        )
        for health in healths
    ]
    for thread in threads:
        thread.start()
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not all(health.ready()[0] for health in healths):
            stop.wait(0.05)
        # The second consumer may still be joining, so that a rebalance happens while messages arrive.
        producer = Producer({"bootstrap.servers": kafka_bootstrap})
        messages = [message for number in range(20) for message in purchase(f"ord_{number}")]
        broken = stripe(
            "stripe.refunds", "evt_broken", "refund.created", 1, {"id": "re_x", "object": "refund"}
        )
        for number, outgoing in enumerate([*messages, broken, *messages[:30]]):
            producer.produce(topic, outgoing.value, key=str(number % 7), headers=outgoing.kafka_headers())
        assert producer.flush(30) == 0
        while time.monotonic() < deadline and len(service.lines()) < 40:
            stop.wait(0.1)
        dead_letter = first_of(dead_letters, kafka_bootstrap)
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=20)

    assert not any(thread.is_alive() for thread in threads)
    assert dead_letter == broken.value
    days = {"from": "2026-03-01", "to": "2026-03-01"}
    [day] = api.get("/v1/reports/sales", currency="inr", **days).json()["rows"]
    assert (day["orders"], day["units"], day["gross"], day["discounts"], day["refunds"], day["net"]) == (
        20, 20, 2_000_000, 200_000, 600_000, 1_200_000
    )  # fmt: skip
    assert service.unattributed() == []
    assert service.rows("select count(*) as n from events where type = 'charge.succeeded'") == [{"n": 20}]
