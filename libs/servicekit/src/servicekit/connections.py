"""The open connections of a server, and which of them gives way when there are too many.

A connection without a complete request costs its sender nothing, so anybody can open many. When no more are
allowed, the one that has waited longest for its first request gives way to a new one; if each had a request
before, the one that has waited longest for the next. So silent and slow connections cannot keep honest ones
out, and visitors keep theirs. A connection whose request is being answered never gives way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from operator import itemgetter
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

    waiting_since: float | None
    """When it began to wait for a complete request, by the loop's clock; None while a request is answered."""

    answered: bool
    """Whether a request of it was ever answered."""

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
        self._open: dict[Connection, str | None] = {}
        self._of_peer: dict[str, set[Connection]] = defaultdict(set)
        OPEN.set_function(lambda: len(self._open))

    def admit(self, connection: Connection, address: str | None) -> bool:
        """Return whether the connection may stay; another one may have given way to it."""
        peer = self._limited(address)
        candidates: Collection[Connection] = ()
        if peer is not None and len(self._of_peer.get(peer, ())) >= self._most_per_peer:
            candidates = self._of_peer[peer]
        elif len(self._open) >= self._most:
            candidates = self._open.keys()
        if candidates and not self._make_room(candidates):
            ENDED.labels("refused").inc()
            return False
        self._open[connection] = peer
        if peer is not None:
            self._of_peer[peer].add(connection)
        return True

    def closed(self, connection: Connection) -> None:
        """The connection has ended. May be called again."""
        peer = self._open.pop(connection, None)
        if peer is not None:
            self._of_peer[peer].discard(connection)
            if not self._of_peer[peer]:
                del self._of_peer[peer]

    def _make_room(self, candidates: Collection[Connection]) -> bool:
        # Searched for only now: to keep an order would cost a little with each request.
        waiting = [
            (each.answered, each.waiting_since, each) for each in candidates if each.waiting_since is not None
        ]
        if not waiting:
            return False
        *_, longest = min(waiting, key=itemgetter(0, 1))
        ENDED.labels("gave_way").inc()
        self.closed(longest)
        longest.give_way()
        return True

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
