"""Each service subscribes to the topics that its rules need, and the table of topics names it there."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import pytest

import checkout.handlers
import enrollment.handlers
import notifications.handlers
import reporting.handlers
from messaging.deadletters.reading import topic_of
from schemas.topics import CONSUMER_SERVICES, TOPICS, dead_letter_topic

SUBSCRIPTIONS: dict[str, Sequence[str]] = {
    "checkout": checkout.handlers.TOPICS,
    "enrollment": enrollment.handlers.TOPICS,
    "notifications": notifications.handlers.TOPICS,
    "reporting": reporting.handlers.TOPICS,
}

# Written out: the services subscribe by the table of topics, so comparing them with the table proves nothing.
EXPECTED: dict[str, AbstractSet[str]] = {
    "checkout": {
        "stripe.checkout", "stripe.payments", "stripe.refunds", "stripe.disputes", "stripe.rereads", "orders",
        "enrollments",
    },
    "enrollment": {
        "stripe.checkout", "stripe.payments", "stripe.refunds", "stripe.disputes", "stripe.billing",
        "stripe.customers", "stripe.rereads", "orders", "catalog", "decisions",
    },
    "notifications": {
        "stripe.checkout", "stripe.payments", "stripe.refunds", "stripe.disputes", "stripe.rereads", "orders",
    },
    "reporting": {
        "stripe.checkout", "stripe.payments", "stripe.refunds", "stripe.disputes", "stripe.rereads", "orders",
    },
}  # fmt: skip


@pytest.mark.parametrize("service", CONSUMER_SERVICES)
def test_a_service_subscribes_to_the_topics_that_its_rules_need(service: str) -> None:
    assert len(SUBSCRIPTIONS[service]) == len(EXPECTED[service])
    assert set(SUBSCRIPTIONS[service]) == EXPECTED[service]


@pytest.mark.parametrize("service", CONSUMER_SERVICES)
def test_the_table_of_topics_names_the_consumers_of_each_topic(service: str) -> None:
    assert {topic.name for topic in TOPICS.values() if service in topic.consumers} == EXPECTED[service]


@pytest.mark.parametrize("service", CONSUMER_SERVICES)
def test_the_operators_command_finds_the_dead_letters_of_a_group(service: str) -> None:
    assert topic_of(service) == dead_letter_topic(service)
    assert dead_letter_topic(service) in TOPICS


def test_every_service_with_a_consumer_group_is_checked() -> None:
    assert set(SUBSCRIPTIONS) == set(CONSUMER_SERVICES)
