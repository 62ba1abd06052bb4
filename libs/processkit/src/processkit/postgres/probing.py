"""The database's entry in an API's health."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from processkit.errors import sentence_of
from processkit.health import RENEW_SECONDS, Component

PING_SECONDS = 3.0
PROBE_SECONDS = 3.0
"""A database that takes longer than this for a trivial statement counts as unavailable."""

Probe = Callable[[], Awaitable[None]]
"""Asks the database for something trivial. Raises the error of the driver or of its pool."""


@asynccontextmanager
async def probed(probe: Probe, component: Component, every_seconds: float) -> AsyncIterator[None]:
    """Report during the block, every few seconds, whether `probe` succeeds."""
    component.renewed_within = RENEW_SECONDS
    stopped = asyncio.Event()
    watch = asyncio.create_task(_watch(probe, component, every_seconds, stopped))
    try:
        yield
    finally:
        # The event too: asyncio.wait_for, which pools use, loses a cancellation until Python 3.12.
        stopped.set()
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch


async def _watch(probe: Probe, component: Component, every_seconds: float, stopped: asyncio.Event) -> None:
    while not stopped.is_set():
        try:
            await probe()
            component.up()
        except Exception as error:  # noqa: BLE001 - whatever is wrong, the health must report it
            component.down(f"the database does not answer as it should: {sentence_of(error)}"[:200])
        await asyncio.sleep(every_seconds)
