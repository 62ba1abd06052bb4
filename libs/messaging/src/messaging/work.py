"""One batch through record and derive, with the culprits of a failure singled out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from confluent_kafka import Message as KafkaMessage

from messaging import metrics
from messaging.database import Database
from messaging.dead_letters import DeadLetter
from messaging.errors import Kind, Poison, classify, reason_of
from messaging.event import Event
from messaging.handler import Handler, Session
from messaging.message import Message, decode_record
from messaging.tracing import batch_span, trace_id

log = structlog.stdlib.get_logger(__name__)

Step = Callable[[Session, Sequence[Event]], None]
# A deadlock is resolved by the database at once; one that comes back this often is a neighbour in trouble.
MAX_CONFLICTS = 20


@dataclass(frozen=True, slots=True)
class Item:
    """A record with its decoded message and event."""

    record: KafkaMessage
    message: Message
    event: Event


@dataclass(slots=True)
class Outcome:
    """What became of the records of a batch; each record is in exactly one of the three."""

    applied: list[Item] = field(default_factory=list)
    ignored: list[KafkaMessage] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)


class BatchWork:
    """Runs batches against the handler. Raises what is transient; everything else ends in the outcome."""

    def __init__(self, handler: Handler, database: Database, group: str, max_attempts: int) -> None:
        self._handler = handler
        self._database = database
        self._group = group
        self._max_attempts = max_attempts

    def run(self, records: Sequence[KafkaMessage]) -> Outcome:
        """Decode, record, commit, derive, commit. Doing it again for the same records changes nothing."""
        outcome = Outcome()
        items = self._decode(records, outcome)
        with batch_span(f"{self._group} batch", (item.message.traceparent for item in items)):
            recorded, unrecordable = self._apply(self._handler.record, items)
            outcome.dead.extend(
                DeadLetter(item.record, *reason_of(error), self._attempts(error))
                for item, error in unrecordable
            )
            _derived, underivable = self._apply(self._handler.derive, recorded)
            for item, error in underivable:
                # The event is safe in the set; its owner is marked, alerted and retried by the clock.
                with self._database.transaction() as tx:
                    self._handler.derive_failed(tx, [item.event], error)
        outcome.applied.extend(recorded)
        return outcome

    def _decode(self, records: Sequence[KafkaMessage], outcome: Outcome) -> list[Item]:
        items = []
        for record in records:
            try:
                message = decode_record(record)
                event = self._handler.decode(message)
            except Poison as error:
                outcome.dead.append(DeadLetter(record, error.reason, error.detail[:1000], 1))
            except Exception as error:
                if classify(error) in (Kind.TRANSIENT, Kind.CONFLICT):
                    raise
                log.exception("decoding raised what it should not", **_where(record))
                outcome.dead.append(DeadLetter(record, *reason_of(error), 1))
            else:
                if event is None:
                    outcome.ignored.append(record)
                else:
                    items.append(Item(record, message, event))
        return items

    def _apply(
        self, step: Step, items: Sequence[Item]
    ) -> tuple[list[Item], list[tuple[Item, BaseException]]]:
        """Run the step in one transaction; when it fails, halve the batch until the culprits stand alone."""
        if not items:
            return [], []
        error = self._attempt(step, items, tries=1 if len(items) > 1 else self._max_attempts)
        if error is None:
            return list(items), []
        if len(items) == 1:
            log.error(
                "a message cannot be handled",
                step=getattr(step, "__name__", "step"),
                error=str(error)[:1000],
                event_id=items[0].event.id,
                trace_id=trace_id(items[0].message.traceparent),
                **_where(items[0].record),
            )
            return [], [(items[0], error)]
        middle = len(items) // 2
        good, bad = self._apply(step, items[:middle])
        more_good, more_bad = self._apply(step, items[middle:])
        return good + more_good, bad + more_bad

    def _attempt(self, step: Step, items: Sequence[Item], tries: int) -> BaseException | None:
        """Return None on success, or the error that no further try mends. Raises what is transient."""
        events = [item.event for item in items]
        conflicts = 0
        while True:
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
            else:
                return None

    def _attempts(self, error: BaseException) -> int:
        return self._max_attempts if classify(error) is Kind.UNEXPECTED else 1


def _where(record: KafkaMessage) -> dict[str, object]:
    return {"topic": record.topic(), "partition": record.partition(), "offset": record.offset()}
