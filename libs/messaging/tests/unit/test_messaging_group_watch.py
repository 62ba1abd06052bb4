"""The metrics of a group's watch, from committed offsets, the log's bounds and a clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from prometheus_client import CollectorRegistry

from messaging import metrics
from messaging.runtime.group_watch import GroupWatch
from messaging.runtime.log_bounds import Bounds, LogBounds
from messaging.runtime.partitions import Place
from messaging.settings import KafkaSettings
from processkit.health import Health
from processkit.metrics import Figure

STALL_SECONDS = 60.0
INTERVAL_SECONDS = 5.0
FIRST, SECOND, OTHER = Place("parcels", 0), Place("parcels", 1), Place("labels", 0)


@dataclass
class Outside:
    """A watch of the group `g`, its clock, and the metrics that it exports."""

    registry: CollectorRegistry
    now: float = 1000.0
    watch: GroupWatch = field(init=False)

    def __post_init__(self) -> None:
        kafka = KafkaSettings(bootstrap_servers="unused:9092", stall_seconds=STALL_SECONDS)
        self.watch = GroupWatch(kafka, "g", ["parcels", "labels"], Health(), monotonic=lambda: self.now)

    def see(
        self,
        committed: Mapping[Place, int],
        bounds: Mapping[Place, tuple[int, int]],
        unreachable: Mapping[Place, str] | None = None,
        *,
        after: float = INTERVAL_SECONDS,
    ) -> None:
        """One round, `after` seconds since the last one."""
        self.now += after
        silent = unreachable or {}
        known = {place: Bounds(*each) for place, each in bounds.items()}
        self.watch.export([*known, *silent], committed, LogBounds(known, silent))

    def see_for(
        self, seconds: float, committed: Mapping[Place, int], bounds: Mapping[Place, tuple[int, int]]
    ) -> None:
        for _ in range(int(seconds / INTERVAL_SECONDS)):
            self.see(committed, bounds)

    def lag(self, topic: str = "parcels") -> float | None:
        return self.registry.get_sample_value("messaging_group_lag", {"group": "g", "topic": topic})

    @property
    def stalled(self) -> float | None:
        return self.registry.get_sample_value("messaging_group_stalled_partitions", {"group": "g"})

    @property
    def unreachable(self) -> float | None:
        return self.registry.get_sample_value("messaging_group_unreachable_partitions", {"group": "g"})


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    registry = CollectorRegistry(auto_describe=True)
    view = Outside(registry)
    for name, figure, labels in (
        ("GROUP_LAG", "messaging_group_lag", ["group", "topic"]),
        ("GROUP_STALLED", "messaging_group_stalled_partitions", ["group"]),
        ("GROUP_UNREACHABLE", "messaging_group_unreachable_partitions", ["group"]),
    ):
        replaced = Figure(figure, "Replaced", labels, registry=registry, monotonic=lambda: view.now)
        monkeypatch.setattr(metrics, name, replaced)
    return view


def test_a_group_that_never_committed_lags_by_the_whole_log_and_stalls(outside: Outside) -> None:
    log = {FIRST: (3, 10), SECOND: (0, 5), OTHER: (0, 0)}
    outside.see({}, log)
    assert (outside.lag("parcels"), outside.lag("labels")) == (12, 0)
    outside.see_for(STALL_SECONDS - INTERVAL_SECONDS, {}, log)
    assert outside.stalled == 0
    outside.see({}, log)
    assert outside.stalled == 2, "the empty partition has nothing to read"
    assert outside.unreachable == 0


def test_a_group_whose_member_commits_nothing_stalls_while_the_log_grows(outside: Outside) -> None:
    for written in range(20):
        outside.see({FIRST: 7}, {FIRST: (0, 10 + written)})
    assert (outside.lag(), outside.stalled) == (22, 1)


def test_a_group_that_advances_slowly_lags_and_does_not_stall(outside: Outside) -> None:
    for position in range(20):
        outside.see_for(STALL_SECONDS - INTERVAL_SECONDS, {FIRST: position}, {FIRST: (0, 1000)})
        assert outside.stalled == 0
    assert outside.lag() == 981


def test_a_stalled_group_that_commits_again_is_not_stalled(outside: Outside) -> None:
    outside.see_for(2 * STALL_SECONDS, {FIRST: 7}, {FIRST: (0, 10)})
    assert outside.stalled == 1
    outside.see({FIRST: 8}, {FIRST: (0, 10)})
    assert (outside.lag(), outside.stalled) == (2, 0)


def test_an_idle_group_at_the_end_of_the_log_has_no_lag_and_does_not_stall(outside: Outside) -> None:
    outside.see_for(5 * STALL_SECONDS, {FIRST: 10}, {FIRST: (4, 10)})
    assert (outside.lag(), outside.stalled) == (0, 0)
    # The time without messages does not count for those that come after it.
    outside.see_for(STALL_SECONDS - INTERVAL_SECONDS, {FIRST: 10}, {FIRST: (4, 11)})
    assert (outside.lag(), outside.stalled) == (1, 0)
    outside.see({FIRST: 10}, {FIRST: (4, 11)})
    assert outside.stalled == 1


def test_an_offset_before_the_first_message_counts_from_there(outside: Outside) -> None:
    outside.see({FIRST: 2}, {FIRST: (8, 10)})
    assert outside.lag() == 2


def test_an_end_before_the_committed_offset_gives_no_negative_lag(outside: Outside) -> None:
    outside.see_for(2 * STALL_SECONDS, {FIRST: 10}, {FIRST: (0, 8), SECOND: (0, 0)})
    assert (outside.lag(), outside.stalled) == (0, 0)


def test_the_time_in_which_the_process_was_frozen_does_not_count(outside: Outside) -> None:
    outside.see({FIRST: 7}, {FIRST: (0, 10)})
    outside.see({FIRST: 7}, {FIRST: (0, 10)}, after=3600)
    assert outside.stalled == 0
    outside.see_for(STALL_SECONDS, {FIRST: 7}, {FIRST: (0, 10)})
    assert outside.stalled == 1


def test_unreachable_partitions_are_counted_separately_and_hide_no_others(outside: Outside) -> None:
    for _ in range(30):
        outside.see({FIRST: 7}, {FIRST: (0, 10)}, {SECOND: "its leader does not answer"})
    assert (outside.lag(), outside.stalled, outside.unreachable) == (3, 1, 1)
    # Its leader is back, and the group has still not read the waiting messages.
    outside.see({FIRST: 7}, {FIRST: (0, 10), SECOND: (0, 2)})
    assert (outside.lag(), outside.stalled, outside.unreachable) == (5, 2, 0)
    outside.see({FIRST: 7, SECOND: 2}, {FIRST: (0, 10), SECOND: (0, 2)})
    assert (outside.lag(), outside.stalled, outside.unreachable) == (3, 1, 0)


def test_values_that_no_broker_reported_are_not_exported(outside: Outside) -> None:
    outside.see({}, {}, {FIRST: "no leader", SECOND: "no leader"})
    assert (outside.lag(), outside.stalled, outside.unreachable) == (None, None, 2)
    outside.see({}, {})
    outside.now += 3600
    assert (outside.lag(), outside.stalled, outside.unreachable) == (None, None, None)


def test_a_topic_without_readable_partitions_has_no_lag(outside: Outside) -> None:
    outside.see({}, {OTHER: (0, 4)}, {FIRST: "no leader"})
    assert (outside.lag("labels"), outside.lag("parcels")) == (4, None)


def test_a_watch_that_has_read_nothing_yet_is_not_up() -> None:
    health = Health()
    GroupWatch(KafkaSettings(bootstrap_servers="unused:9092"), "g", ["parcels"], health)
    assert health.ready() == (False, {"group-watch": "starting"})
