"""Random sequences of pauses, rebalances, stops of brokers and freezes: every message is handled in the end.

On small clusters in this process (see messaging_cluster), many in parallel. The stall detection is set to a
minute, so that it cannot hide a pause that lasts too long.
"""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from messaging_cluster import cluster
from messaging_sequences import Group, steps

SIDE_BY_SIDE = 40
BATCHES = range(3)


@pytest.mark.timeout(280)
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_random_sequences_of_faults_leave_no_message_unread(
    postgres_admin_dsn: str, protocol: str, batch: int
) -> None:
    def play(seed: int) -> str | None:
        chance = random.Random(f"{protocol}-{seed}")
        with cluster() as brokers:
            group = Group(brokers, postgres_admin_dsn, protocol)
            done: list[str] = []
            try:
                group.join()
                group.publish()
                done = steps(group, chance)
                group.publish()
                group.check(30)
            except AssertionError as error:
                return f"seed {seed} ({protocol}): {error}; after {done}"
            finally:
                group.stop()
        return None

    seeds = range(batch * SIDE_BY_SIDE, (batch + 1) * SIDE_BY_SIDE)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        failures = [failure for failure in pool.map(play, seeds) if failure]
    assert not failures, "\n".join(failures)
