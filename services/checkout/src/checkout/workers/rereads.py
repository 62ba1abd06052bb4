"""Asks Stripe what became of payments and disputes that wait for longer than usual.

An order may wait for an event that was lost. What Stripe answers is published to `stripe.rereads` and read
there by every service like an event, so that all of them learn the same.
"""

import asyncio
from datetime import timedelta

import structlog
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncEngine

from checkout import errors
from checkout.clients.readings import Reading
from checkout.clients.stripe import Stripe
from checkout.store import waiting as store
from checkout.usecases.purchase import ANSWER_SECONDS
from checkout.usecases.rereads import publish
from checkout.workers.stripe_worker import StripeWorker

log = structlog.stdlib.get_logger(__name__)

# Outcomes: read; failed, when Stripe refuses or does not answer, and is asked again later.
REREADS = Counter("checkout_rereads_total", "Waiting orders that were read again from Stripe", ["outcome"])

PATIENCE = timedelta(hours=1)
"""How long an order waits before Stripe is asked."""
AGAIN = timedelta(days=1)
"""When Stripe is asked again."""
RETRY = timedelta(minutes=15)
"""When Stripe is asked again after it failed."""


class Rereads(StripeWorker):
    """Reads waiting orders again."""

    NAME = "refresher"
    IDLE_SECONDS = 5.0
    BUSY_SECONDS = 0.5

    async def once(self, engine: AsyncEngine, stripe: Stripe) -> bool:
        """Read one order that is due; False when none is. Raises what the database raises."""
        async with engine.begin() as tx:
            due = await store.claim(tx, self._clock(), PATIENCE, RETRY)
        if due is None:
            return False
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                readings = await _readings(stripe, due)
        except (TimeoutError, errors.StripeError) as error:
            REREADS.labels("failed").inc()
            log.warning(
                "a waiting order could not be read from Stripe", order_id=due.order_id, error=str(error)
            )
            return True
        async with engine.begin() as tx:
            await publish(tx, readings)
            await store.was_read(tx, due.order_id, self._clock() + AGAIN)
        REREADS.labels("read").inc()
        log.info("a waiting order was read from Stripe", order_id=due.order_id)
        return True


async def _readings(stripe: Stripe, due: store.Due) -> list[Reading]:
    payment = await stripe.payment(due.order_id, due.session_id)
    readings = payment.readings
    if due.dispute is not None and payment.intent_id is not None:
        readings += await stripe.disputes(due.order_id, payment.intent_id)
    return readings
