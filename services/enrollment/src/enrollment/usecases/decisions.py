"""Records the decisions of administrators: they are published, and take effect when they are consumed."""

from __future__ import annotations

import uuid

from sqlalchemy.ext.asyncio import AsyncEngine

from enrollment.announcements import identifier, message
from messaging.outbox import rows as outbox
from schemas.events import AccessGranted, AccessRevoked


def decision_id(administrator: str, action: str, idempotency_key: str | None) -> str:
    """Return the id of a decision: the same for a repeated request with an idempotency key."""
    if idempotency_key is None:
        return str(uuid.uuid4())
    return identifier("decision", administrator, action, idempotency_key)


async def record(engine: AsyncEngine, decision: AccessGranted | AccessRevoked) -> None:
    """Append the decision to the outbox.

    The id of the message is that of the decision, so a repeated request is one event in the set.
    """
    async with engine.begin() as tx:
        await outbox.append_on_engine(tx, [message(decision, decision.decision_id, decision.decided_at)])
