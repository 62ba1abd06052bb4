"""Runs one batch through record and derive, and isolates the messages that cause a failure."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from confluent_kafka import Message as KafkaMessage

from messaging import metrics
from messaging.deadletters.queue import DeadLetter
from messaging.errors import Halted, Interrupted, Poison, classify, is_transient, reason_of
from messaging.eventset.event import Event
from messaging.message import Message, decode_record
from messaging.runtime.brake import Brake
from messaging.runtime.handler import Handler
from processkit.errors import Kind, sentence_of
from processkit.postgres.database import Database, Session
from processkit.tracing import batch_span, trace_id

log = structlog.stdlib.get_logger(__name__)

Step = Callable[[Session, Sequence[Event[Any]]], None]
# Repeating the transaction resolves a deadlock or conflict; one that recurs this often has another cause.
MAX_CONFLICTS = 20


@dataclass(frozen=True, slots=True)
class Item:
    """A record with its decoded message and event."""

    record: KafkaMessage
    message: Message
    event: Event[Any]


@dataclass(slots=True)
class Outcome:
    """The result for the records of a batch; each record is in exactly one of the three lists."""

    applied: list[Item] = field(default_factory=list)
    ignored: list[KafkaMessage] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)


class BatchWork:
    """Runs batches against the handler. Raises transient errors; every other failure is in the outcome.

    `out_of_time` is called between transactions; Interrupted is raised once it returns True.
    """

    def __init__(
        self,
        handler: Handler,
        database: Database,
        group: str,
        max_attempts: int,
        brake: Brake,
        out_of_time: Callable[[], bool] = lambda: False,
    ) -> None:
        self._handler = handler
        self._database = database
        self._group = group
        self._max_attempts = max_attempts
        self._brake = brake
        self._out_of_time = out_of_time

    def run(self, records: Sequence[KafkaMessage]) -> Outcome:
        """Decode, record, commit, derive, commit. Repeating it for the same records changes nothing.

        Raises Halted as soon as there are enough dead letters to trip the brake.
        """
        outcome = Outcome()
        items = self._decode(records, outcome)
        self._check_brake(records, outcome.dead)

        def unrecordable(item: Item, error: BaseException) -> None:
            outcome.dead.append(DeadLetter(item.record, *reason_of(error), self._attempts(error)))
            self._check_brake(records, outcome.dead)

        underivable: list[tuple[Item, BaseException]] = []
        traces = {item.event.id: item.message.traceparent for item in items}
        with batch_span(f"{self._group} batch", traces):
            recorded = self._apply(self._handler.record, items, unrecordable)
            self._apply(self._handler.derive, recorded, lambda *failure: underivable.append(failure))
            unmarked = self._mark(underivable)
        outcome.dead.extend(unmarked.values())
        outcome.applied.extend(item for item in recorded if id(item) not in unmarked)
        return outcome

    def _mark(self, failures: Sequence[tuple[Item, BaseException]]) -> dict[int, DeadLetter]:
        """Mark the owners of events that could not be derived; the clock reports and retries them.

        Returns dead letters, by the identity of their items, for events whose owners could not be marked
        either: such an event is in the set, but nothing would derive it.
        """
        together: dict[tuple[str, str], list[tuple[Item, BaseException]]] = defaultdict(list)
        for item, error in failures:
            together[reason_of(error)].append((item, error))
        unmarked: dict[int, DeadLetter] = {}
        for group in together.values():
            events = [item.event for item, _ in group]
            try:
                with self._database.transaction() as tx:
                    self._handler.derive_failed(tx, events, group[0][1])
            except Exception as error:
                if is_transient(error):
                    raise
                log.exception("events cannot be derived, and their owners cannot be marked")
                for item, _ in group:
                    unmarked[id(item)] = DeadLetter(item.record, *reason_of(error), self._max_attempts)
        return unmarked

    def _check_brake(self, records: Sequence[KafkaMessage], dead: Sequence[DeadLetter]) -> None:
        if self._brake.would_trip(len(records), len(dead)):
            raise Halted(
                f"{len(dead)} or more of {len(records)} messages cannot be handled, the last because of "
                f"{dead[-1].reason}. The limit is {self._brake.count} messages and {self._brake.share:.0%} "
                f"of those of the last {self._brake.seconds:.0f} s. Nothing was skipped: fix the cause and "
                "start the consumer again."
            )

    def _decode(self, records: Sequence[KafkaMessage], outcome: Outcome) -> list[Item]:
        items = []
        for record in records:
            try:
                message = decode_record(record)
                event = self._handler.decode(message)
            except Poison as error:
                outcome.dead.append(DeadLetter(record, error.reason, error.detail[:1000], 1))
            except Exception as error:
                if is_transient(error):
                    raise
                log.exception("unexpected error while decoding a message", **_where(record))
                outcome.dead.append(DeadLetter(record, *reason_of(error), 1))
            else:
                if event is None:
                    outcome.ignored.append(record)
                else:
                    items.append(Item(record, message, event))
        return items

    def _apply(
        self, step: Step, items: Sequence[Item], failed: Callable[[Item, BaseException], None]
    ) -> list[Item]:
        """Run the step in one transaction; if it fails, halve the batch until the failing messages are
        isolated.

        Returns the items for which it succeeded, in order; `failed` is called for the others.
        """
        if not items:
            return []
        error = self._attempt(step, items, tries=1 if len(items) > 1 else self._max_attempts)
        if error is None:
            return list(items)
        if len(items) == 1:
            log.error(
                "a message cannot be handled",
                step=getattr(step, "__name__", "step"),
                error=sentence_of(error),
                event_id=items[0].event.id,
                trace_id=trace_id(items[0].message.traceparent),
                **_where(items[0].record),
            )
            failed(items[0], error)
            return []
        middle = len(items) // 2
        return self._apply(step, items[:middle], failed) + self._apply(step, items[middle:], failed)

    def _attempt(self, step: Step, items: Sequence[Item], tries: int) -> BaseException | None:
        """Return None on success, or the error that retries do not fix. Raises transient errors."""
        events = [item.event for item in items]
        conflicts = 0
        while True:
            if self._out_of_time():
                raise Interrupted(
                    "the process is stopping; the next owner of the partitions repeats the batch"
                )
            try:
                with self._database.transaction() as tx:
                    step(tx, events)
            except Exception as error:
                kind = classify(error)
                metrics.RETRIES.labels(self._group, kind.value).inc()
                if kind is Kind.TRANSIENT:
                    raise
                if kind is Kind.CONFLICT:
                    conflicts += 1
                    if conflicts > MAX_CONFLICTS:
                        raise
                    continue
                tries -= 1
                if kind is Kind.POISON or tries <= 0:
                    return error
                # The session itself may be the problem, such as a plan from before a migration or a setting.
                self._database.close()
            else:
                return None

    def _attempts(self, error: BaseException) -> int:
        return self._max_attempts if classify(error) is Kind.UNEXPECTED else 1


def _where(record: KafkaMessage) -> dict[str, object]:
    return {"topic": record.topic(), "partition": record.partition(), "offset": record.offset()}
