"""Creates topics, and checks them for settings that could lose acknowledged messages."""

import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined] # re-exported without __all__
    AdminClient,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from messaging.settings import KafkaSettings


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """The required state of a topic; `config` holds Kafka's topic settings."""

    name: str
    partitions: int
    config: dict[str, str] = field(default_factory=dict)


def create_topics(
    settings: KafkaSettings, specs: Iterable[TopicSpec], *, replication_factor: int, min_insync_replicas: int
) -> list[str]:
    """Create the topics that do not exist yet, and return their names once a broker lists them.

    Raises KafkaException.
    """
    wanted = [
        NewTopic(
            spec.name,
            num_partitions=spec.partitions,
            replication_factor=replication_factor,
            config=spec.config
            | {
                "min.insync.replicas": str(min_insync_replicas),
                "unclean.leader.election.enable": "false",
            },
        )
        for spec in specs
    ]
    created = []
    with _admin(settings) as admin:
        admin.list_topics(timeout=10)  # without a broker, creating would fail only after a minute
        futures = admin.create_topics(wanted, request_timeout=30)
        for name, future in futures.items():
            try:
                future.result()
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise
            else:
                created.append(name)
        # Also topics that another process has just created.
        wait_until_listed(admin, futures)
    return created


def wait_until_listed(admin: AdminClient, topics: Collection[str], seconds: float = 10.0) -> None:
    """Return once a broker lists the topics, which it does shortly after their creation was acknowledged.

    Raises KafkaException if it does not in time.
    """
    deadline = time.monotonic() + seconds
    while missing := set(topics) - set(admin.list_topics(timeout=10).topics):
        if time.monotonic() > deadline:
            said = "topics were created, but no broker lists them yet (may this user describe topics?): "
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, said + ", ".join(sorted(missing))))
        time.sleep(0.02)  # Kafka does not notify clients when a broker has caught up, so poll


def check_topics(settings: KafkaSettings, specs: Iterable[TopicSpec], *, replicated: bool) -> list[str]:
    """Return a sentence for each missing or unsafe property of the topics; empty if there are none.

    `replicated` requires what production needs: replication factor 3 or more, min.insync.replicas 2 or
    more, and no unclean leader election.
    """
    specs = list(specs)
    with _admin(settings) as admin:
        known = admin.list_topics(timeout=10).topics
        present = [spec for spec in specs if spec.name in known]
        resources = [ConfigResource(ResourceType.TOPIC, spec.name) for spec in present]
        answers = admin.describe_configs(resources, request_timeout=30) if resources else {}
        configs = {resource.name: future.result() for resource, future in answers.items()}
    problems = [f"{spec.name}: missing, create it" for spec in specs if spec.name not in known]
    for spec in present:
        partitions = known[spec.name].partitions
        actual = {name: entry.value for name, entry in configs[spec.name].items()}
        if len(partitions) < spec.partitions:
            problems.append(f"{spec.name}: {len(partitions)} partitions, must be {spec.partitions}")
        for name, value in spec.config.items():
            if actual.get(name) != value:
                problems.append(f"{spec.name}: {name} is {actual.get(name)}, must be {value}")
        if not replicated:
            continue
        replicas = min((len(partition.replicas) for partition in partitions.values()), default=0)
        if replicas < 3:
            problems.append(f"{spec.name}: replication factor {replicas}, must be at least 3")
        if int(actual.get("min.insync.replicas") or 1) < 2:
            problems.append(
                f"{spec.name}: min.insync.replicas is below 2: the loss of one broker loses messages"
            )
        if actual.get("unclean.leader.election.enable") == "true":
            problems.append(f"{spec.name}: unclean.leader.election.enable is on: it discards messages")
    return problems


def check_offsets(settings: KafkaSettings, *, longest_retention: timedelta) -> list[str]:
    """Return a sentence for each broker that forgets a stopped group's offsets before its topics' messages
    expire.

    Such a group would start again at the oldest message, and lost messages would go unnoticed. A broker
    that does not report its setting is skipped.
    """
    with _admin(settings) as admin:
        brokers = admin.list_topics(timeout=10).brokers
        resources = [ConfigResource(ResourceType.BROKER, str(number)) for number in brokers]
        answers = admin.describe_configs(resources, request_timeout=30)
        configs = {resource.name: future.result() for resource, future in answers.items()}
    needed = int(longest_retention.total_seconds() // 60)
    problems = []
    for name, config in configs.items():
        entry = config.get("offsets.retention.minutes")
        if entry is not None and int(entry.value) <= needed:
            problems.append(
                f"broker {name}: offsets.retention.minutes is {entry.value}, "
                f"must be more than {needed}: a stopped group loses its offsets before its messages expire"
            )
    return problems


@contextmanager
def _admin(settings: KafkaSettings) -> Iterator[AdminClient]:
    """Open an admin client. A KafkaException of the block gets the reason that only the connection's thread
    knows."""
    reasons: list[KafkaError] = []
    # librdkafka would log a line for each connection attempt, which would hide the answer from an operator.
    client = AdminClient(settings.common("topics") | {"log_level": 0, "error_cb": reasons.append})
    try:
        yield client
    except KafkaException as error:
        client.poll(0)
        reason = next((each for each in reasons if each.code() != KafkaError._ALL_BROKERS_DOWN), None)
        if reason is None:
            raise
        what = error.args[0]
        raise KafkaException(KafkaError(what.code(), f"{what.str()} ({reason.str()})")) from error
