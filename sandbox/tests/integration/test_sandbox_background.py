"""Background tasks continue after errors, or the health control reports that they have ended."""

import pytest
from starlette.testclient import TestClient

from stripe_sandbox import timekeeper
from stripe_sandbox.app import create_app
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.settings import Settings


def test_a_timer_that_fails_does_not_hold_up_later_timers(monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []
    monkeypatch.setitem(timekeeper.ACTIONS, "later", lambda _, subject: happened.append(subject))
    sandbox = Sandbox(Settings())
    now = sandbox.clock.now()
    with sandbox.store.transaction():
        sandbox.store.schedule("of-another-version", "sub_1", now - 2)
        sandbox.store.schedule("later", "sub_2", now - 1)
    assert timekeeper.tick(sandbox) == 2
    assert happened == ["sub_2"]
    assert timekeeper.tick(sandbox) == 0


def test_health_reports_a_background_task_that_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(timekeeper, "run", broken)
    settings = Settings()
    with TestClient(create_app(settings), base_url=f"http://127.0.0.1:{settings.port}") as client:
        answer = client.get("/_sandbox/health")
        assert answer.status_code == 503
        assert "timekeeper" in answer.json()["status"]
    monkeypatch.undo()
    with TestClient(create_app(settings), base_url=f"http://127.0.0.1:{settings.port}") as client:
        assert client.get("/_sandbox/health").json()["status"] == "ok"
