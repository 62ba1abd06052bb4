"""A worker's loop reports what its turns do, waits while a dependency is unavailable, and always closes."""

import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest

from processkit.errors import Transient
from processkit.health import Component
from processkit.loop import Loop


class Script:
    """Turns that return or raise what the test lists; the last one stops the loop."""

    def __init__(self, *turns: bool | Exception) -> None:
        self.stop = threading.Event()
        self.reasons: list[str | None] = []
        self.component = Component("worker")
        self._turns: Iterator[bool | Exception] = iter(turns)
        self._left = len(turns)

    def __call__(self) -> bool:
        self.reasons.append(self.component.reason)
        self._left -= 1
        if not self._left:
            self.stop.set()
        turn = next(self._turns)
        if isinstance(turn, Exception):
            raise turn
        return turn


def record_into(pauses: list[float]) -> Callable[[threading.Event, float], None]:
    return lambda _stop, seconds: pauses.append(seconds)


def test_a_turn_without_work_is_followed_by_the_idle_pause_and_one_with_work_is_not() -> None:
    script, pauses = Script(True, False, True, False), list[float]()
    Loop(component=script.component, turn=script, idle_seconds=7.0, wait=record_into(pauses)).run(script.stop)
    assert pauses == [7.0, 7.0]
    assert script.reasons == ["starting", None, None, None]


def test_an_unavailable_dependency_is_reported_until_a_turn_succeeds() -> None:
    script = Script(psycopg.OperationalError("no route"), Transient("still none"), True, True)
    loop = Loop(component=script.component, turn=script, idle_seconds=0.0, describe="database: {}".format)
    loop.run(script.stop)
    assert script.reasons == ["starting", "database: no route", "database: still none", None]


def test_the_pauses_after_failures_grow_up_to_the_longest_and_start_again_after_a_success() -> None:
    failures = [Transient("away")] * 6
    script, pauses = Script(*failures, True, Transient("again"), True), list[float]()
    Loop(
        component=script.component,
        turn=script,
        idle_seconds=0.0,
        longest_pause_seconds=0.2,
        failed=lambda _error, seconds: pauses.append(seconds),
    ).run(script.stop)
    assert all(0.05 <= pause <= 0.2 for pause in pauses)
    assert min(pauses[1:6]) >= 0.1
    assert pauses[6] <= 0.1


def test_an_unexpected_error_ends_the_loop_and_everything_is_closed() -> None:
    script, closed = Script(ValueError("a defect"), True), list[str]()
    loop = Loop(
        component=script.component,
        turn=script,
        idle_seconds=0.0,
        close=[lambda: closed.append("first"), lambda: closed.append("second")],
    )
    with pytest.raises(ValueError, match="a defect"):
        loop.run(script.stop)
    assert closed == ["first", "second"]


def test_a_worker_decides_which_errors_it_waits_for() -> None:
    script = Script(KeyError("mail"), True)
    loop = Loop(
        component=script.component,
        turn=script,
        idle_seconds=0.0,
        waits=lambda error: isinstance(error, KeyError),
    )
    loop.run(script.stop)
    assert script.component.is_up


def test_an_error_during_the_pause_is_handled_like_that_of_a_turn() -> None:
    script = Script(False, True)

    def fail(_stop: threading.Event, _seconds: float) -> None:
        raise Transient("the connection was lost")

    Loop(component=script.component, turn=script, idle_seconds=0.0, wait=fail).run(script.stop)
    assert script.reasons == ["starting", "the connection was lost"]


def test_a_turn_that_reports_for_itself_keeps_its_report() -> None:
    script = Script(False, False)
    script.component.down("the schema is older")
    Loop(component=script.component, turn=script, idle_seconds=0.0, turn_reports=True).run(script.stop)
    assert script.reasons == ["the schema is older", "the schema is older"]


def test_a_stopped_loop_takes_no_turn_and_closes() -> None:
    script, closed = Script(True), list[str]()
    script.stop.set()
    Loop(
        component=script.component, turn=script, idle_seconds=0.0, close=[lambda: closed.append("closed")]
    ).run(script.stop)
    assert script.reasons == [] and closed == ["closed"]
