"""A process that ends at any point of a batch loses nothing and applies nothing twice."""

import signal
import time

import pytest
from messaging_effects import committed, everything, publish, until
from messaging_parcels import chains, message, scrambled
from messaging_service import CRASHED
from messaging_workers import Service

from messaging.settings import KafkaSettings

pytestmark = pytest.mark.kafka_protocol

# A static member gets its partitions back at once, so that tests need not wait for a session timeout.
STATIC = {"protocol": "classic", "consumer_config": {"group.instance.id": "one", "session.timeout.ms": 6000}}


def static(service: Service) -> KafkaSettings:
    return KafkaSettings(
        bootstrap_servers=service.kafka.bootstrap_servers,
        group_protocol="classic",
        consumer_config=STATIC["consumer_config"],
    )


@pytest.mark.parametrize(
    "point",
    [
        "before the commit of record",
        "between record and derive",
        "before the commit of derive",
        "after derive",
        "after the dead letters",
    ],
)
def test_a_crash_between_any_two_steps_loses_and_repeats_nothing(service: Service, point: str) -> None:
    messages = chains(service.topic, 25)
    poison = [message(service.topic, f"poison-{i}", {"parcel": "p"}, text="a\x00b") for i in range(3)]
    publish(service.kafka, scrambled(messages))
    publish(service.kafka, poison, partition=0)
    service.relay()
    # A few batches are done before the crash, so that offsets, state and announcements already exist.
    crashing = service.process(**STATIC, crash=point, crash_times=3, batch_size=20)
    until(lambda: not crashing.running(), what="the crash")
    assert crashing.popen.returncode == CRASHED
    service.consumer(kafka=static(service))
    service.finish(messages)
    dead = {
        dict(record.headers() or [])["ce_id"].decode()
        for record in everything(service.kafka, service.dead_letters)
    }
    assert dead == {f"poison-{i}" for i in range(3)}, "a dead letter may be stored twice but never be missing"


def test_processes_killed_under_load_lose_and_repeat_nothing(service: Service) -> None:
    messages = chains(service.topic, 300)
    arriving = scrambled(messages)
    relay = service.process("relay")
    for round_number in range(3):
        # A third in each round: however late this test notices the progress, the next round has some to make.
        before = len(service.effects.recorded())
        publish(service.kafka, arriving[round_number::3])
        consumer = service.process(**STATIC, batch_size=60)
        until(
            lambda before=before, consumer=consumer: (
                not consumer.running() or len(service.effects.recorded()) > before + 100
            ),
            what=lambda round_number=round_number: f"100 messages of round {round_number}",
        )
        assert consumer.running()
        consumer.kill()
        if round_number == 1:
            relay.kill()
            relay = service.process("relay")
    service.consumer(kafka=static(service))
    service.finish(messages)


def test_sigterm_during_a_batch_ends_the_process_in_time_and_loses_nothing(service: Service) -> None:
    messages = chains(service.topic, 40)
    publish(service.kafka, messages)
    consumer = service.process(slow=2.0, batch_size=80)
    until(service.effects.recorded, what="the first record's commit")
    assert service.effects.totals() == {}, "the batch is in progress: recorded, not derived"
    told = time.monotonic()
    consumer.popen.send_signal(signal.SIGTERM)
    until(lambda: not consumer.running(), 11)
    assert time.monotonic() - told < 10
    assert consumer.popen.returncode == 0
    recorded = len(service.effects.recorded())
    assert 0 < recorded < len(messages), "it finished its batch and started no other"
    assert service.effects.totals(), "the batch was derived"
    assert committed(service.kafka, service.group, service.topic)[0] == recorded, "and its offsets committed"
    # It left the group, so that the next owner of the partitions need not wait for its session timeout.
    begun = time.monotonic()
    service.consumer()
    service.effects.wait_for(messages)
    assert time.monotonic() - begun < 10
    service.effects.check(messages)


def test_sigterm_while_a_batch_is_being_split_ends_the_process_in_time(service: Service) -> None:
    # Every event fails to derive, slowly: marking all of them would take minutes.
    messages = [message(service.topic, f"e{i}", {"customer": f"c{i}"}, write_fails=True) for i in range(60)]
    publish(service.kafka, messages)
    consumer = service.process(slow=0.5)
    until(service.effects.recorded)
    told = time.monotonic()
    consumer.popen.send_signal(signal.SIGTERM)
    until(lambda: not consumer.running(), 11)
    assert (time.monotonic() - told < 10, consumer.popen.returncode) == (True, 0)
    assert committed(service.kafka, service.group, service.topic)[0] == 0, (
        "no offset of an unfinished batch was committed"
    )
