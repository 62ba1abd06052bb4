"""An operator's commands list dead letters, show them and requeue them to their topics."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient
from messaging_effects import everything, publish, until
from messaging_garbage import publish_unreadable_header
from messaging_parcels import EVENTS, ParcelHandler, chains, message
from messaging_workers import RunCommand, Service

from messaging.__main__ import main
from messaging.deadletters.reading import Place
from messaging.eventset.event import Event
from messaging.message import OutgoingMessage
from messaging.producer import create_producer
from messaging.runtime.brake import Brake
from processkit.postgres.database import Session

pytestmark = pytest.mark.kafka_protocol


class Fixed(ParcelHandler):
    """Accepts the messages that the defect made it reject."""

    def record(self, tx: Session, events: Sequence[Event]) -> None:
        EVENTS.record(tx, events)


@pytest.fixture
def run(service: Service, run_command: RunCommand) -> RunCommand:
    """Run a command on the service's dead letters: exit code, stdout, stderr."""
    return lambda name, *arguments: run_command(
        "dead-letters", name, "--topic", service.dead_letters, *arguments
    )


def refused(service: Service, *messages: OutgoingMessage, partition: int = 1) -> None:
    """Let a consumer reject these messages."""
    publish(service.kafka, messages, partition=partition)
    running = service.consumer()
    until(service.at_the_end)
    running.stop()


def bad(service: Service, name: str) -> OutgoingMessage:
    return replace(message(service.topic, name, {"parcel": name}, record_fails=True), key=f"key of {name}")


def listed(run: RunCommand, *arguments: str) -> list[dict[str, Any]]:
    code, out, _ = run("list", "--json", *arguments)
    assert code == 0
    return [json.loads(line) for line in out.splitlines()]


def test_requeued_messages_are_applied_once_after_the_fix(service: Service, run: RunCommand) -> None:
    good = chains(service.topic, 4)
    lost = [bad(service, f"bad{n}") for n in range(5)]
    refused(service, *good[:6], *lost, *good[6:])
    assert {letter["headers"]["ce_id"] for letter in listed(run)} == {each.id for each in lost}

    service.consumer(Fixed(service.handler().derivation))
    code, out, err = run("requeue", "--all")
    assert (code, err) == (0, "")
    last = f"{service.dead_letters}: 5 requeued, 0 had been requeued before, 0 failed"
    assert out.splitlines()[-1] == last
    for each in lost:
        assert f"{each.id} ({each.type}) was requeued to {service.topic}/" in out
    until(lambda: service.effects.recorded() >= {each.id for each in lost})
    until(service.at_the_end)

    origin = everything(service.kafka, service.topic)
    for each in lost:
        both = [record for record in origin if dict(record.headers())["ce_id"].decode() == each.id]
        first, again = sorted(both, key=lambda one: len(one.headers()))  # of two partitions: in any order
        assert (again.key(), again.value()) == (first.key(), first.value())
        *own, (name, count) = again.headers()
        assert own == first.headers(), "its own headers, in their order"
        assert (name, count) == ("dlq-put-back-count", b"1")
    assert listed(run) == [], "none is left to requeue"
    letters = listed(run, "--all")
    assert len(letters) == 5, "and none was removed"
    assert all(len(letter["put_back"]) == 1 for letter in letters)
    service.effects.check([*good, *lost])


def test_a_second_requeue_needs_again(service: Service, run: RunCommand) -> None:
    refused(service, bad(service, "bad0"), bad(service, "bad1"))
    (place, other) = (letter["place"] for letter in listed(run))
    assert run("requeue", place)[0] == 0
    code, out, _ = run("requeue", place)
    assert code == 0
    assert f"{place}: was requeued 20" in out
    assert "0 requeued, 1 had been requeued before, 0 failed" in out
    assert [letter["place"] for letter in listed(run)] == [other]
    ids = [dict(record.headers())["ce_id"] for record in everything(service.kafka, service.topic)]
    assert ids.count(b"bad0") == 2

    assert run("requeue", "--again", place)[0] == 0
    ids = [dict(record.headers())["ce_id"] for record in everything(service.kafka, service.topic)]
    assert ids.count(b"bad0") == 3
    (known,) = [letter for letter in listed(run, "--all") if letter["place"] == place]
    assert len(known["put_back"]) == 2


