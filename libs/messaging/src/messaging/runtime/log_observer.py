"""A thread that keeps reading the log bounds of a consumer's partitions from the brokers."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from confluent_kafka import KafkaException

from messaging.runtime.log_bounds import LogBounds, LogReader, describe_problems
from messaging.runtime.partitions import Place
from processkit.health import Component

INTERVAL_SECONDS = 5.0
RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The log's bounds, read at `asked_at`, and the consumer's positions just before."""

    asked_at: float = float("-inf")
    log: LogBounds = field(default_factory=LogBounds)
    positions: Mapping[Place, int] = field(default_factory=dict)


class LogObserver:
    """Reads the bounds of the watched partitions every few seconds, and immediately on request.

    It has its own thread, because an unresponsive broker must not delay the partitions of the others.
    Reports in `component` whether Kafka answers and has the topics. `positions` is called from that thread.
    """

    def __init__(
        self,
        create_reader: Callable[[], LogReader],
        topics: Sequence[str],
        component: Component,
        *,
        interval_seconds: float = INTERVAL_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._create_reader = create_reader
        self._topics = list(topics)
        self._component = component
        self._interval = interval_seconds
        self._monotonic = monotonic
        self._positions: Callable[[], Mapping[Place, int]] = dict
        self._watched: frozenset[Place] = frozenset()
        self._snapshot = Snapshot()
        self._error: BaseException | None = None
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log-observer", daemon=True)

    def start(self) -> None:
        """Start the thread, unless it is running."""
        if self._thread.ident is None:
            self._thread.start()

    def ask_to_stop(self) -> None:
        """Tell the thread to stop."""
        self._stop.set()
        self._wake.set()

    def close(self, seconds: float) -> None:
        """Stop the thread, and wait at most `seconds` for the request in flight."""
        self.ask_to_stop()
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def watch(self, places: Iterable[Place], positions: Callable[[], Mapping[Place, int]]) -> None:
        """Watch these partitions from now on, and read them immediately."""
        self._watched, self._positions = frozenset(places), positions
        self._wake.set()

    def ask_now(self) -> None:
        """Read immediately instead of at the end of the interval."""
        self._wake.set()

    def snapshot(self) -> Snapshot:
        """Return the newest answer. Raises RuntimeError when an error has ended the thread."""
        if self._error is not None:
            # The consumer cannot bring the thread back by retrying.
            raise RuntimeError("the thread that reads the log's bounds has ended") from self._error
        return self._snapshot

    @property
    def last(self) -> Snapshot:
        """Return the newest answer, also after the thread has ended."""
        return self._snapshot

    def _run(self) -> None:
        try:
            reader = self._create_reader()
            try:
                while not self._stop.is_set():
                    self._wake.clear()
                    self._ask(reader)
                    self._wake.wait(self._interval if self._component.is_up else RETRY_SECONDS)
            finally:
                reader.close()
        except BaseException as error:  # noqa: BLE001 - raised again by snapshot(), on the consumer's thread
            self._error = error

    def _ask(self, reader: LogReader) -> None:
        asked_at, places, positions = self._monotonic(), self._watched, self._positions()
        try:
            _, problems = reader.partitions(self._topics)
            silent = None
        except KafkaException as error:
            # Some broker did not answer. The last known leaders may still, so query them.
            problems, silent = {}, error.args[0].str()
        log = reader.bounds(places)
        self._snapshot = Snapshot(asked_at, log, positions)
        self._report(log, problems, silent)

    def _report(self, log: LogBounds, problems: Mapping[str, str], silent: str | None) -> None:
        if silent is not None and not log.known:
            self._component.down(f"Kafka does not answer: {silent}"[:200])
        elif (problem := describe_problems(problems, log)) is not None:
            self._component.down(problem)
        else:
            self._component.up()
