"""Each service subscribes to exactly the topics that the table of topics lists for it."""

from collections.abc import Sequence

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


@pytest.mark.parametrize("service", CONSUMER_SERVICES)
def test_a_service_subscribes_to_its_topics_in_the_table(service: str) -> None:
    promised = {topic.name for topic in TOPICS.values() if service in topic.consumers}
    assert set(SUBSCRIPTIONS[service]) == promised


@pytest.mark.parametrize("service", CONSUMER_SERVICES)
def test_the_operators_command_finds_the_dead_letters_of_a_group(service: str) -> None:
    assert topic_of(service) == dead_letter_topic(service)
    assert dead_letter_topic(service) in TOPICS


def test_every_service_with_a_consumer_group_is_checked() -> None:
    assert set(SUBSCRIPTIONS) == set(CONSUMER_SERVICES)
