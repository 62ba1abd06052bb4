"""Refunds courses that were bought twice: announced by enrollment, decided here.

Each refund is one row, inserted as `planned` in the transaction that recorded the announcement. A worker
takes one at a time: it locks all orders concerned, decides, commits the decision, requests the refund from
Stripe, and records the answer. If it crashes, the next worker continues with the same idempotency key.
"""

import asyncio
from datetime import timedelta

import structlog
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncEngine

from checkout import errors
from checkout.clients.stripe import Stripe
from checkout.domain.duplicates import (
    LONGEST_WAIT,
    Answer,
    Verdict,
    decide_duplicate,
    wait_after_refusal,
    wait_before_retry,
)
from checkout.domain.refunds import PLANNED, RefundRequest
from checkout.store import duplicates as store
from checkout.store import refunds
from checkout.usecases.purchase import ANSWER_SECONDS
from checkout.usecases.refunds import carry_out, made_before
from checkout.workers.stripe_worker import StripeWorker
from processkit.errors import is_transient

log = structlog.stdlib.get_logger(__name__)

OUTCOMES = Counter(
    "checkout_duplicates_total",
    "Duplicate purchases that were refunded, or dropped because they were no longer duplicates",
    ["outcome"],
)
LEASE = timedelta(seconds=60)
"""Longer than a task can take: until then no other process takes it."""


class DuplicateRefunds(StripeWorker):
    """Decides and makes due refunds."""

    NAME = "refunds"
    IDLE_SECONDS = 1.0

    async def once(self, engine: AsyncEngine, stripe: Stripe) -> bool:
        """Look at one refund that is due; False when no refund is due. Raises what the database raises."""
        async with engine.begin() as tx:
            task = await store.claim(tx, self._clock(), LEASE)
        if task is None:
            return False
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._handle(engine, stripe, task)
        except TimeoutError:
            await self._put_off(engine, task, "stripe_unavailable", wait_before_retry(task.tries))
        except errors.StripeUnavailable as error:
            await self._put_off(
                engine, task, error.code or "stripe_unavailable", wait_before_retry(task.tries)
            )
        except errors.StripeRefused as error:
            wait = wait_after_refusal(task.tries)
            await self._put_off(engine, task, error.code or "stripe_refused", wait)
        except Exception as error:
            if is_transient(error):
                raise
            # A bug that affects one order must not block the others.
            log.exception("a duplicate purchase cannot be handled", order_id=task.order_id)
            await self._put_off(engine, task, type(error).__name__, LONGEST_WAIT)
        return True

    async def _handle(self, engine: AsyncEngine, stripe: Stripe, task: store.Task) -> None:
        if task.status != PLANNED:
            made = await made_before(engine, stripe, task.refund_id)
            if made is not None:
                self._refunded(made)
                return
        verdict, request = await self._decide(engine, stripe, task)
        if verdict.answer is Answer.DROP:
            async with engine.begin() as tx:
                if await store.drop(tx, task, verdict.reason):
                    OUTCOMES.labels("dropped").inc()
                    log.info("no longer a duplicate", order_id=task.order_id, reason=verdict.reason)
        elif verdict.answer is not Answer.REFUND:
            wait = LONGEST_WAIT if verdict.answer is Answer.ASK else wait_before_retry(task.tries)
            await self._put_off(engine, task, verdict.reason, wait)
        elif request is not None:
            done = await carry_out(engine, stripe, request, known=False)
            self._refunded(done)

    async def _decide(
        self, engine: AsyncEngine, stripe: Stripe, task: store.Task
    ) -> tuple[Verdict, RefundRequest | None]:
        """Decide. If the purchase must be refunded, commit the decision and return the request."""
        async with engine.connect() as tx:
            seen = await store.situation(tx, task, lock=False)
        verdict = decide_duplicate(seen.later, seen.courses, seen.claims, self._clock())
        if verdict.answer is not Answer.REFUND:
            return verdict, None
        # Our events may be late. An operator who refunded the first order in Stripe's dashboard a
        # minute ago meant to keep the second.
        for order_id, payment_intent_id in seen.payments.items():
            returned = await stripe.returned(order_id, payment_intent_id)
            if returned.refunded or (returned.disputed and order_id not in seen.disputed):
                return Verdict(Answer.WAIT, "stripe_knows_more"), None
        async with engine.begin() as tx:
            now_seen = await store.situation(tx, task, lock=True)
            verdict = decide_duplicate(now_seen.later, now_seen.courses, now_seen.claims, self._clock())
            if verdict.answer is not Answer.REFUND or now_seen.payments != seen.payments:
                return max(verdict, Verdict(Answer.WAIT, "changing"), key=lambda one: one.answer), None
            amount, line_ids = now_seen.bought_twice
            if amount <= 0:
                return Verdict(Answer.DROP, "nothing_was_paid"), None
            return verdict, await refunds.begin(tx, task.refund_id, amount, line_ids)

    async def _put_off(self, engine: AsyncEngine, task: store.Task, note: str, wait: timedelta) -> None:
        async with engine.begin() as tx:
            await store.put_off(tx, task, note, self._clock() + wait)
        if note != task.note:
            log.warning(
                "a duplicate purchase is not refunded yet",
                order_id=task.order_id,
                reason=note,
                again_in_seconds=wait.total_seconds(),
            )

    def _refunded(self, request: RefundRequest) -> None:
        OUTCOMES.labels("refunded").inc()
        log.info(
            "a duplicate purchase is refunded",
            order_id=request.order_id,
            refund_id=request.refund_id,
            amount=request.amount,
            currency=request.currency,
        )
