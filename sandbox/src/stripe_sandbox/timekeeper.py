"""Timed work: sessions expire, refunds settle, subscriptions renew."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from stripe_sandbox.billing import invoicing as invoices
from stripe_sandbox.billing import subscription_cycle as subscriptions
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import StripeError
from stripe_sandbox.payments import balance_sheet as balance
from stripe_sandbox.payments import disputing as disputes
from stripe_sandbox.payments import intents as payments
from stripe_sandbox.payments import refunding as refunds
from stripe_sandbox.payments.methods import test_card_of
from stripe_sandbox.sessions import paying as checkout

_log = logging.getLogger(__name__)

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


def _settle_payment(sandbox: Sandbox, subject: str) -> None:
    invoices.announce_payment(sandbox, sandbox.require("invoice_payment", subject))


def _open_dispute(sandbox: Sandbox, subject: str) -> None:
    """Open a dispute for a charge of a card that is always disputed."""
    charge = sandbox.require("charge", subject)
    reason = test_card_of(sandbox.require("payment_method", charge["payment_method"])).disputed
    if reason is not None and not charge["disputed"]:
        inquiry = reason == "inquiry"
        disputes.open_(sandbox, charge, "fraudulent" if inquiry else reason, inquiry=inquiry)


def _settle_debit(sandbox: Sandbox, subject: str) -> None:
    checkout.settle(sandbox, sandbox.require("payment_intent", subject))


def _release_authorization(sandbox: Sandbox, subject: str) -> None:
    """Release an amount that was not captured in time."""
    intent = sandbox.require("payment_intent", subject)
    if intent["status"] == "requires_capture":
        payments.cancel(sandbox, intent, "automatic", released="charge.expired")


def _settle_balance(sandbox: Sandbox, _: str) -> None:
    balance.make_available(sandbox)


ACTIONS: dict[str, Action] = {
    "balance.available": _settle_balance,
    "session.expire": _expire_session,
    "refund.settle": _settle_refund,
    "refund.fail": _fail_refund,
    "dispute.open": _open_dispute,
    "payment.settle": _settle_debit,
    "payment.held": _release_authorization,
    "invoice_payment.paid": _settle_payment,
    "invoice.finalize": subscriptions.finalize_due,
    "invoice.retry": subscriptions.retry_due,
    "subscription.renew": subscriptions.renew_due,
    "subscription.trial_will_end": subscriptions.trial_will_end,
    "subscription.incomplete_expire": subscriptions.incomplete_expire,
}


def tick(sandbox: Sandbox, until: int | None = None, clock: str | None = None) -> int:
    """Run everything that is due, each timer at its own due time; returns how many ran."""
    done = 0
    until = sandbox.clock.now() if until is None else until
    while due := sandbox.store.due(until, clock, limit=1):
        action, subject, due_at = due[0]
        try:
            with sandbox.store.transaction(), sandbox.clock.at(due_at):
                sandbox.store.unschedule(action, subject)
                if clock is not None:
                    _set_frozen(sandbox, clock, due_at)
                ACTIONS[action](sandbox, subject)
        except StripeError as error:
            # Its object no longer exists, for example because its customer was deleted. The other timers
            # still run.
            _log.warning("skipped %s of %s: %s", action, subject, error.message)
            _forget(sandbox, action, subject)
        except Exception:  # noqa: BLE001 - logged with its traceback
            # A defect, or a timer from another version's state file. If it stayed due, no later timer would
            # run.
            _log.exception("%s of %s failed and will not be retried", action, subject)
            _forget(sandbox, action, subject)
        done += 1
    if done:
        sandbox.on_commit()
    return done


def _forget(sandbox: Sandbox, action: str, subject: str) -> None:
    with sandbox.store.transaction():
        sandbox.store.unschedule(action, subject)


def advance(sandbox: Sandbox, clock: Object, to: int) -> Object:
    """Move a test clock forward; everything due in between runs in order."""
    with sandbox.clock.at(clock["frozen_time"]):
        sandbox.events.emit("test_helpers.test_clock.advancing", {**clock, "status": "advancing"})
    tick(sandbox, to, clock["id"])
    clock = _set_frozen(sandbox, clock["id"], to)
    with sandbox.clock.at(to):
        sandbox.events.emit("test_helpers.test_clock.ready", clock)
    return clock


def _set_frozen(sandbox: Sandbox, id_: str, moment: int) -> Object:
    clock = sandbox.require("test_helpers.test_clock", id_)
    clock["frozen_time"] = max(moment, clock["frozen_time"])
    return sandbox.store.update(clock)


async def run(sandbox: Sandbox, wake: asyncio.Event, every: float = 0.25) -> None:
    """Tick after each commit and at a fixed interval, until cancelled. A tick with nothing due costs one
    query.
    """
    while True:
        wake.clear()
        tick(sandbox)
        with suppress(TimeoutError):
            await asyncio.wait_for(wake.wait(), every)
