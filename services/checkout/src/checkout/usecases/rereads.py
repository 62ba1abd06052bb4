"""Publishes what Stripe reports now of an order, so that every service reads it like an event."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from checkout.clients.readings import Reading
from messaging.outbox import rows as outbox
from messaging.rereads import reread_message
from schemas.topics import STRIPE_REREADS


async def publish(tx: AsyncConnection, readings: Sequence[Reading]) -> None:
    """Append the readings to the outbox."""
    messages = [reread_message(STRIPE_REREADS, each.object, each.event_type, each.at) for each in readings]
    await outbox.append_on_engine(tx, messages)
