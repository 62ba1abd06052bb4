"""Which connection gives way when too many are open."""

from ipaddress import ip_network
from itertools import count

from servicekit.connections import Connections


class Opened:
    """A connection that notes that it was closed."""

    moments = count()

    def __init__(self) -> None:
        self.gave_way = self.answered = False
        self.waiting_since: float | None = next(self.moments)

    def give_way(self) -> None:
        self.gave_way = True


def opened(connections: Connections, address: str | None = "192.0.2.1") -> Opened:
    made = Opened()
    assert connections.admit(made, address)
    return made


def test_the_connection_that_has_waited_longest_gives_way() -> None:
    connections = Connections(3, 3)
    first, second, third = (opened(connections, f"192.0.2.{n}") for n in range(3))
    first.waiting_since = next(Opened.moments)
    fourth = opened(connections)
    assert [each.gave_way for each in (first, second, third, fourth)] == [False, True, False, False]


def test_a_connection_that_had_a_request_outlasts_those_without() -> None:
    connections = Connections(2, 2)
    visitor = opened(connections)
    visitor.answered = True
    silent = [opened(connections) for _ in range(5)]
    assert not visitor.gave_way
    assert [each.gave_way for each in silent] == [True] * 4 + [False]
    silent[-1].answered = True
    opened(connections)
    assert visitor.gave_way, "now all had one, and it has waited longest"


def test_a_connection_whose_request_is_complete_never_gives_way() -> None:
    connections = Connections(2, 2)
    for each in (opened(connections), opened(connections)):
        each.waiting_since = None
    assert not connections.admit(Opened(), "192.0.2.1")
    assert not connections.admit(Opened(), "192.0.2.2")


def test_many_connections_of_one_peer_do_not_cost_others_theirs() -> None:
    connections = Connections(10, 3)
    honest = opened(connections, "192.0.2.9")
    silent = [opened(connections) for _ in range(8)]
    assert [each.gave_way for each in silent] == [True] * 5 + [False] * 3
    assert not honest.gave_way


def test_the_ipv6_addresses_of_one_customer_are_one_peer() -> None:
    connections = Connections(10, 1)
    first = opened(connections, "2001:db8:1:2::1")
    opened(connections, "2001:db8:1:2:ffff::7")
    other = opened(connections, "2001:db8:1:3::1")
    assert first.gave_way
    assert not other.gave_way


def test_a_trusted_proxy_has_only_the_limit_of_the_process() -> None:
    connections = Connections(3, 1, [ip_network("10.0.0.0/8")])
    first, *others = [opened(connections, "10.1.2.3") for _ in range(3)]
    assert not any(each.gave_way for each in (first, *others))
    opened(connections, "10.1.2.3")
    assert first.gave_way


def test_what_has_ended_makes_room_and_may_end_twice() -> None:
    connections = Connections(1, 1)
    first = opened(connections)
    connections.closed(first)
    connections.closed(first)
    second = opened(connections)
    assert not (first.gave_way or second.gave_way)


def test_a_peer_without_an_address_counts_for_the_process_alone() -> None:
    connections = Connections(2, 1)
    first, second = opened(connections, None), opened(connections, "not an address")
    opened(connections, None)
    assert (first.gave_way, second.gave_way) == (True, False)
