"""From messages on Kafka through the consumer and senders to a mail server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from confluent_kafka import Producer
from notifications_service import Service, SmtpServer
from notifications_story import Story

from messaging.message import Message, OutgoingMessage
from messaging.runtime.runner import ConsumerRunner
from messaging.settings import KafkaSettings
from processkit.health import Health


def outgoing(message: Message, topic: str) -> OutgoingMessage:
    return OutgoingMessage(
        topic, "key", message.id, message.type, message.source, message.time, message.value
    )


def test_every_buyer_receives_one_receipt(
    service: Service,
    smtp: SmtpServer,
    new_story: Callable[..., Story],
    make_topic: Callable[..., str],
    kafka_bootstrap: str,
) -> None:
    topic, dead_letters = make_topic(partitions=3), make_topic()
    producer = Producer({"bootstrap.servers": kafka_bootstrap})
    messages = []
    for number in range(25):
        story = new_story(f"ord_{number}")
        story.placed(email=f"user{number}@example.com")
        story.session()
        messages += story.messages
    # Everything twice, sessions mostly before their orders, spread over partitions.
    for place, message in enumerate([*reversed(messages), *messages]):
        sent = outgoing(message, topic)
        producer.produce(topic, sent.value, key=str(place % 5), headers=sent.kafka_headers())
    assert producer.flush(30) == 0
    health, stop = Health(), threading.Event()
    runner = ConsumerRunner(
        kafka=KafkaSettings(bootstrap_servers=kafka_bootstrap),
        group_id=f"notifications-{topic}",
        topics=[topic],
        dead_letter_topic=dead_letters,
        handler=service.handler,
        dsn=service.dsn,
        health=health,
    )
    workers = [
        runner.run,
        *(service.sender(smtp.mailer(), health=health, name=f"s{n}").run for n in range(2)),
    ]
    threads = [threading.Thread(target=work, args=(stop,)) for work in workers]
    for thread in threads:
        thread.start()
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and len(smtp.received) < 25:
            stop.wait(0.1)
        while time.monotonic() < deadline and not consumed(service, 50):
            stop.wait(0.1)
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=20)

    assert not any(thread.is_alive() for thread in threads)
    assert sorted(mail["To"] for mail in smtp.received) == sorted(f"user{n}@example.com" for n in range(25))
    assert {row["state"] for row in service.deliveries()} == {"sent"}


def consumed(service: Service, events: int) -> bool:
    with service.database.transaction() as tx:
        [count] = tx.execute("select count(*) from events").fetchone()
    return bool(count == events)
