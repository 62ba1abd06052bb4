"""The routing of Stripe's event types, the message key, and what the table of topics promises."""

import pytest

from schemas.events import TOPIC_OF
from schemas.topics import (
    _ROUTES,
    CONSUMER_SERVICES,
    DAY_MS,
    TOPICS,
    consumed_by,
    dead_letter_topic,
    stripe_key,
    stripe_topic,
)


@pytest.mark.parametrize(
    ("event_type", "topic"),
    [
        ("checkout.session.completed", "stripe.checkout"),
        ("checkout.session.async_payment_failed", "stripe.checkout"),
        ("payment_intent.succeeded", "stripe.payments"),
        ("charge.succeeded", "stripe.payments"),
        ("charge.failed", "stripe.payments"),
        ("charge.updated", "stripe.payments"),
        ("charge.refunded", "stripe.refunds"),
        ("charge.refund.updated", "stripe.refunds"),
        ("refund.created", "stripe.refunds"),
        ("refund.failed", "stripe.refunds"),
        ("charge.dispute.created", "stripe.disputes"),
        ("charge.dispute.funds_reinstated", "stripe.disputes"),
        ("radar.early_fraud_warning.created", "stripe.disputes"),
        ("review.opened", "stripe.disputes"),
        ("customer.subscription.deleted", "stripe.billing"),
        ("invoice.paid", "stripe.billing"),
        ("invoice_payment.paid", "stripe.billing"),
        ("customer.updated", "stripe.customers"),
        ("customer.source.created", "stripe.customers"),
        ("payment_method.attached", "stripe.customers"),
        ("setup_intent.succeeded", "stripe.customers"),
        ("invoiceitem.created", "stripe.other"),
        ("balance.available", "stripe.other"),
        ("radar.other", "stripe.other"),
        ("never.seen.before", "stripe.other"),
        ("charge", "stripe.other"),
        ("", "stripe.other"),
    ],
)
def test_each_stripe_type_goes_to_its_topic(event_type: str, topic: str) -> None:
    assert stripe_topic(event_type) == topic
    assert topic in TOPICS


@pytest.mark.parametrize(("prefix", "topic"), _ROUTES)
def test_each_route_can_be_reached_and_leads_to_a_topic_of_ingest(prefix: str, topic: str) -> None:
    assert stripe_topic(f"{prefix}new") == topic, "a wider prefix stands before it"
    assert TOPICS[topic].producers == ("webhook-ingest",)


@pytest.mark.parametrize(
    ("obj", "key"),
    [
        ({"object": "charge", "id": "ch_1", "customer": "cus_1", "payment_intent": "pi_1"}, "cus_1"),
        ({"object": "charge", "id": "ch_1", "customer": {"id": "cus_1", "object": "customer"}}, "cus_1"),
        ({"object": "charge", "id": "ch_1", "customer": None, "payment_intent": "pi_1"}, "pi_1"),
        ({"object": "charge", "id": "ch_1", "payment_intent": {"id": "pi_1"}}, "pi_1"),
        ({"object": "payment_intent", "id": "pi_1", "customer": None}, "pi_1"),
        ({"object": "customer", "id": "cus_1", "customer": "cus_other"}, "cus_1"),
        ({"object": "charge", "id": "ch_1", "customer": "", "payment_intent": ""}, "ch_1"),
        ({"object": "charge", "id": "ch_1", "customer": 7, "payment_intent": ["pi_1"]}, "ch_1"),
        ({"object": "charge", "id": "ch_1", "customer": {"id": None}}, "ch_1"),
        ({"object": "balance"}, None),
        ({"id": {"id": 5}}, None),
        (None, None),
        ([], None),
        ("ch_1", None),
    ],
)
def test_the_key_is_customer_then_payment_then_the_object_itself(obj: object, key: str | None) -> None:
    assert stripe_key(obj) == key


def test_every_consumer_group_has_a_dead_letter_topic_that_outlives_the_origin() -> None:
    for service in CONSUMER_SERVICES:
        dead = TOPICS[dead_letter_topic(service)]
        assert dead.producers == (service,)
        assert dead.retention_ms > TOPICS["stripe.payments"].retention_ms
        assert dead.max_message_bytes > TOPICS["stripe.payments"].max_message_bytes


def test_messages_leave_the_log_after_35_days_but_the_catalog_stays() -> None:
    for topic in TOPICS.values():
        config = topic.config()
        assert topic.partitions == 12
        assert int(config["max.message.bytes"]) >= 2 * 1024 * 1024
        if topic.name == "catalog":
            assert config["cleanup.policy"] == "compact"
            assert "retention.ms" not in config
        elif not topic.name.endswith(".dlq"):
            assert config == {
                "cleanup.policy": "delete",
                "retention.ms": str(35 * DAY_MS),
                "max.message.bytes": "2097152",
            }


def test_every_event_of_ours_goes_to_a_topic_of_the_table() -> None:
    assert set(TOPIC_OF.values()) <= set(TOPICS)


OF_PAYMENTS = ("stripe.checkout", "stripe.payments", "stripe.refunds", "stripe.disputes")


@pytest.mark.parametrize(
    ("service", "topics"),
    [
        ("checkout", (*OF_PAYMENTS, "stripe.rereads", "orders", "enrollments")),
        (
            "enrollment",
            (
                *OF_PAYMENTS,
                *("stripe.billing", "stripe.customers", "stripe.rereads", "orders", "catalog", "decisions"),
            ),
        ),
        ("notifications", (*OF_PAYMENTS, "stripe.rereads", "orders")),
        ("reporting", (*OF_PAYMENTS, "stripe.rereads", "orders")),
    ],
)
def test_a_service_consumes_the_topics_that_name_it_in_the_order_of_the_table(
    service: str, topics: tuple[str, ...]
) -> None:
    assert consumed_by(service) == topics


@pytest.mark.parametrize("name", ["webhook-ingest", "operators", "", "check"])
def test_a_name_without_a_consumer_group_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="consumer group"):
        consumed_by(name)
