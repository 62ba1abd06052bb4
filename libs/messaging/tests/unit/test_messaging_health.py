"""Live: do not restart me. Ready: I do my work now."""

from messaging.health import Health


def test_a_part_is_not_ready_until_it_says_so() -> None:
    health = Health()
    part = health.component("consumer")
    assert health.ready() == (False, {"consumer": "starting"})
    part.up()
    assert health.ready() == (True, {"consumer": "ok"})


def test_one_part_that_is_down_makes_the_process_unready_but_alive() -> None:
    health = Health()
    health.component("relay").up()
    health.component("consumer").down("the database is away")
    assert health.ready() == (False, {"relay": "ok", "consumer": "the database is away"})
    assert health.live() == (True, {})


def test_a_crashed_part_wants_a_restart() -> None:
    health = Health()
    health.component("relay").up()
    health.component("consumer").crash("ValueError: defect")
    assert health.live() == (False, {"consumer": "ValueError: defect"})
    assert health.ready()[0] is False


def test_a_name_is_one_part() -> None:
    health = Health()
    assert health.component("a") is health.component("a")
    assert health.component("a") is not health.component("b")


def test_a_process_without_parts_is_ready() -> None:
    assert Health().ready() == (True, {})
