"""Through real Kafka: events and announcements reach the shop; nonsense becomes a dead letter."""

import json
import threading
import time
from typing import Any

import pytest
from checkout_shop import Shop
from confluent_kafka import Consumer

from checkout.handlers import TOPICS, CheckoutHandler
from messaging.message import OutgoingMessage
from messaging.producer import create_producer
from messaging.runtime.runner import ConsumerRunner
from messaging.settings import KafkaSettings
from processkit.health import Health
from schemas.topics import TOPICS as ALL_TOPICS
from schemas.topics import stripe_topic


@pytest.fixture
def log(shop: Shop, make_topic: Any, kafka_bootstrap: str) -> Any:
    """The consumer at work on topics of its own; gives a function that publishes."""
    names = {name: make_topic(3, name=name) for name in TOPICS}
    dead = make_topic(1, name="checkout.dlq")
    kafka = KafkaSettings(bootstrap_servers=kafka_bootstrap)
    runner = ConsumerRunner(
        kafka=kafka,
        group_id=f"checkout-{names['enrollments']}",
        topics=list(names.values()),
        dead_letter_topic=dead,
        handler=CheckoutHandler(shop.clock),
        dsn=shop.dsn,
        health=Health(),
    )
    stop = threading.Event()
    thread = threading.Thread(target=runner.run, args=(stop,))
    thread.start()
    producer = create_producer(kafka, "checkout-test")

    def publish(topic: str, id_: str, type_: str, value: bytes) -> None:
        message = OutgoingMessage(names[topic], id_, id_, type_, "test", shop.clock(), value)
        producer.produce(message.topic, value, message.key, headers=message.kafka_headers())
        assert producer.flush(20) == 0

    publish.dead = dead  # type: ignore[attr-defined]
    try:
        yield publish
    finally:
        stop.set()
        thread.join(30)


def until(answers: Any, what: str, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not answers():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def test_what_the_log_says_reaches_the_shop(shop: Shop, log: Any, kafka_bootstrap: str) -> None:
    handed = shop.buy().json()
    shop.stripe.pay(handed["session_id"])
    log("stripe.refunds", "evt_garbage", "refund.created", b"{")
    for event in reversed(shop.stripe.events()):
        log(stripe_topic(event["type"]), event["id"], event["type"], json.dumps(event).encode())
    until(lambda: shop.order(handed["order_id"])["state"] == "paid", "the order was not paid")
    change = {"user_id": "usr_ben", "course_id": "ragas", "access": True, "state": "active", "version": 5}
    log("enrollments", "enr-1", "masterji.enrollment.changed.v1", json.dumps(change).encode())
    until(lambda: shop.buy("usr_ben").status_code == 409, "the announcement was not applied")
    assert _dead_letters(kafka_bootstrap, log.dead, 1) == {"evt_garbage"}


def test_announcements_that_are_repeated_and_late_change_nothing(
    shop: Shop, log: Any, kafka_bootstrap: str
) -> None:
    """As after a crash of enrollment's relay, or of this consumer before its offsets were committed."""
    order_id = shop.buy().json()["order_id"]
    changed, doubled = "masterji.enrollment.changed.v1", "masterji.enrollment.duplicate_detected.v1"
    change = {"user_id": "usr_ben", "course_id": "ragas", "access": True, "state": "active", "version": 5}
    duplicate = {
        "user_id": "usr_asha",
        "course_id": "ragas",
        "order_id": order_id,
        "first_order_id": "ord_0",
        "detected_at": "2026-11-02T12:00:00Z",
        "version": 5,
    }
    older = {"state": "revoked", "access": False, "first_order_id": "ord_older", "version": 4}
    for _ in range(3):
        for number, body in enumerate((change, change | older)):
            log("enrollments", f"enr-{number}", changed, json.dumps(body).encode())
        for number, body in enumerate((duplicate, duplicate | older)):
            log("enrollments", f"dup-{number}", doubled, json.dumps(body).encode())
    log("enrollments", "dup-garbage", doubled, b"{}")
    assert _dead_letters(kafka_bootstrap, log.dead, 1) == {"dup-garbage"}
    until(lambda: len(shop.rows("select from enrollments")) == 1, "the change was not applied")
    until(lambda: len(shop.rows("select from duplicates")) == 1, "the duplicate was not noted")
    last = {"user_id": "usr_cai", "course_id": "ragas", "access": True, "state": "active", "version": 1}
    for number in range(30):  # on every partition, behind all others
        log("enrollments", f"enr-last-{number}", changed, json.dumps(last | {"version": number + 1}).encode())
    until(
        lambda: shop.rows("select version from enrollments where user_id = 'usr_cai'") == [{"version": 30}],
        "the end was not reached",
    )
    (known,) = shop.rows("select access, version from enrollments where user_id = 'usr_ben'")
    assert (known["access"], known["version"]) == (True, 5)
    (noted,) = shop.rows("select first_order_id, version from duplicates")
    assert (noted["first_order_id"], noted["version"]) == ("ord_0", 5)
    assert [row["status"] for row in shop.rows("select status from refunds")] == ["planned"]


def _dead_letters(bootstrap: str, topic: str, count: int) -> set[str]:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    try:
        found: list[str] = []
        until(lambda: len(found) >= count or _take(consumer, found), "no dead letter came")
        until(lambda: not _take(consumer, found), "more and more dead letters")
        return set(found)
    finally:
        consumer.close()


def _take(consumer: Consumer, found: list[str]) -> bool:
    record = consumer.poll(0.5)
    if record is None or record.error():
        return False
    found.append(dict(record.headers() or [])["ce_id"].decode())
    return True


def test_the_table_of_topics_knows_what_checkout_reads() -> None:
    for topic in TOPICS:
        assert "checkout" in ALL_TOPICS[topic].consumers