def test_a_message_refused_again_counts_its_requeues(service: Service, run: RunCommand) -> None:
    refused(service, bad(service, "bad0"))
    for number in (1, 2):
        assert run("requeue", "--all")[0] == 0
        running = service.consumer()
        until(service.at_the_end)
        running.stop()
        (letter,) = listed(run)
        assert letter["headers"]["dlq-put-back-count"] == str(number)
        names = [name for name, _ in everything(service.kafka, service.dead_letters)[-1].headers()]
        assert len(names) == len(set(names)), "no header of the earlier dead letter remains"
    assert len(listed(run, "--all")) == 3


def test_requeuing_more_than_the_brake_allows_needs_fixed(service: Service, run: RunCommand) -> None:
    lost = [bad(service, f"bad{n:02}") for n in range(Brake.count + 1)]
    refused(service, *lost[:11])
    refused(service, *lost[11:])
    before = len(everything(service.kafka, service.topic))
    code, out, err = run("requeue", "--all")
    assert (code, out) == (2, "")
    assert "21 dead letters would be requeued" in err
    assert "Requeue one first (0/0) and list again" in err
    assert len(everything(service.kafka, service.topic)) == before, "none was requeued"

    assert run("requeue", "0/0")[0] == 0
    running = service.consumer()
    until(service.at_the_end)
    running.stop()
    (again,) = [letter for letter in listed(run) if "dlq-put-back-count" in letter["headers"]]
    assert again["headers"]["ce_id"] == "bad00"
    assert "refused again (requeues: 1)" in run("list")[1]

    service.consumer(Fixed(service.handler().derivation))
    code, out, _ = run("requeue", "--all", "--fixed")
    assert code == 0
    assert "21 requeued, 1 had been requeued before, 0 failed" in out
    until(lambda: service.effects.recorded() >= {each.id for each in lost})


def test_requeue_all_can_be_limited_to_a_reason(service: Service, run: RunCommand) -> None:
    broken = replace(message(service.topic, "broken", {}), value=b"{not json")
    refused(service, bad(service, "bad0"), broken)
    assert [one["headers"]["ce_id"] for one in listed(run, "--reason", "bad-parcel")] == ["broken"]
    assert "1 requeued" in run("requeue", "--all", "--reason", "bad-parcel")[1]
    assert [one["headers"]["ce_id"] for one in listed(run)] == ["bad0"]
    assert "0 requeued, 1 had been requeued before" in run("requeue", "--all", "--reason", "bad-parcel")[1]


def test_a_dead_letter_without_its_value_is_requeued_from_its_origin(
    service: Service, run: RunCommand, make_topic: Callable[..., str]
) -> None:
    service.dead_letters = make_topic(1, "dlq", {"max.message.bytes": "4000"})
    large = replace(message(service.topic, "large", {}), value=random.Random(2).randbytes(20_000))
    refused(service, large, partition=3)
    service_topic = service.dead_letters
    (letter,) = _listed_of(service_topic, run)
    assert letter["headers"]["dlq-omitted-bytes"] == "20000"
    code, _, err = run("requeue", "--topic", service_topic, "--all")
    assert (code, err) == (0, "")
    first, again = sorted(everything(service.kafka, service.topic), key=lambda one: len(one.headers()))
    assert again.value() == first.value() == large.value
    assert again.headers()[:-1] == first.headers()


def _listed_of(topic: str, run: RunCommand) -> list[dict[str, Any]]:
    code, out, _ = run("list", "--json", "--topic", topic)
    assert code == 0
    return [json.loads(line) for line in out.splitlines()]


def test_dead_letters_that_cannot_be_requeued_are_reported_and_kept(
    service: Service, run: RunCommand
) -> None:
    gone = replace(bad(service, "gone"), topic=service.topic)
    publish_unreadable_header(service.kafka.bootstrap_servers, service.topic, b"value")
    refused(service, gone, bad(service, "whole"))
    # A dead letter of a topic that no longer exists, and a record that is not one of our dead letters.
    producer = create_producer(service.kafka, "tests")
    producer.produce(service.dead_letters, b"?", headers=[("dlq-topic", b"deleted.topic"), ("ce_id", b"x")])
    producer.produce(service.dead_letters, b"?")
    producer.flush(10)
    before = everything(service.kafka, service.dead_letters)
    code, out, err = run("requeue", "--all")
    assert code == 1
    assert "its topic deleted.topic no longer exists" in err
    assert "it does not name the topic that it came from" in err
    assert "the name of one of its headers cannot be read" in err
    assert "whole (" in out
    assert "2 requeued, 0 had been requeued before, 3 failed" in out
    assert "deleted.topic" not in AdminClient(service.kafka.common("tests")).list_topics(timeout=10).topics
    after = everything(service.kafka, service.dead_letters)
    kept = [(record.offset(), record.value(), record.headers()) for record in after[: len(before)]]
    assert kept == [(record.offset(), record.value(), record.headers()) for record in before]
    assert len(listed(run)) == 3


