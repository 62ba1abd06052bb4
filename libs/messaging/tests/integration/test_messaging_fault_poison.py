"""Messages that cannot be handled become dead letters, and the other messages of the batch are applied."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import structlog
from messaging_effects import committed, everything, publish, until
from messaging_garbage import publish_unreadable_header
from messaging_parcels import EVENTS, ParcelHandler, chains, message, scrambled
from messaging_workers import Service
from prometheus_client import REGISTRY

from messaging.errors import Poison
from messaging.eventset.event import Event
from messaging.message import raw_headers
from processkit.postgres.database import Session

pytestmark = pytest.mark.kafka_protocol

HUGE = random.Random(1).randbytes(9000).hex()


def letters(service: Service) -> dict[str, dict[str, str]]:
    """Return the headers of the dead letters by ce_id."""
    result = {}
    for record in everything(service.kafka, service.dead_letters):
        headers = {name: value.decode() for name, value in record.headers() or []}
        result[headers.get("ce_id", "")] = headers
    return result


def counted(name: str, **labels: str) -> float:
    return sum(
        sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def test_poison_in_a_batch_becomes_a_dead_letter_and_the_others_are_applied(service: Service) -> None:
    messages = chains(service.topic, 30)
    topic = service.topic
    check = "CheckViolation 23514"
    poison = {
        "undecodable": (replace(message(topic, "undecodable", {}), value=b"{not json"), "bad-parcel", 1),
        "nul": (message(topic, "nul", {"parcel": "p"}, text="a\x00b"), "UntranslatableCharacter 22P05", 1),
        "nul-link": (message(topic, "nul-link", {"parcel": "a\x00b"}), "CharacterNotInRepertoire 22021", 1),
        "too-large": (message(topic, "too-large", {"parcel": HUGE}), "ProgramLimitExceeded 54000", 1),
        "constraint": (
            message(topic, "constraint", {"parcel": "p"}, refused=True),
            check,
            3,
        ),
        "defect": (message(topic, "defect", {"parcel": "p"}, record_fails=True), "KeyError", 3),
    }
    batch = scrambled([*messages, *(sent for sent, _, _ in poison.values())], duplicates=0)
    publish(service.kafka, [replace(sent, key="one partition") for sent in batch], partition=2)
    publish(service.kafka, chains(topic, 5, prefix="later"), partition=2)
    places = {sent.id: offset for offset, sent in enumerate(batch)}

    service.consumer(batch_size=100)
    service.effects.wait_for([*messages, *chains(topic, 5, prefix="later")])
    until(service.at_the_end)

    service.effects.check([*messages, *chains(topic, 5, prefix="later")])
    dead = letters(service)
    assert dead.keys() == poison.keys()
    for name, (sent, reason, attempts) in poison.items():
        headers = dead[name]
        assert headers["dlq-reason"] == reason
        assert headers["dlq-detail"]
        assert (headers["dlq-topic"], headers["dlq-partition"]) == (topic, "2")
        assert headers["dlq-offset"] == str(places[name])
        assert headers["dlq-attempts"] == str(attempts)
        assert headers["dlq-group"] == service.group
        assert headers["dlq-time"].startswith("20") and headers["dlq-time"].endswith("+00:00")
        assert headers["ce_type"] == sent.type, "the record's own headers stay"
    found = {record.value() for record in everything(service.kafka, service.dead_letters)}
    assert found == {sent.value for sent, _, _ in poison.values()}, "and its value"

    group = {"group": service.group}
    consumed = counted("messaging_consumed_total", **group)
    applied = counted("messaging_applied_total", **group)
    assert consumed == committed(service.kafka, service.group, topic)[1]
    assert consumed == applied + counted("messaging_dead_letters_total", **group)


def test_an_unreadable_header_becomes_a_dead_letter(service: Service) -> None:
    publish_unreadable_header(service.kafka.bootstrap_servers, service.topic, b"value")
    messages = chains(service.topic, 3)
    publish(service.kafka, messages)
    service.consumer()
    service.effects.wait_for(messages)
    until(service.at_the_end)
    letter = everything(service.kafka, service.dead_letters)[0]
    assert dict(letter.headers() or [])["dlq-reason"] == b"not-utf-8"
    assert letter.value() == b"value"


def test_an_unreadable_header_becomes_a_dead_letter_in_a_warm_interpreter(service: Service) -> None:
    """After some calls CPython specialises the call of `headers`, and the error is another one."""
    publish(service.kafka, chains(service.topic, 60), partition=0)
    for _ in range(20):
        publish_unreadable_header(service.kafka.bootstrap_servers, service.topic, b"value")
    read = everything(service.kafka, service.topic)
    outcomes = Counter(readable(record) for _ in range(3) for record in read)
    assert outcomes == {True: len(read) * 3 - 60, False: 60}
    for record in read:
        assert all(isinstance(name, str) for name, _ in record.headers() or [])
        assert "<NULL>" not in dict(record.headers() or [])


def readable(record: Any) -> bool:
    try:
        raw_headers(record)
    except Poison:
        return False
    return True


def test_a_failed_derivation_marks_its_owner_and_the_partition_advances(service: Service) -> None:
    bad = [
        message(service.topic, "bad-rules", {"customer": "c-rules"}, compute_fails=True),
        message(service.topic, "bad-write", {"customer": "c-write"}, write_fails=True),
        message(service.topic, "bad-write-2", {"customer": "c-write"}),
    ]
    messages = chains(service.topic, 10)
    publish(service.kafka, scrambled([*messages, *bad], duplicates=0), partition=0)
    service.consumer()
    until(service.at_the_end)
    until(lambda: len(service.effects.totals()) == 10)
    assert service.effects.recorded() == {each.id for each in [*messages, *bad]}
    query = "select owner_id, failure, attempts from owners where needs_derivation order by 1"
    (rules, why, _), (write, why_not, attempts) = service.effects.query(query)
    assert (rules, why) == ("c-rules", "ValueError: the rules cannot make sense of c-rules")
    assert (write, why_not[:14]) == ("c-write", "CheckViolation")
    assert attempts == 1, "two events of one batch are one failed attempt of their owner"
    assert letters(service) == {}, "the events are in the set and not dead letters"


def test_an_event_whose_owners_cannot_be_marked_is_a_dead_letter(service: Service) -> None:
    class Unmarkable(ParcelHandler):
        def __init__(self) -> None:
            super().__init__(service.handler().derivation)
            self.derive = self._fail  # type: ignore[method-assign, assignment]
            self.derive_failed = self._fail_again  # type: ignore[method-assign, assignment]

        def _fail(self, tx: Session, events: Sequence[Event]) -> None:
            if any(event.facts.get("endless") for event in events):
                raise RecursionError("the links never close")
            self.derivation.derive(tx, events)

        def _fail_again(self, tx: Session, events: Sequence[Event], error: BaseException) -> None:
            raise RecursionError("the links never close")

    messages = chains(service.topic, 5)
    endless = message(service.topic, "endless", {"parcel": "p"}, endless=True)
    publish(service.kafka, [*messages[:7], endless, *messages[7:]], partition=0)
    running = service.consumer(Unmarkable())
    service.effects.wait_for(messages)
    until(service.at_the_end)
    assert letters(service)["endless"]["dlq-reason"] == "RecursionError"
    assert running.alive


def test_the_brake_halts_before_a_defect_empties_the_topic(service: Service) -> None:
    good = chains(service.topic, 10)
    publish(service.kafka, good, partition=0)
    running = service.consumer()
    until(service.at_the_end)
    bad = [message(service.topic, f"bad{i}", {"parcel": "p"}, record_fails=True) for i in range(60)]
    after = chains(service.topic, 5, prefix="after")
    publish(service.kafka, [*bad, *after], partition=0)
    until(lambda: running.said("consumer").startswith("halted"), what=running.health.ready)
    assert "20 messages and 1%" in running.said("consumer") and "KeyError" in running.said("consumer")
    assert running.health.live()[0], "a restart would not help"
    assert letters(service) == {}, "no message of the batch became a dead letter"
    assert committed(service.kafka, service.group, service.topic)[0] == len(good), "and none was skipped"
    running.stop()

    # The defect is fixed and the consumer started again.
    class Fixed(ParcelHandler):
        def record(self, tx: Session, events: Sequence[Event]) -> None:
            EVENTS.record(tx, events)

    service.consumer(Fixed(service.handler().derivation))
    service.effects.wait_for([*good, *bad, *after])
    until(service.at_the_end)
    service.effects.check([*good, *bad, *after])


def test_offsets_are_committed_only_after_the_dead_letters_are_delivered(
    service: Service, make_topic: Callable[..., str]
) -> None:
    # The dead-letter topic does not exist yet. A dozen retries must not trip the brake either.
    future_topic, service.dead_letters = service.dead_letters, f"{service.topic}.dlq"
    bad = [message(service.topic, f"bad{i}", {"parcel": "p"}, text="\x00") for i in range(8)]
    publish(service.kafka, bad, partition=0)
    running = service.consumer(dead_letter_seconds=3.0)
    until(lambda: "waiting" in running.said("consumer"), what=running.health.ready)
    until(lambda: "topics are missing" in running.said("kafka"), what=running.health.ready)
    assert service.dead_letters in running.said("kafka")
    assert committed(service.kafka, service.group, service.topic)[0] == 0
    running.stop()
    service.dead_letters = future_topic
    running = service.consumer()
    until(service.at_the_end)
    assert len(letters(service)) == 8
    assert running.health.ready()[0]


def test_a_dead_letter_too_large_for_its_topic_is_stored_without_its_value(
    service: Service, make_topic: Callable[..., str]
) -> None:
    service.dead_letters = make_topic(1, "dlq", {"max.message.bytes": "4000"})
    large = replace(message(service.topic, "large", {}), value=random.Random(2).randbytes(20_000))
    small = replace(message(service.topic, "small", {}), value=b"{not json")
    publish(service.kafka, [large, small], partition=1)
    service.consumer()
    until(service.at_the_end)
    found = everything(service.kafka, service.dead_letters)
    headers = {dict(record.headers() or [])["dlq-offset"]: dict(record.headers() or []) for record in found}
    assert headers.keys() == {b"0", b"1"}, "both are in the origin topic"
    assert headers[b"0"]["dlq-omitted-bytes"] == b"20000"
    assert headers[b"0"]["dlq-topic"] == service.topic.encode()


def test_the_log_names_the_topic_and_the_origin_of_a_dead_letter(service: Service) -> None:
    broken = replace(message(service.topic, "broken", {}), key="k", value=b"{not json")
    with structlog.testing.capture_logs() as lines:
        publish(service.kafka, [broken], partition=1)
        service.consumer()
        until(lambda: any(line["event"] == "dead letter" for line in lines))
    [line] = [line for line in lines if line["event"] == "dead letter"]
    assert (line["topic"], line["partition"], line["offset"]) == (service.topic, 1, 0)
    assert (line["group"], line["reason"]) == (service.group, "bad-parcel")
    assert line["dead_letter_topic"] == service.dead_letters
