"""A consumer process on real Kafka: `python enrollment_process.py DSN GROUP TOPIC DEAD_LETTERS [MUTANT]`."""

import signal
import sys
import threading

from enrollment_mutants import handler

from messaging.runtime.runner import ConsumerRunner
from messaging.settings import KafkaSettings
from processkit.clock import utc_now
from processkit.health import Health


def main(dsn: str, group: str, topic: str, dead_letters: str, mutant: str = "") -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    ConsumerRunner(
        kafka=KafkaSettings(),
        group_id=group,
        topics=[topic],
        dead_letter_topic=dead_letters,
        handler=handler(mutant, utc_now),
        dsn=dsn,
        health=Health(),
        batch_size=20,  # many small batches: many points at which a process can be killed
    ).run(stop)


if __name__ == "__main__":
    main(*sys.argv[1:6])
