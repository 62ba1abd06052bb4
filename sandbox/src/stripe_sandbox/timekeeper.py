"""What happens by itself as the sandbox's clock moves: sessions expire, refunds settle or fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from stripe_sandbox import checkout, refunds
from stripe_sandbox.sandbox import Sandbox

Action = Callable[[Sandbox, str], None]


def _expire_session(sandbox: Sandbox, subject: str) -> None:
    session = sandbox.require("checkout.session", subject)
    if session["status"] == "open":
        checkout.expire(sandbox, session)


def _settle_refund(sandbox: Sandbox, subject: str) -> None:
    refund = sandbox.require("refund", subject)
    if refund["status"] == "pending":
        refunds.settle(sandbox, refund)


def _fail_refund(sandbox: Sandbox, subject: str) -> None:
    refund = sandbox.require("refund", subject)
    if refund["status"] in ("pending", "succeeded"):
        refunds.fail(sandbox, refund)


ACTIONS: dict[str, Action] = {
    "session.expire": _expire_session,
    "refund.settle": _settle_refund,
    "refund.fail": _fail_refund,
}


def tick(sandbox: Sandbox) -> int:
    """Do everything that is due; returns how much that was."""
    done = 0
    while due := sandbox.store.due(sandbox.clock.now()):
        for action, subject, _ in due:
            with sandbox.store.transaction():
                sandbox.store.unschedule(action, subject)
                ACTIONS[action](sandbox, subject)
            done += 1
    if done:
        sandbox.on_commit()
    return done


async def run(sandbox: Sandbox, every: float = 0.25) -> None:
    """Tick until cancelled. One indexed query a tick, so that an idle sandbox costs nothing to speak of."""
    while True:
        tick(sandbox)
        await asyncio.sleep(every)
