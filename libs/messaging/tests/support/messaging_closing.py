"""`python messaging_closing.py PROTOCOL SECONDS`: members join and leave groups, each at a random moment.

Prints how many members were closed. A program of its own: a client that hangs in its close may keep Python's
lock, so that no other thread runs. Such a hang ends the program with the stacks of all threads.
"""

import faulthandler
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import cast
from unittest.mock import MagicMock

from messaging_cluster import HEARTBEAT_MS, SESSION_MS, Cluster, cluster

from messaging.runtime.log_observer import LogObserver
from messaging.runtime.member import Member
from messaging.settings import KafkaSettings

GROUPS = 12
MEMBERS = 3
PARTITIONS = 4
HANG_SECONDS = 60


def play(protocol: str, seed: int, until: float) -> int:
    """Let groups of members rebalance on a cluster of their own; return how many members were closed."""
    chance = random.Random(f"{protocol}-{seed}")
    closed = 0
    with cluster() as brokers:
        for number in range(1_000):
            if time.monotonic() > until:
                break
            closed += rebalance(brokers, protocol, f"group-{number}", chance)
    return closed


def rebalance(brokers: Cluster, protocol: str, group: str, chance: random.Random) -> int:
    """Add members one after the other and close them in any order, also in the middle of a rebalance."""
    brokers.create_topic(group, PARTITIONS)
    timing = {"session.timeout.ms": SESSION_MS, "heartbeat.interval.ms": HEARTBEAT_MS}
    settings = {
        "bootstrap_servers": brokers.bootstrap,
        "group_protocol": protocol,
        "consumer_config": {"log_level": 0} | (timing if protocol == "classic" else {}),
    }
    config = KafkaSettings.model_validate(settings).consumer(group, group)
    observer = cast("LogObserver", MagicMock(spec=LogObserver))
    members: list[Member] = []
    for _ in range(MEMBERS):
        members.append(Member(config, group, observer, lambda _error: None, exact_ends=True))
        members[-1].join([group])
        poll(members, chance.random() * 0.6)
    chance.shuffle(members)
    while members:
        leaving = members.pop()
        poll(members, chance.random() * 0.3)
        leaving.close(1.0)
    return MEMBERS


def poll(members: list[Member], seconds: float) -> None:
    """Let the members take part in rebalances for about this long."""
    end = time.monotonic() + seconds
    while members and time.monotonic() < end:
        for member in members:
            member.poll_paused(0.01)


def main() -> None:
    protocol, seconds = sys.argv[1], float(sys.argv[2])
    faulthandler.dump_traceback_later(seconds + HANG_SECONDS, exit=True)
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(GROUPS) as pool:
        closed = sum(pool.map(lambda seed: play(protocol, seed, until), range(GROUPS)))
    sys.stdout.write(f"{closed}\n")


if __name__ == "__main__":
    main()
