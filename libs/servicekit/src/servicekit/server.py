"""Runs uvicorn inside the process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from servicekit.connection import BoundedProtocol
from servicekit.connections import Connections
from servicekit.settings import ServiceSettings

GRACE_SECONDS = 8
"""Seconds for requests in flight after a stop signal; the rest of the 10 s is for everything else."""


class Server(uvicorn.Server):
    """A server that leaves signals to the process: uvicorn's own handling kills it after the shutdown."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        """Request a graceful stop; safe in a signal handler and from any thread."""
        self.should_exit = True


def protocol(settings: ServiceSettings) -> type[BoundedProtocol]:
    """Return the class of a server's connections, with the limits of the settings."""
    limits = {
        "body_seconds": settings.body_seconds,
        "write_seconds": settings.write_seconds,
        "open_connections": Connections(
            settings.max_connections, settings.max_connections_per_peer, settings.trusted_networks
        ),
    }
    return type("Connection", (BoundedProtocol,), limits)


def create_server(app: Any, settings: ServiceSettings, **overrides: Any) -> Server:
    """Return a server on settings.host and settings.port: uvloop, limited connections, no access log."""
    options: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "loop": "uvloop",
        "http": protocol(settings),
        "ws": "none",
        "lifespan": "on",
        "access_log": False,
        "log_config": None,
        "server_header": False,
        "timeout_graceful_shutdown": GRACE_SECONDS,
        # Longer than load balancers (60 s) and clients keep an idle connection. If the server closed first,
        # the next request could arrive on a connection that is being closed.
        "timeout_keep_alive": 75,
        "backlog": 2048,
    }
    return Server(uvicorn.Config(app, **{**options, **overrides}))
