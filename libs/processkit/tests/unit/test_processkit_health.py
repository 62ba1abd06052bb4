"""Live: do not restart me. Ready: I do my work now."""

from processkit.health import Health


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


class Hand:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_part_that_must_renew_its_word_is_down_when_it_does_not_and_up_again_when_it_does() -> None:
    hand = Hand()
    health = Health(monotonic=hand)
    part = health.component("clock", renewed_within=30)
    part.up()
    hand.now += 30
    assert health.ready() == (True, {"clock": "ok"})
    part.beat()
    hand.now += 30
    assert health.ready()[0] and health.up() == {"clock": True}
    hand.now += 1
    assert not health.ready()[0] and health.up() == {"clock": False}
    assert "no sign of life for more than 30 s" in health.ready()[1]["clock"]
    assert health.live() == (True, {}), "a restart brings no neighbour back"
    part.beat()
    assert health.ready() == (True, {"clock": "ok"})


def test_a_part_that_says_why_it_is_down_is_not_overdue_too() -> None:
    hand = Hand()
    health = Health(monotonic=hand)
    part = health.component("consumer", renewed_within=30)
    part.up()
    part.down("halted: look")
    hand.now += 1000
    assert health.ready()[1] == {"consumer": "halted: look"} and not part.is_overdue
    part.beat()
    assert health.ready()[1] == {"consumer": "halted: look"}, "alive is not well"


def test_a_part_that_need_not_renew_its_word_keeps_it() -> None:
    hand = Hand()
    health = Health(monotonic=hand)
    health.component("kafka").up()
    hand.now += 1e6
    assert health.ready()[0]
