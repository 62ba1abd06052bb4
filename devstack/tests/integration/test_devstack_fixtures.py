"""The fixtures provide working servers."""

import json
import urllib.request
import uuid

import jwt
import psycopg
import pytest
from confluent_kafka import Consumer, Producer

from devstack.testing.fixtures import MakeDatabase, MakeTopic
from devstack.tokens import TokenIssuer
from messaging.settings import KafkaSettings


def test_a_message_can_be_produced_and_consumed(kafka_bootstrap: str, make_topic: MakeTopic) -> None:
    topic = make_topic(partitions=2)
    producer = Producer({"bootstrap.servers": kafka_bootstrap})
    producer.produce(topic, b"hello", partition=1)
    assert producer.flush(10) == 0
    # As the services do: the settings that this broker needs are in the environment.
    consumer = Consumer(KafkaSettings().consumer(uuid.uuid4().hex, "test"))
    consumer.subscribe([topic])
    message = consumer.poll(20)
    consumer.close()
    assert message is not None
    assert (message.value(), message.partition()) == (b"hello", 1)


@pytest.mark.kafka_protocol
def test_apache_kafka_supports_the_new_group_protocol(kafka_bootstrap: str, make_topic: MakeTopic) -> None:
    topic = make_topic()
    producer = Producer({"bootstrap.servers": kafka_bootstrap})
    producer.produce(topic, b"hello")
    producer.flush(10)
    consumer = Consumer(
        {
            "bootstrap.servers": kafka_bootstrap,
            "group.id": uuid.uuid4().hex,
            "group.protocol": "consumer",
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe([topic])
    message = consumer.poll(20)
    consumer.close()
    assert message is not None
    assert message.value() == b"hello"


def test_databases_are_empty_and_separate(make_database: MakeDatabase) -> None:
    first, second = make_database(), make_database()
    with psycopg.connect(first) as connection:
        connection.execute("create table mark (x int)")
    with psycopg.connect(second) as connection:
        assert connection.execute("select to_regclass('mark')").fetchone() == (None,)


def test_a_token_verifies_with_the_published_keys(jwt_issuer: TokenIssuer) -> None:
    token = jwt_issuer.token("u_1", "asha@example.com", roles=["admin"])
    with urllib.request.urlopen(jwt_issuer.settings_env["JWT_JWKS_URL"]) as answer:
        keys = jwt.PyJWKSet.from_dict(json.load(answer))
    claims = jwt.decode(
        token,
        keys.keys[0].key,
        algorithms=["RS256"],
        audience=jwt_issuer.settings_env["JWT_AUDIENCE"],
        issuer=jwt_issuer.settings_env["JWT_ISSUER"],
    )
    assert (claims["sub"], claims["email"], claims["roles"]) == ("u_1", "asha@example.com", ["admin"])
