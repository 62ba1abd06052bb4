"""The effects of a payment that the demo checks. Each check is repeated until it succeeds."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from confluent_kafka import Consumer, TopicPartition

from devstack.client import StackClient, User

Result = str | None
"""A description of what was observed; None: not yet."""


@dataclass(frozen=True)
class Purchase:
    """The purchase that is observed."""

    user: User
    course_id: str
    currency: str
    order_id: str
    event_ids: Sequence[str]
    orders_before: int


@dataclass(frozen=True)
class Check:
    """One step: its name, and the function that looks for it."""

    name: str
    look: Callable[[], Result]


def checks(client: StackClient, purchase: Purchase, in_topic: Callable[[], Result]) -> list[Check]:
    """Return a check for each effect of a purchase."""
    user = purchase.user
    return [
        Check("webhooks answered", lambda: _webhooks(client, purchase)),
        Check("event in Kafka", in_topic),
        Check("order paid", lambda: _order(client, purchase)),
        Check("access granted", lambda: _access(client, purchase)),
        Check("mail sent", lambda: _mail(client, user)),
        Check("sale in the report", lambda: _sale(client, purchase)),
    ]


def _webhooks(client: StackClient, purchase: Purchase) -> Result:
    answered = 0
    for event in purchase.event_ids:
        if not any(delivery["state"] == "delivered" for delivery in client.deliveries(event=event)):
            return None
        answered += 1
    return f"{answered} signed events, all answered 2xx"


def _order(client: StackClient, purchase: Purchase) -> Result:
    order = client.order(purchase.user, purchase.order_id)
    return f"{order['order_id']} is {order['state']}" if order["state"] == "paid" else None


def _access(client: StackClient, purchase: Purchase) -> Result:
    access = client.access(purchase.user, purchase.course_id)
    return f"{purchase.user.id} has access to {purchase.course_id}" if access["access"] else None


def _mail(client: StackClient, user: User) -> Result:
    mails = client.mails(user.email)
    return f"“{mails[0]['subject']}” to {user.email}" if mails else None


def _sale(client: StackClient, purchase: Purchase) -> Result:
    report = client.sales(purchase.currency)
    orders = orders_in(report)
    if orders <= purchase.orders_before:
        return None
    net = sum(row["net"] for row in report["rows"])
    return f"orders in 30 days: {orders}, net {net} {purchase.currency} in minor units"


def orders_in(report: dict[str, Any]) -> int:
    """Return the number of orders in a sales report."""
    return sum(int(row["orders"]) for row in report["rows"])


def observe(check: Check, seconds: float, stop: Callable[[], bool]) -> Result:
    """Repeat a check until it succeeds, `seconds` have passed or `stop()` is true."""
    deadline = time.monotonic() + seconds
    while not stop() and time.monotonic() < deadline:
        try:
            result = check.look()
        except httpx.HTTPError:
            result = None  # not available yet: try again until the deadline
        if result is not None:
            return result
        time.sleep(0.01)
    return None


class TopicReader:
    """Looks for one event in a topic, starting at the topic's end before the payment."""

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

    def look_for(self, event_id: str) -> Callable[[], Result]:
        """Return a function that looks for this event."""

        def look() -> Result:
            message = self._consumer.poll(0.05)
            if message is None or message.error() is not None:
                return None
            headers = dict(message.headers() or [])
            if headers.get("ce_id") != event_id.encode():
                return None
            return f"{event_id} at {self._topic}/{message.partition()}/{message.offset()}"

        return look

    def close(self) -> None:
        """Close the consumer."""
        self._consumer.close()