def test_one_dead_letter_is_shown_in_full(service: Service, run: RunCommand) -> None:
    steering = replace(bad(service, "bad0"), value=b'{"parcel": "\x1b[2J"}')
    refused(service, steering, bad(service, "bad1"))
    for letter in listed(run):
        code, out, _ = run("show", letter["place"])
        assert code == 0
        assert f"ce_id: {letter['headers']['ce_id']}" in out
        assert "dlq-reason: " in out
        assert f"key: key of {letter['headers']['ce_id']}" in out
    code, out, _ = run("show", listed(run, "--reason", "KeyError")[0]["place"])
    assert '"parcel": "bad1"' in out
    assert "\x1b" not in run("show", "0/0")[1]
    assert "\x1b" not in run("list")[1]


def test_the_list_shows_reason_and_origin(service: Service, run: RunCommand) -> None:
    refused(service, bad(service, "bad0"))
    code, out, _ = run("list")
    assert code == 0
    assert f"bad0 from {service.topic}/1/0" in out
    assert "KeyError" in out
    assert f"{service.dead_letters}: 1 dead letters, 1 to requeue, 0 requeued" in out
    run("requeue", "--all")
    assert "bad0" not in run("list")[1]
    assert "bad0" in run("list", "--all")[1]


@pytest.mark.parametrize(
    ("command", "code", "complaint"),
    [
        (("requeue",), 2, "Name dead letters as PARTITION/OFFSET, or pass --all."),
        (("requeue", "--all", "0/0"), 2, "Name dead letters as PARTITION/OFFSET, or pass --all."),
        (("requeue", "0/99"), 1, "has no such dead letter, or it has expired"),
        (("requeue", "7/0"), 1, "has partitions 0 to 0"),
        (("show", "0/99"), 1, "has no such dead letter, or it has expired"),
        (
            ("list", "--topic", "nowhere.dlq"),
            2,
            "The topic nowhere.dlq does not exist. Dead-letter topics here:",
        ),
    ],
)
def test_unknown_places_and_topics_are_reported(
    run: RunCommand, command: tuple[str, ...], code: int, complaint: str
) -> None:
    got, _, err = run(*command)
    assert (got, complaint in err) == (code, True), err


@pytest.mark.parametrize("place", ["", "1", "1/", "/1", "a/b", "-1/0", "1/0/0", "1/²", "9" * 40 + "/1"])
def test_an_invalid_place_is_refused(run: RunCommand, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="write PARTITION/OFFSET"):
        Place.parse(place)
    if not place.startswith("-"):
        with pytest.raises(SystemExit) as ended:
            run("show", place)
        assert ended.value.code == 2
        assert "write PARTITION/OFFSET" in capsys.readouterr().err


def test_without_kafka_the_command_fails_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    assert main(["dead-letters", "list", "--group", "parcels"]) == 2
    assert capsys.readouterr().err == "KAFKA_BOOTSTRAP_SERVERS is not set.\n"
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    assert main(["dead-letters", "list", "--group", "parcels"]) == 1
    assert "Kafka at 127.0.0.1:1 refused the command" in capsys.readouterr().err


def test_the_module_is_a_command(service: Service) -> None:
    refused(service, bad(service, "bad0"))
    command = [sys.executable, "-m", "messaging", "dead-letters", "list", "--topic", service.dead_letters]
    environment = {"KAFKA_BOOTSTRAP_SERVERS": service.kafka.bootstrap_servers, "PATH": ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "bad0" in done.stdout


@pytest.mark.parametrize("letters", [1, 20], ids=["flushed at the end", "on the way"])
def test_a_closed_pipe_is_not_an_error(service: Service, letters: int) -> None:
    long = "x" * 2000
    refused(service, *[bad(service, f"bad{n}{long if letters > 1 else ''}") for n in range(letters)])
    command = [sys.executable, "-m", "messaging", "dead-letters", "list", "--topic", service.dead_letters]
    environment = {"KAFKA_BOOTSTRAP_SERVERS": service.kafka.bootstrap_servers, "PATH": ""}
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, env=environment, stdout=writing, stderr=subprocess.PIPE, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")
