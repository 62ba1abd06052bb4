"""The options of the test containers. No Docker engine is needed."""

from collections.abc import Callable
from typing import Any
from unittest.mock import MagicMock

import docker
import pytest
from testcontainers.core.container import DockerContainer

from devstack.ports import LOOPBACK
from devstack.testing import containers


class Started(Exception):
    """Raised instead of starting a container."""


@pytest.mark.parametrize(("server", "inside"), [(containers.kafka, "9092"), (containers.postgresql, "5432")])
def test_containers_are_reachable_from_this_machine_only(
    server: Callable[[], Any], inside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    def start(container: DockerContainer) -> None:
        asked.append(dict(container.ports))
        raise Started

    monkeypatch.setenv("TESTCONTAINERS_RYUK_DISABLED", "true")
    monkeypatch.setattr(docker, "from_env", MagicMock())
    monkeypatch.setattr(DockerContainer, "start", start)
    with pytest.raises(Started):
        server()
    (published,) = asked
    assert set(published) == {inside}
    assert published[inside][0] == LOOPBACK
