"""A process gets its usual port if that is free."""

import socket

from devstack import ports
from devstack.ports import Reservations


def test_a_port_in_use_is_not_chosen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        assert not ports.is_free(taken)
        assert ports.pick(taken) != taken
        assert Reservations().pick(taken) != taken


def test_a_free_port_is_reserved_once() -> None:
    free = ports.pick()
    first, second = Reservations(), Reservations()
    assert first.pick(free) == free
    assert second.pick(free) != free
    assert first.pick(free) != free
