"""Unsafe or incomplete settings stop the start with a sentence that names the variable and the fix."""

import threading
from typing import cast

import pytest
from pydantic import ValidationError

from messaging.runtime.handler import Handler
from messaging.runtime.runner import ConsumerRunner
from messaging.settings import KafkaSettings
from processkit.errors import ConfigurationError
from processkit.health import Health


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "BOOTSTRAP_SERVERS",
        "GROUP_PROTOCOL",
        "SECURITY_PROTOCOL",
        "SASL_MECHANISM",
        "SASL_USERNAME",
        "SASL_PASSWORD",
        "CONSUMER_CONFIG",
    ):
        monkeypatch.delenv(f"KAFKA_{name}", raising=False)


def settings(**values: object) -> KafkaSettings:
    return KafkaSettings(**{"bootstrap_servers": "broker:9092", **values})  # type: ignore[arg-type]


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "KAFKA_BOOTSTRAP_SERVERS": "a:1,b:2",
        "KAFKA_GROUP_PROTOCOL": "classic",
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
        "KAFKA_SASL_USERNAME": "enrollment",
        "KAFKA_SASL_PASSWORD": "s3cret",
        "KAFKA_CONSUMER_CONFIG": '{"session.timeout.ms": 6000}',
    }.items():
        monkeypatch.setenv(name, value)
    config = KafkaSettings().consumer("group", "client")  # type: ignore[call-arg]
    assert config["bootstrap.servers"] == "a:1,b:2"
    assert config["group.protocol"] == "classic"
    assert (config["security.protocol"], config["sasl.mechanism"]) == ("SASL_SSL", "SCRAM-SHA-512")
    assert (config["sasl.username"], config["sasl.password"]) == ("enrollment", "s3cret")
    assert config["session.timeout.ms"] == 6000
    assert (config["group.id"], config["client.id"]) == ("group", "client")


def test_the_password_is_in_no_representation() -> None:
    value = settings(
        security_protocol="SASL_SSL", sasl_mechanism="PLAIN", sasl_username="u", sasl_password="s3cret"
    )
    assert "s3cret" not in repr(value) + str(value) + value.model_dump_json()


def test_a_consumer_never_commits_by_a_timer_and_never_skips() -> None:
    config = settings().consumer("group", "client")
    assert config["enable.auto.commit"] is False
    assert config["enable.auto.offset.store"] is False
    assert config["auto.offset.reset"] == "earliest"
    assert config["group.protocol"] == "consumer"


def test_a_producer_is_idempotent_and_waits_for_all_replicas() -> None:
    config = settings().producer("client")
    assert config["enable.idempotence"] is True
    assert config["acks"] == "all"


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"enable.auto.commit": True}, "enable.auto.commit"),
        ({"enable.auto.commit": "true"}, "enable.auto.commit"),
        ({"enable.auto.commit": 1}, "enable.auto.commit"),
        ({"auto.offset.reset": "latest"}, "auto.offset.reset"),
        ({"auto.offset.reset": "error"}, "auto.offset.reset"),
        ({"auto.offset.reset": "largest"}, "auto.offset.reset"),
        ({"session.timeout.ms": 6000}, "session.timeout.ms"),
        ({"partition.assignment.strategy": "range"}, "partition.assignment.strategy"),
    ],
)
def test_unsafe_consumer_settings_are_refused(config: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        settings(consumer_config=config).consumer("group", "client")
    sentence = str(refused.value)
    assert "KAFKA_CONSUMER_CONFIG" in sentence and named in sentence and "Remove it" in sentence


def test_the_classic_protocol_may_set_its_session_timeout() -> None:
    config = settings(group_protocol="classic", consumer_config={"session.timeout.ms": 6000})
    assert config.consumer("group", "client")["session.timeout.ms"] == 6000


@pytest.mark.parametrize("missing", ["sasl_mechanism", "sasl_username", "sasl_password"])
def test_incomplete_credentials_are_refused(missing: str) -> None:
    values = {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_username": "u",
        "sasl_password": "p",
        missing: None,
    }
    with pytest.raises(ValidationError, match="KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_"):
        settings(**values)


@pytest.mark.parametrize(
    ("field", "value"),
    [("bootstrap_servers", ""), ("group_protocol", "share"), ("security_protocol", "TLS")],
)
def test_invalid_values_are_refused(field: str, value: str) -> None:
    with pytest.raises(ValidationError, match=field):
        settings(**{field: value})


def test_an_unknown_client_setting_is_named() -> None:
    runner = ConsumerRunner(
        kafka=settings(consumer_config={"no.such.setting": 1}),
        group_id="group",
        topics=["topic"],
        dead_letter_topic="dlq",
        handler=cast("Handler", None),
        dsn="",
        health=Health(),
    )
    with pytest.raises(ConfigurationError, match=r"no\.such\.setting.*KAFKA_CONSUMER_CONFIG"):
        runner.run(threading.Event())
