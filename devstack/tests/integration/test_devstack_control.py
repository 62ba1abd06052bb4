"""Commands reach the supervisor or fail with an error; they never hang."""

import socket

import pytest

from devstack.errors import DevstackError
from devstack.ports import LOOPBACK
from devstack.stack.control import ControlServer, ask


def test_a_silent_client_does_not_block_other_commands() -> None:
    server = ControlServer("key", lambda request: request["command"])
    try:
        with socket.create_connection((LOOPBACK, server.port)):
            assert ask(server.port, "key", {"command": "processes"}, seconds=20) == "processes"
    finally:
        server.close()


def test_an_unresponsive_supervisor_causes_a_timeout() -> None:
    with (
        socket.create_server((LOOPBACK, 0)) as unresponsive,
        pytest.raises(DevstackError, match=r"did not answer within 0\.2 s"),
    ):
        ask(unresponsive.getsockname()[1], "key", {"command": "down"}, seconds=0.2)


def test_a_command_with_a_wrong_key_is_refused() -> None:
    handled: list[object] = []
    server = ControlServer("key", handled.append)
    try:
        with pytest.raises(DevstackError, match="could not be reached"):
            ask(server.port, "another", {"command": "down"}, seconds=20)
        assert ask(server.port, "key", {"command": "status"}, seconds=20) is None
    finally:
        server.close()
    assert handled == [{"command": "status"}]
