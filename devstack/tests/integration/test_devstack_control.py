"""Commands reach the supervisor, or end with an error: they never wait without a bound."""

import socket

import pytest

from devstack.errors import DevstackError
from devstack.ports import LOOPBACK
from devstack.stack.control import ControlServer, ask


def test_a_client_that_sends_nothing_keeps_no_command_waiting() -> None:
    server = ControlServer("key", lambda request: request["command"])
    try:
        with socket.create_connection((LOOPBACK, server.port)):
            assert ask(server.port, "key", {"command": "processes"}, seconds=20) == "processes"
    finally:
        server.close()


def test_a_supervisor_that_stands_still_is_given_up() -> None:
    with (
        socket.create_server((LOOPBACK, 0)) as still,
        pytest.raises(DevstackError, match=r"did not answer within 0\.2 s"),
    ):
        ask(still.getsockname()[1], "key", {"command": "down"}, seconds=0.2)


def test_a_command_with_another_key_is_refused() -> None:
    handled: list[object] = []
    server = ControlServer("key", handled.append)
    try:
        with pytest.raises(DevstackError, match="could not be reached"):
            ask(server.port, "another", {"command": "down"}, seconds=20)
        assert ask(server.port, "key", {"command": "status"}, seconds=20) is None
    finally:
        server.close()
    assert handled == [{"command": "status"}]
