"""A worker whose tasks ask Stripe: one at a time, each claimed in the database."""

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncEngine

from checkout.clients.stripe import Stripe
from processkit.health import RENEW_SECONDS, Health
from processkit.loop import Loop


class StripeWorker(ABC):
    """Base of such workers. Several may run: each skips rows that another has locked.

    A worker opens an engine and a client of its own when it starts, because they belong to its event loop.
    """

    NAME: ClassVar[str]
    """The role, also in health."""
    IDLE_SECONDS: ClassVar[float]
    BUSY_SECONDS: ClassVar[float] = 0.0

    def __init__(
        self,
        open_engine: Callable[[], AsyncEngine],
        open_stripe: Callable[[], Stripe],
        health: Health,
        clock: Callable[[], datetime],
    ) -> None:
        self._open_engine = open_engine
        self._open_stripe = open_stripe
        self._component = health.component(self.NAME, RENEW_SECONDS)
        self._clock = clock

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        with asyncio.Runner() as runner:
            engine, stripe = self._open_engine(), self._open_stripe()
            Loop(
                component=self._component,
                turn=lambda: runner.run(self.once(engine, stripe)),
                idle_seconds=self.IDLE_SECONDS,
                busy_seconds=self.BUSY_SECONDS,
                describe="database: {}".format,
                close=[lambda: runner.run(stripe.close()), lambda: runner.run(engine.dispose())],
            ).run(stop)

    @abstractmethod
    async def once(self, engine: AsyncEngine, stripe: Stripe) -> bool:
        """Handle one task that is due; False when none is due. Raises what the database raises."""
