"""Messages of purchases and refunds, as checkout and webhook-ingest would publish them.

Each purchase is its order and four Stripe events of about 3 KB. One in sixteen is refunded, so about 5 % of
the events are refunds. The events have realistic times, at 50 purchases per second, and are shuffled within a
minute.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from bench.events import SESSION
from messaging.message import OutgoingMessage
from schemas.topics import stripe_topic

PURCHASES_PER_SECOND = 50
SHUFFLED_SECONDS = 60
REFUNDED = 16  # one in this many purchases

MakeSequence = Callable[[int, str, datetime], Iterator[OutgoingMessage]]
"""Maps number, key and start time of a sequence to its messages."""

_INTENT = {
    "object": "payment_intent",
    "amount": 4900,
    "currency": "eur",
    "payment_method_options": {"card": {"request_three_d_secure": "automatic", "network": None}},
    "shipping": {"address": {"city": "Hamburg", "country": "DE", "line1": "Hafenstraße 12"}, "name": "E. M."},
    "description": "An order of courses, with the other data that Stripe sends with a payment. " * 35,
}
_CHARGE = {
    **_INTENT,
    "object": "charge",
    "amount_captured": 4900,
    "captured": True,
    "paid": True,
    "status": "succeeded",
    "payment_method_details": {"card": {"brand": "visa", "country": "DE", "last4": "4242"}, "type": "card"},
    "billing_details": {"address": {"country": "DE"}, "email": "buyer@example.com", "name": "E. M."},
}


def messages(purchases: int, seed: int = 7) -> list[OutgoingMessage]:
    """Return the messages of the purchases in order of arrival. Ids are new in every call."""
    return shuffled(purchases, lambda number, key, at: purchase(key, at, number % REFUNDED == 0), seed)


def shuffled(sequences: int, make: MakeSequence, seed: int = 7) -> list[OutgoingMessage]:
    """Return the messages of the sequences in order of arrival; `PURCHASES_PER_SECOND` begin per second."""
    shuffle, run = random.Random(seed), os.urandom(4).hex()
    started = datetime.now(UTC) - timedelta(seconds=sequences / PURCHASES_PER_SECOND)
    arriving: list[tuple[float, OutgoingMessage]] = []
    for number in range(sequences):
        at = started + timedelta(seconds=number / PURCHASES_PER_SECOND)
        for message in make(number, f"{run}{number:08d}", at):
            arriving.append((message.time.timestamp() + shuffle.random() * SHUFFLED_SECONDS, message))
    arriving.sort(key=lambda pair: pair[0])
    return [message for _, message in arriving]


def purchase(key: str, at: datetime, refunded: bool = False) -> Iterator[OutgoingMessage]:
    """Return the messages of one purchase that began `at`, its order first. `key` makes its ids unique."""
    ours = ids(key)
    intent = {**_INTENT, "id": f"pi_{key}", "metadata": ours, "latest_charge": f"ch_{key}"}
    yield order(key, at)
    yield stripe_message(key, 1, "payment_intent.created", at, intent | {"status": "requires_payment_method"})
    yield stripe_message(
        key, 2, "payment_intent.succeeded", at, intent | {"status": "succeeded", "amount_received": 4900}
    )
    charge = {**_CHARGE, "id": f"ch_{key}", "payment_intent": f"pi_{key}", "metadata": ours}
    yield stripe_message(key, 2, "charge.succeeded", at, charge)
    session = {**SESSION, "id": f"cs_{key}", "payment_intent": f"pi_{key}", "metadata": ours}
    session |= {"client_reference_id": ours["order_id"], "customer": f"cus_{key}"}
    yield stripe_message(key, 2, "checkout.session.completed", at, session)
    if refunded:
        refund = {"object": "refund", "id": f"re_{key}", "amount": 4900, "currency": "eur", "metadata": {}}
        refund |= {"charge": f"ch_{key}", "payment_intent": f"pi_{key}"}
        yield stripe_message(key, 30, "refund.created", at, refund | {"status": "pending"})
        yield stripe_message(key, 32, "refund.updated", at, refund | {"status": "succeeded"})
        back = charge | {"refunded": True, "amount_refunded": 4900}
        yield stripe_message(key, 32, "charge.refunded", at, back)


def ids(key: str) -> dict[str, str]:
    """Return order and user id of a sequence: random like ours, so inserts hit all parts of an index."""
    digest = hashlib.sha1(key.encode()).hexdigest()
    return {"order_id": f"ord_{digest[:24]}", "user_id": f"usr_{digest[24:36]}"}


def order(key: str, at: datetime, plan_id: str | None = None) -> OutgoingMessage:
    """Return the announcement of an order of a course or a plan."""
    course_id = None if plan_id else f"course_{int(key[-4:]) % 200}"
    line = {
        "line_id": f"line_{key}",
        "kind": "plan" if plan_id else "course",
        "course_id": course_id,
        "plan_id": plan_id,
        "category": "programming",
        "title": "Python for analysts",
        "list_amount": 4900,
    }
    body = {
        **ids(key),
        "email": f"buyer-{key}@example.com",
        "country": "DE",
        "currency": "eur",
        "terms": {"version": "1", "accepted_at": at.isoformat()},
        "amount_total": 4900,
        "lines": [line],
    }
    return _message("orders", f"placed-{key}", "masterji.order.placed.v1", at, key, body)


def stripe_message(key: str, after: float, type_: str, at: datetime, obj: dict[str, Any]) -> OutgoingMessage:
    """Return a Stripe event, `after` seconds into the sequence of `key`."""
    moment = (at + timedelta(seconds=after)).replace(microsecond=0)
    body = {
        "id": f"evt_{key}_{type_}",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": int(moment.timestamp()),
        "data": {"object": obj},
        "livemode": False,
        "type": type_,
    }
    return _message(stripe_topic(type_), body["id"], type_, moment, key, body)


def _message(topic: str, id_: Any, type_: str, at: datetime, key: str, body: Any) -> OutgoingMessage:
    return OutgoingMessage(topic, key, id_, type_, "bench", at, json.dumps(body).encode())


def publish(bootstrap: str, batch: Sequence[OutgoingMessage]) -> None:
    """Publish the messages, and return once the broker has acknowledged all of them."""
    failed: list[str] = []
    producer = Producer({"bootstrap.servers": bootstrap, "compression.type": "lz4", "linger.ms": 20})
    for message in batch:
        while True:
            try:
                producer.produce(
                    message.topic,
                    message.value,
                    key=message.key,
                    headers=message.kafka_headers(),
                    on_delivery=lambda error, _: failed.append(str(error)) if error else None,
                )
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    if producer.flush(60) or failed:
        raise RuntimeError(f"the broker did not accept every message: {failed[:1]}")


def skip_to_end(bootstrap: str, group: str, topics: Sequence[str]) -> None:
    """Set the group's offsets behind the messages that other benchmarks left in these topics."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False})
    try:
        known = consumer.list_topics(timeout=10).topics
        places = [TopicPartition(topic, number) for topic in topics for number in known[topic].partitions]
        deadline = time.monotonic() + 60
        while True:
            try:
                for place in places:
                    place.offset = consumer.get_watermark_offsets(place, timeout=10)[1]
                consumer.commit(offsets=places, asynchronous=False)
                return
            except KafkaException:
                # A new topic has no leader yet, or the consumer of the previous run has not left the group.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
    finally:
        consumer.close()
