"""Liveness and readiness of a process, from its components."""

from processkit.health import Health


def test_a_component_is_not_ready_until_it_reports_so() -> None:
    health = Health()
    part = health.component("consumer")
    assert health.ready() == (False, {"consumer": "starting"})
    part.up()
    assert health.ready() == (True, {"consumer": "ok"})


def test_one_component_that_is_down_makes_the_process_unready_but_live() -> None:
    health = Health()
    health.component("relay").up()
    health.component("consumer").down("the database is unavailable")
    assert health.ready() == (False, {"relay": "ok", "consumer": "the database is unavailable"})
    assert health.live() == (True, {})


def test_a_crashed_component_makes_the_process_not_live() -> None:
    health = Health()
    health.component("relay").up()
    health.component("consumer").crash("ValueError: defect")
    assert health.live() == (False, {"consumer": "ValueError: defect"})
    assert health.ready()[0] is False


def test_a_name_belongs_to_one_component() -> None:
    health = Health()
    assert health.component("a") is health.component("a")
    assert health.component("a") is not health.component("b")


def test_a_process_without_components_is_ready() -> None:
    assert Health().ready() == (True, {})


class Hand:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_component_is_down_while_it_does_not_renew_its_report() -> None:
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
    assert health.live() == (True, {}), "a restart would not restore the dependency"
    part.beat()
    assert health.ready() == (True, {"clock": "ok"})


def test_a_component_that_is_down_keeps_its_own_reason() -> None:
    hand = Hand()
    health = Health(monotonic=hand)
    part = health.component("consumer", renewed_within=30)
    part.up()
    part.down("halted: look")
    hand.now += 1000
    assert health.ready()[1] == {"consumer": "halted: look"} and not part.is_overdue
    part.beat()
    assert health.ready()[1] == {"consumer": "halted: look"}, "live is not ready"


def test_a_component_without_renewal_keeps_its_report() -> None:
    hand = Hand()
    health = Health(monotonic=hand)
    health.component("kafka").up()
    hand.now += 1e6
    assert health.ready()[0]
