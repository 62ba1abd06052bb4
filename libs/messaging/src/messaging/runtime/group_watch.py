"""Watches a consumer group from outside, independently of what its members report.

A group without members reports nothing, and a member may not notice that it has stalled. The brokers know the
group's committed offsets and the bounds of the log, which show both cases.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

import structlog
from confluent_kafka import KafkaException

from messaging import metrics
from messaging.runtime.log_bounds import ANSWER_SECONDS, LogBounds, LogReader, describe_problems
from messaging.runtime.partitions import Place
from messaging.runtime.progress import NOTHING_READ, Progress
from messaging.settings import KafkaSettings
from processkit.errors import Transient
from processkit.health import RENEW_SECONDS, Health
from processkit.loop import Loop

INTERVAL_SECONDS = 5.0
# A round that waits for unresponsive brokers takes longer than the interval, and so does the pause after a
# round that found a partition unreachable. Longer gaps are not counted: the process was frozen.
STEP_INTERVALS = 4

log = structlog.stdlib.get_logger(__name__)


class GroupWatch:
    """Reads the offsets of `group` in `topics` every few seconds and exports metrics of them.

    Never joins the group and needs no lock: several may run, and export the same figures. While Kafka is
    unavailable its component `group-watch` is down and the figures become absent.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        group: str,
        topics: Sequence[str],
        health: Health,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kafka = kafka
        self._group = group
        self._topics = list(topics)
        self._component = health.component("group-watch", RENEW_SECONDS)
        self._interval = min(INTERVAL_SECONDS, kafka.stall_seconds / 4)
        self._progress = Progress(
            kafka.stall_seconds, monotonic, max_step_seconds=STEP_INTERVALS * self._interval
        )
        self._places: Sequence[Place] = ()
        self._stalled: frozenset[Place] = frozenset()

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set. Raises KafkaException when the client refuses its settings."""
        reader = LogReader(self._kafka, self._group, f"{self._group}-watch")
        Loop(
            component=self._component,
            turn=lambda: self._once(reader),
            idle_seconds=self._interval,
            describe="Kafka: {}".format,
            close=[reader.close],
        ).run(stop)

    def _once(self, reader: LogReader) -> bool:
        try:
            problems = self._find_partitions(reader)
            # Read before the bounds, so that an offset committed in between cannot lie beyond them.
            committed = reader.committed(self._places, ANSWER_SECONDS)
            bounds = reader.bounds(self._places)
        except KafkaException as error:
            raise Transient(error.args[0].str()) from error
        self.export(self._places, committed, bounds)
        if (problem := describe_problems(problems, bounds)) is not None:
            raise Transient(problem)
        return False

    def _find_partitions(self, reader: LogReader) -> Mapping[str, str]:
        try:
            self._places, problems = reader.partitions(self._topics)
        except KafkaException:
            # One unresponsive broker must not hide the partitions of the others.
            if not self._places:
                raise
            return {}
        return problems

    def export(self, places: Collection[Place], committed: Mapping[Place, int], bounds: LogBounds) -> None:
        """Set the figures from the group's committed offsets and the log's bounds, read just now.

        Values that the brokers did not report are not set. A partition without a committed offset counts
        from the log's first offset.
        """
        stalls = self._progress.look(places, committed, bounds)
        if places:
            metrics.GROUP_UNREACHABLE.set(len(bounds.unreachable), self._group)
        if not bounds.known:
            return
        waiting: Counter[str] = Counter()
        for place, known in bounds.known.items():
            waiting[place.topic] += known.waiting(committed.get(place, NOTHING_READ))
        for topic, count in waiting.items():
            metrics.GROUP_LAG.set(count, self._group, topic)
        stalled = {stall.place: stall for stall in stalls if stall.unreachable is None}
        metrics.GROUP_STALLED.set(len(stalled), self._group)
        if stalled.keys() - self._stalled:
            named = [str(stall) for stall in stalled.values()]
            log.error("partitions of a group do not advance", group=self._group, stalls=named)
        elif self._stalled and not stalled:
            log.info("all partitions of the group advance again", group=self._group)
        self._stalled = frozenset(stalled)
