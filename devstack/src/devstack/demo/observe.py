"""What must be seen after a payment, each as a question that is asked until it is answered."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from confluent_kafka import Consumer, TopicPartition

from devstack.client import StackClient, User

Answer = str | None
"""What was seen, in words; None: not yet."""


@dataclass(frozen=True)
class Purchase:
    """What is being followed."""

    user: User
    course_id: str
    currency: str
    order_id: str
    event_ids: Sequence[str]
    orders_before: int


@dataclass(frozen=True)
class Question:
    """One step: its name and how it is looked for."""

    name: str
    look: Callable[[], Answer]


def questions(client: StackClient, purchase: Purchase, in_topic: Callable[[], Answer]) -> list[Question]:
    """Everything that a purchase must bring about."""
    user = purchase.user
    return [
        Question("webhooks answered", lambda: _webhooks(client, purchase)),
        Question("event in Kafka", in_topic),
        Question("order paid", lambda: _order(client, purchase)),
        Question("access granted", lambda: _access(client, purchase)),
        Question("mail sent", lambda: _mail(client, user)),
        Question("sale in the report", lambda: _sale(client, purchase)),
    ]


def _webhooks(client: StackClient, purchase: Purchase) -> Answer:
    answered = 0
    for event in purchase.event_ids:
        if not any(delivery["state"] == "delivered" for delivery in client.deliveries(event=event)):
            return None
        answered += 1
    return f"{answered} signed events, each answered 2xx"


def _order(client: StackClient, purchase: Purchase) -> Answer:
    order = client.order(purchase.user, purchase.order_id)
    return f"{order['order_id']} is {order['state']}" if order["state"] == "paid" else None


def _access(client: StackClient, purchase: Purchase) -> Answer:
    access = client.access(purchase.user, purchase.course_id)
    return f"{purchase.user.id} may learn {purchase.course_id}" if access["access"] else None


def _mail(client: StackClient, user: User) -> Answer:
    mails = client.mails(user.email)
    return f"“{mails[0]['subject']}” to {user.email}" if mails else None


def _sale(client: StackClient, purchase: Purchase) -> Answer:
    report = client.sales(purchase.currency)
    orders = orders_in(report)
    if orders <= purchase.orders_before:
        return None
    net = sum(row["net"] for row in report["rows"])
    return f"{orders} orders, net {net} ({purchase.currency}, minor units) in the last 30 days"


def orders_in(report: dict[str, Any]) -> int:
    """Orders over all rows of a sales report."""
    return sum(int(row["orders"]) for row in report["rows"])


def ask(question: Question, seconds: float, stop: Callable[[], bool]) -> Answer:
    """Ask until there is an answer, the time is over or `stop()` says so."""
    deadline = time.monotonic() + seconds
    while not stop() and time.monotonic() < deadline:
        try:
            answer = question.look()
        except httpx.HTTPError:
            answer = None  # not there yet; the deadline decides
        if answer is not None:
            return answer
        time.sleep(0.01)
    return None


class TopicReader:
    """Looks for one event in a topic, from where the topic ended before the payment."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._topic = topic
        self._wanted: str | None = None
        self._consumer = Consumer(
            {"bootstrap.servers": bootstrap, "group.id": "masterji-demo", "enable.auto.commit": False}
        )
        partitions = self._consumer.list_topics(topic, timeout=10).topics[topic].partitions
        starts = []
        for number in partitions:
            _, end = self._consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=10)
            starts.append(TopicPartition(topic, number, end))
        self._consumer.assign(starts)

    def look_for(self, event_id: str) -> Callable[[], Answer]:
        """A question for this event."""

        def look() -> Answer:
            message = self._consumer.poll(0.05)
            if message is None or message.error() is not None:
                return None
            headers = dict(message.headers() or [])
            if headers.get("ce_id") != event_id.encode():
                return None
            return f"{event_id} at {self._topic}/{message.partition()}/{message.offset()}"

        return look

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()
