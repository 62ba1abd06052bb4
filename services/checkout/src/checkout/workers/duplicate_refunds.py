"""Gives the money back for courses that were bought twice: announced by enrollment, decided here.

Each refund is one row, planned in the transaction that took the announcement in. A worker takes one at a
time: it decides under the locks of all orders concerned, commits that decision, asks Stripe, and writes
the answer down. Where it dies, the next one goes on, with the same key.
"""

import asyncio
import random
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter

from checkout import errors
from checkout.clients.stripe import Stripe
from checkout.domain.duplicates import Answer, Verdict, decide_duplicate
from checkout.domain.refunds import PLANNED, RefundRequest
from checkout.store import duplicates as store
from checkout.store import refunds
from checkout.usecases.purchase import ANSWER_SECONDS
from checkout.usecases.refunds import carry_out, made_before
from messaging.errors import classify
from processkit.backoff import Backoff
from processkit.errors import Kind
from processkit.health import RENEW_SECONDS, Health
from processkit.postgres.pool import Pool

log = structlog.stdlib.get_logger(__name__)

OUTCOMES = Counter(
    "checkout_duplicates_total", "Duplicate purchases by what became of them: refunded, dropped", ["outcome"]
)
LEASE = timedelta(seconds=60)
"""Longer than a task can take: until then no other process takes it."""
_IDLE_SECONDS = 1.0
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=10)
_FIRST_REFUSAL, _LONGEST_REFUSAL = timedelta(minutes=1), timedelta(hours=6)


class DuplicateRefunds:
    """Works off what is due. Several may run: each skips what another holds."""

    def __init__(
        self,
        open_pool: Callable[[], Pool],
        open_stripe: Callable[[], Stripe],
        health: Health,
        clock: Callable[[], datetime],
    ) -> None:
        self._open_pool = open_pool
        self._open_stripe = open_stripe
        self._component = health.component("refunds", RENEW_SECONDS)
        self._clock = clock

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        asyncio.run(self._work(stop))

    async def _work(self, stop: threading.Event) -> None:
        pool, stripe = self._open_pool(), self._open_stripe()
        backoff = Backoff(random.Random())  # noqa: S311 - jitter, not a secret
        try:
            await pool.open(wait=False)
            while not stop.is_set():
                try:
                    found = await self.once(pool, stripe)
                except Exception as error:
                    if classify(error) not in (Kind.TRANSIENT, Kind.CONFLICT):
                        raise
                    self._component.down(f"database: {error}"[:200])
                    await asyncio.to_thread(stop.wait, backoff.next_seconds())
                    continue
                backoff.reset()
                self._component.up()
                if not found:
                    await asyncio.to_thread(stop.wait, _IDLE_SECONDS)
        finally:
            await stripe.close()
            await pool.close()

    async def once(self, pool: Pool, stripe: Stripe) -> bool:
        """Look at one refund that is due; False when no refund is due. Raises what the database raises."""
        async with pool.connection() as tx:
            task = await store.claim(tx, self._clock(), LEASE)
        if task is None:
            return False
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._handle(pool, stripe, task)
        except TimeoutError:
            await self._put_off(pool, task, "stripe_unavailable", _wait(task.tries))
        except errors.StripeUnavailable as error:
            await self._put_off(pool, task, error.code or "stripe_unavailable", _wait(task.tries))
        except errors.StripeRefused as error:
            wait = _growing(_FIRST_REFUSAL, task.tries, _LONGEST_REFUSAL)
            await self._put_off(pool, task, error.code or "stripe_refused", wait)
        except Exception as error:
            if classify(error) in (Kind.TRANSIENT, Kind.CONFLICT):
                raise
            # One order that the code cannot cope with must not keep all others waiting.
            log.exception("a duplicate purchase cannot be handled", order_id=task.order_id)
            await self._put_off(pool, task, type(error).__name__, _LONGEST_WAIT)
        return True

    async def _handle(self, pool: Pool, stripe: Stripe, task: store.Task) -> None:
        if task.status != PLANNED:
            made = await made_before(pool, stripe, task.refund_id)
            if made is not None:
                self._refunded(made)
                return
        verdict, request = await self._decide(pool, stripe, task)
        if verdict.answer is Answer.DROP:
            async with pool.connection() as tx:
                if await store.drop(tx, task, verdict.reason):
                    OUTCOMES.labels("dropped").inc()
                    log.info("no duplicate any more", order_id=task.order_id, reason=verdict.reason)
        elif verdict.answer is not Answer.REFUND:
            wait = _LONGEST_WAIT if verdict.answer is Answer.ASK else _wait(task.tries)
            await self._put_off(pool, task, verdict.reason, wait)
        elif request is not None:
            done = await carry_out(pool, stripe, request, known=False)
            self._refunded(done)

    async def _decide(
        self, pool: Pool, stripe: Stripe, task: store.Task
    ) -> tuple[Verdict, RefundRequest | None]:
        """Decide; if the purchase is refunded, the decision is committed and the refund promised."""
        async with pool.connection() as tx:
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
        async with pool.connection() as tx, tx.transaction():
            now_seen = await store.situation(tx, task, lock=True)
            verdict = decide_duplicate(now_seen.later, now_seen.courses, now_seen.claims, self._clock())
            if verdict.answer is not Answer.REFUND or now_seen.payments != seen.payments:
                return max(verdict, Verdict(Answer.WAIT, "changing"), key=lambda one: one.answer), None
            amount, line_ids = now_seen.bought_twice
            if amount <= 0:
                return Verdict(Answer.DROP, "nothing_was_paid"), None
            return verdict, await refunds.begin(tx, task.refund_id, amount, line_ids)

    async def _put_off(self, pool: Pool, task: store.Task, note: str, wait: timedelta) -> None:
        async with pool.connection() as tx:
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


def _wait(tries: int) -> timedelta:
    return _growing(_FIRST_WAIT, tries, _LONGEST_WAIT)


def _growing(first: timedelta, tries: int, longest: timedelta) -> timedelta:
    return min(first * int(2 ** min(tries - 1, 20)), longest)
