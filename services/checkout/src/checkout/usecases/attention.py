"""The command by which an operator reviews an item that needs attention."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from checkout import errors
from checkout.clients.stripe import Stripe
from checkout.store import attention
from checkout.usecases.refunds import made_before


async def review(
    engine: AsyncEngine, stripe: Stripe, kind: str, item_id: str, note: str, admin: str, now: datetime
) -> attention.Item:
    """Mark an item as reviewed, which removes it from the list. Refunds nothing.

    A reviewed duplicate is no longer refunded automatically. So Stripe is asked first whether an earlier
    request has already refunded it. Raises NothingToReview, RefundMade, RefundUnanswered, StripeRefused,
    StripeUnavailable.
    """
    if kind == "duplicate":
        made = await made_before(engine, stripe, item_id)
        if made is not None:
            raise errors.RefundMade(made.refund_id)
    async with engine.begin() as tx:
        item = await attention.review(tx, kind, item_id, note, admin, now)
    if item is None:
        raise errors.NothingToReview
    return item
