"""The open connections of a server, and which of them gives way when there are too many.

A connection without a complete request costs its sender nothing, so anybody can open many. When no more are
allowed, the one that has waited longest for a request gives way to a new one. So silent and slow connections
cannot keep honest ones out; a connection whose request is being answered never gives way.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Protocol

from prometheus_client import Counter, Gauge

Network = IPv4Network | IPv6Network

OPEN = Gauge("http_connections", "Open connections of this process")
ENDED = Counter(
    "http_connections_ended_total",
    "Connections that the server ended: gave_way and refused (too many were open), head_late, body_late, "
    "unread (the peer does not read the answer)",
    ["reason"],
)


class Connection(Protocol):
    """What the server knows as one connection."""

    def give_way(self) -> None:
        """Close at once."""


class Connections:
    """Admits connections: at most `most` in the process, and `most_per_peer` from one address.

    Addresses in `trusted` are proxies, behind which are many peers: only `most` applies to them. Belongs to
    the thread of the event loop.
    """

    def __init__(self, most: int, most_per_peer: int, trusted: Sequence[Network] = ()) -> None:
        self._most = most
        self._most_per_peer = most_per_peer
        self._trusted = tuple(trusted)
        self._peers: dict[Connection, str | None] = {}
        self._of_peer: Tally[str] = Tally()
        # Dictionaries keep the order of insertion: the first has waited longest.
        self._waiting: dict[Connection, None] = {}
        self._waiting_of: dict[str, dict[Connection, None]] = {}
        OPEN.set_function(lambda: len(self._peers))

    def admit(self, connection: Connection, address: str | None) -> bool:
        """Return whether the connection may stay; another one may have given way to it. It waits at first."""
        peer = self._limited(address)
        if peer is not None and self._of_peer[peer] >= self._most_per_peer:
            candidates = self._waiting_of.get(peer, {})
        elif len(self._peers) >= self._most:
            candidates = self._waiting
        else:
            self._add(connection, peer)
            return True
        longest = next(iter(candidates), None)
        if longest is None:
            ENDED.labels("refused").inc()
            return False
        ENDED.labels("gave_way").inc()
        self.closed(longest)
        longest.give_way()
        self._add(connection, peer)
        return True

    def works(self, connection: Connection) -> None:
        """The connection has a complete request."""
        self._waiting.pop(connection, None)
        peer = self._peers.get(connection)
        if peer is not None:
            self._waiting_of[peer].pop(connection, None)

    def waits(self, connection: Connection) -> None:
        """The connection waits for its next request."""
        if connection not in self._peers:
            return
        self._waiting[connection] = None
        peer = self._peers[connection]
        if peer is not None:
            self._waiting_of[peer][connection] = None

    def closed(self, connection: Connection) -> None:
        """The connection has ended. May be called again."""
        if connection not in self._peers:
            return
        self.works(connection)
        peer = self._peers.pop(connection)
        if peer is not None:
            self._of_peer[peer] -= 1
            if not self._of_peer[peer]:
                del self._of_peer[peer], self._waiting_of[peer]

    def _add(self, connection: Connection, peer: str | None) -> None:
        self._peers[connection] = peer
        if peer is not None:
            self._of_peer[peer] += 1
            self._waiting_of.setdefault(peer, {})
        self.waits(connection)

    def _limited(self, address: str | None) -> str | None:
        """The key by which connections of this address are counted; None if they are not.

        A provider gives a customer many IPv6 addresses, of one /64.
        """
        if address is None:
            return None
        try:
            parsed = ip_address(address)
        except ValueError:
            return None
        if any(parsed in network for network in self._trusted):
            return None
        if parsed.version == 6:
            return str(IPv6Network((parsed, 64), strict=False))
        return address
