"""A partition that stops being read is always reported, despite pauses, rebalances, broker stops and freezes.

On a small cluster in this process (see messaging_cluster): the client is the real one.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import confluent_kafka
import pytest
from confluent_kafka import Consumer
from messaging_cluster import Cluster, cluster
from messaging_effects import until
from messaging_sequences import PARTITIONS, Group
from prometheus_client import REGISTRY

from messaging.runtime import member as member_module

PROTOCOLS = ("classic", "consumer")

MakeGroup = Callable[..., Group]


@pytest.fixture
def brokers() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


@pytest.fixture
def make_group(brokers: Cluster, postgres_admin_dsn: str) -> Iterator[MakeGroup]:
    """`make_group(protocol, stall_seconds=60)`: a group whose consumers are stopped at the end."""
    with ExitStack() as stack:

        def make(protocol: str, **options: Any) -> Group:
            group = Group(brokers, postgres_admin_dsn, protocol, **options)
            stack.callback(group.stop)
            return group

        yield make


def stalled(group: Group, reason: str) -> float | None:
    labels = {"group": group.name, "reason": reason}
    return REGISTRY.get_sample_value("messaging_stalled_partitions", labels)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_partition_that_comes_back_after_a_pause_is_read(make_group: MakeGroup, protocol: str) -> None:
    group = make_group(protocol)
    group.join()
    group.publish()
    group.check()
    # The consumer pauses because its database is unavailable; half of its partitions move to another one …
    group.ledger.unavailable = "record"
    group.publish()
    until(lambda: "waiting for a dependency" in group.said()[0]["consumer"], what=group.said)
    other = group.join()
    until(lambda: "waiting for a dependency" in other.health.ready()[1]["consumer"], what=group.said)
    # … and return to the first one after the pause.
    group.ledger.unavailable = None
    group.check()
    group.leave(1)
    group.publish()
    group.check()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_partition_without_a_leader_is_named_and_the_others_are_read(
    brokers: Cluster, make_group: MakeGroup, protocol: str
) -> None:
    group = make_group(protocol, stall_seconds=2.0)
    group.publish(partitions=[1])
    unread = list(group.published)
    # From the start on: the consumer has never seen the partition's bounds.
    brokers.lead(group.topic, 1, None)
    member = group.join()
    others = [number for number in range(PARTITIONS) if number != 1]
    for _ in range(3):
        group.publish(partitions=others)
        until(lambda: group.missing() == {sent.id for sent in unread}, 10, group.said)
    until(lambda: f"{group.topic}/1" in member.health.ready()[1]["consumer"], what=group.said)
    said = member.health.ready()[1]
    assert "cannot be read: the partition has no leader" in said["consumer"]
    assert f"{group.topic}/1" in said["kafka"]
    assert stalled(group, "unreachable") == 1
    assert stalled(group, "no-progress") == 0
    # The consumer does not leave its group if rejoining would not help.
    labels = {"group": group.name, "action": "rejoin"}
    assert REGISTRY.get_sample_value("messaging_heals_total", labels) is None

    brokers.lead(group.topic, 1, 2)
    group.check()
    until(lambda: stalled(group, "unreachable") == 0)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_unresponsive_broker_delays_only_its_own_partitions(
    brokers: Cluster, make_group: MakeGroup, protocol: str
) -> None:
    group = make_group(protocol, stall_seconds=2.0)
    brokers.coordinate(group.name, 3)
    group.publish()
    member = group.join()
    group.check()
    theirs = [0, 3]  # led by broker 1
    group.publish(partitions=theirs)
    group.check()
    brokers.delay(1, 20_000)
    others = [number for number in range(PARTITIONS) if number not in theirs]
    group.publish(partitions=others)
    until(lambda: not group.missing(), 20, group.said)
    until(lambda: f"{group.topic}/0" in member.health.ready()[1]["consumer"], 40, group.said)
    assert f"{group.topic}/3" in member.health.ready()[1]["consumer"]
    assert f"{group.topic}/{others[0]} " not in member.health.ready()[1]["consumer"]
    group.publish(partitions=others)
    until(lambda: not group.missing(), 20, group.said)


class Forgetful(Consumer):
    """A client that stops fetching one partition without noticing."""

    instances = 0
    hears_resume = True

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        type(self).instances += 1
        self._number = type(self).instances
        self._stuck = False

    def poll(self, *arguments: Any, **options: Any) -> Any:
        if self._number == 1 and not self._stuck and (mine := self.assignment()):
            self._stuck = True
            super().pause([place for place in mine if place.partition == 2])
        return super().poll(*arguments, **options)

    def resume(self, partitions: list[confluent_kafka.TopicPartition]) -> None:
        heard = [
            place for place in partitions if self.hears_resume or place.partition != 2 or self._number > 1
        ]
        super().resume(heard)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(("hears_resume", "heals"), [(True, ["seek"]), (False, ["seek", "rejoin"])])
def test_a_client_that_stops_fetching_a_partition_is_healed(
    make_group: MakeGroup,
    monkeypatch: pytest.MonkeyPatch,
    protocol: str,
    hears_resume: bool,
    heals: list[str],
) -> None:
    client = type("Client", (Forgetful,), {"hears_resume": hears_resume})
    monkeypatch.setattr(member_module, "Consumer", client)
    group = make_group(protocol, stall_seconds=2.0)
    member = group.join()
    reported: list[str] = []

    def read() -> bool:
        said = member.health.ready()[1]["consumer"]
        if f"{group.topic}/2 (3 messages waiting" in said and "no progress" in said:
            reported.append(said)
        return bool(reported) and not group.missing()

    until(lambda: member.health.ready()[0], what=group.said)
    group.publish()
    until(read, 40, group.said)
    group.check()
    for action in ("seek", "rejoin"):
        count = REGISTRY.get_sample_value("messaging_heals_total", {"group": group.name, "action": action})
        assert (count is not None) == (action in heals)
    labels = {"group": group.name, "topic": group.topic, "partition": "2"}
    assert REGISTRY.get_sample_value("messaging_stalls_total", labels) == 1
    until(lambda: stalled(group, "no-progress") == 0)
    group.publish()
    group.check()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_lag_of_a_paused_consumer_is_correct(make_group: MakeGroup, protocol: str) -> None:
    group = make_group(protocol, stall_seconds=2.0)
    member = group.join()
    group.publish()
    group.check()
    group.ledger.unavailable = "record"
    group.publish(each=1)
    until(lambda: "waiting for a dependency" in member.health.ready()[1]["consumer"], what=group.said)
    group.publish(each=50)
    labels = {"group": group.name, "topic": group.topic, "partition": "1"}
    until(lambda: REGISTRY.get_sample_value("messaging_lag", labels) == 51)
    # It reports that it waits, and heals nothing.
    assert REGISTRY.get_sample_value("messaging_heals_total", {"group": group.name, "action": "seek"}) is None
    group.ledger.unavailable = None
    group.check()
    until(lambda: REGISTRY.get_sample_value("messaging_lag", labels) == 0)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_stopped_consumer_exports_neither_lag_nor_pause_and_frees_its_client(
    make_group: MakeGroup, protocol: str
) -> None:
    group = make_group(protocol)
    group.join()
    group.publish()
    group.check()
    labels = {"group": group.name}
    place = labels | {"topic": group.topic, "partition": "1"}
    assert REGISTRY.get_sample_value("messaging_paused", labels) == 0
    assert REGISTRY.get_sample_value("messaging_lag", place) == 0
    clients = count_consumers()
    group.leave(0)
    assert REGISTRY.get_sample_value("messaging_paused", labels) is None
    assert REGISTRY.get_sample_value("messaging_lag", place) is None
    assert count_consumers() < clients


def count_consumers() -> int:
    gc.collect()
    return sum(isinstance(each, Consumer) for each in gc.get_objects())
