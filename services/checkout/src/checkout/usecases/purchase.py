"""Selling a course: the order is committed first, then Stripe makes its page, then both are tied together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from psycopg import AsyncConnection

from checkout import announcements, domain, errors
from checkout.clients.stripe import PaymentPage, Stripe
from checkout.domain.offers import Buyer, Order, Wish
from checkout.domain.pricing import choose_currency
from checkout.domain.return_urls import check_return_url
from checkout.store import catalog, enrollments, orders
from messaging.outbox import rows as outbox
from processkit.postgres.pool import Pool
from processkit.tracing import new_traceparent

log = structlog.stdlib.get_logger(__name__)

ANSWER_SECONDS = 9.0
"""A caller gets an answer within this time, whatever Stripe and the network do."""
_ROUNDS = 3
_KEY_IN_USE = "idempotency_key_in_use"
_LOOKS, _LOOK_SECONDS = 20, 0.1


@dataclass(frozen=True, slots=True)
class Handed:
    """What a buyer is given: where to pay, and until when."""

    order_id: str
    session_id: str
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """What the house decided: terms in force, return addresses, default currency, life of a payment page."""

    version: str
    app_url: str
    return_origins: frozenset[str]
    default_currency: str
    session_lifetime: timedelta


class Purchases:
    """The use cases of buying. `new_id` gives order ids; `clock` aware times."""

    def __init__(
        self,
        pool: Pool,
        stripe: Stripe,
        house: Terms,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._pool = pool
        self._stripe = stripe
        self._house = house
        self._clock = clock
        self._new_id = new_id
        self._answer_seconds = answer_seconds

    async def start(self, buyer: Buyer, wish: Wish) -> Handed:
        """Give the buyer a payment page for one course; the same one again while nothing changed.

        Raises CourseNotFound, TermsNotAccepted, CurrencyUnavailable, ReturnUrlRefused, AlreadyEnrolled,
        AlreadyBought, OrderReplaced, StripeRefused, StripeUnavailable.
        """
        async with _within(self._answer_seconds):
            for _ in range(_ROUNDS):
                order = await self._order(buyer, wish)
                handed = await self._hand_out(order)
                if handed is not None:
                    return handed
        raise errors.OrderReplaced

    async def resume(self, user_id: str, order_id: str) -> Handed:
        """Give the buyer the payment page of an order that still waits for its payment.

        Raises OrderNotFound, NotResumable, AlreadyEnrolled, AlreadyBought, StripeRefused, StripeUnavailable.
        """
        async with _within(self._answer_seconds):
            async with self._pool.connection() as tx:
                order = await orders.owned(tx, user_id, order_id)
                if order is None:
                    raise errors.OrderNotFound
                if await enrollments.accessible(tx, user_id, [order.course_id], self._clock()):
                    raise errors.AlreadyEnrolled
            if order.state in domain.HOLDING:
                _refuse_bought(order)
            if order.state != domain.State.OPEN or order.terms_version != self._house.version:
                raise errors.NotResumable
            handed = await self._hand_out(order)
        if handed is None:
            raise errors.NotResumable
        return handed

    async def _order(self, buyer: Buyer, wish: Wish) -> Order:
        """The committed open order for this wish: the one that is there and fits, else a new one."""
        async with self._pool.connection() as tx, tx.transaction():
            wanted = await self._wanted(tx, buyer, wish)
            await orders.let_go_of_ended(tx, buyer.user_id, wish.course_id, self._clock())
            existing = await orders.holding(tx, buyer.user_id, wish.course_id)
            if existing is None:
                if await orders.insert(tx, wanted, self._clock()):
                    return wanted
                existing = await orders.holding(tx, buyer.user_id, wish.course_id)
        if existing is None:
            # It ended between the two statements; the next round finds the place free.
            return await self._order(buyer, wish)
        _refuse_bought(existing)
        if _same(existing, wanted):
            return existing
        await self._give_up(existing, "superseded")
        return await self._order(buyer, wish)

    async def _wanted(self, tx: AsyncConnection[Any], buyer: Buyer, wish: Wish) -> Order:
        """The order that the wish describes, if the house sells it to this buyer."""
        now = self._clock()
        course = await catalog.course(tx, wish.course_id)
        if course is None or not course.active:
            raise errors.CourseNotFound
        if wish.terms_version != self._house.version:
            raise errors.TermsNotAccepted(self._house.version)
        if await enrollments.accessible(tx, buyer.user_id, [course.course_id], now):
            raise errors.AlreadyEnrolled
        currency = choose_currency([course], wish.currency, self._house.default_currency)
        order_id = self._new_id()
        return Order(
            order_id=order_id,
            user_id=buyer.user_id,
            email=buyer.email,
            locale=buyer.locale,
            course_id=course.course_id,
            title=course.title,
            description=course.description,
            category=course.category,
            access_days=course.access_days,
            currency=currency,
            amount=course.prices[currency],
            terms_version=wish.terms_version,
            terms_accepted_at=now,
            success_url=self._return_url(wish.success_url, "success_url", "success", order_id),
            cancel_url=self._return_url(wish.cancel_url, "cancel_url", "cancel", order_id),
            customer_id=await orders.customer_of(tx, buyer.user_id),
            attempt=1,
            session_expires_at=now + self._house.session_lifetime,
            session_id=None,
            state=domain.State.OPEN,
        )

    def _return_url(self, given: str | None, field: str, page: str, order_id: str) -> str:
        if given is not None:
            return check_return_url(given, field, self._house.return_origins)
        return f"{self._house.app_url}/checkout/{page}?order={order_id}"

    async def _hand_out(self, order: Order) -> Handed | None:
        """The order's payment page; None when the page had run out and the order was closed for it."""
        if order.session_id is None:
            page = await self._create_page(order)
        else:
            page = await self._stripe.page(order.order_id, order.session_id)
        if page.status == "complete":
            raise errors.AlreadyBought(order.order_id, paid=False)
        if page.status != "open" or page.url is None:
            await self._close(order, page.session_id, "session_expired")
            return None
        return Handed(order.order_id, page.session_id, page.url, page.expires_at)

    async def _create_page(self, order: Order) -> PaymentPage:
        try:
            page = await self._stripe.create_page(order)
        except errors.StripeRefused as refusal:
            customer_is_gone = refusal.param == "customer" and order.customer_id is not None
            order = await self._next_attempt(order, forget_customer=customer_is_gone)
            if not customer_is_gone:
                raise
            page = await self._stripe.create_page(order)
        except errors.StripeUnavailable as error:
            made = await self._made_meanwhile(order, wait=error.code == _KEY_IN_USE)
            if made is None:
                raise
            return made
        await self._tie(order, page)
        return page

    async def _made_meanwhile(self, order: Order, *, wait: bool) -> PaymentPage | None:
        """The page that another request of the same buyer made for this order; `wait` while it is at work.

        A double click is two requests with one key: Stripe refuses the second while the first is under way.
        """
        for _ in range(_LOOKS if wait else 1):
            async with self._pool.connection() as tx:
                current = await orders.owned(tx, order.user_id, order.order_id)
            if current is not None and current.session_id is not None:
                return await self._stripe.page(current.order_id, current.session_id)
            await asyncio.sleep(_LOOK_SECONDS if wait else 0)
        return None

    async def _tie(self, order: Order, page: PaymentPage) -> None:
        """Commit the session's id and the announcement of the order in one transaction."""
        async with self._pool.connection() as tx, tx.transaction():
            if await orders.save_session(tx, order.order_id, page.session_id, page.expires_at):
                message = announcements.order_placed(order, page.session_id, self._clock(), new_traceparent())
                await outbox.append_async(tx, [message])
                return
            current = await orders.owned(tx, order.user_id, order.order_id)
        if current is None or current.state != domain.State.OPEN or current.session_id != page.session_id:
            # Closed while Stripe was at work: this page must not stay payable.
            with suppress(errors.StripeError):
                await self._stripe.expire_page(order.order_id, page.session_id)
            raise errors.OrderReplaced

    async def _next_attempt(self, order: Order, *, forget_customer: bool) -> Order:
        """A definite no was given for this key; the next try needs another."""
        async with self._pool.connection() as tx, tx.transaction():
            customer_id = order.customer_id
            if forget_customer and customer_id is not None:
                await orders.forget_customer(tx, order.user_id, customer_id)
                customer_id = None
            expires_at = self._clock() + self._house.session_lifetime
            return await orders.next_attempt(tx, order, expires_at, customer_id)

    async def _give_up(self, order: Order, reason: announcements.Reason) -> None:
        """Close an open order for good: first its page at Stripe, then the order. Raises AlreadyBought."""
        if order.session_id is not None:
            page = await self._stripe.page(order.order_id, order.session_id)
            if page.status == "open":
                try:
                    await self._stripe.expire_page(order.order_id, order.session_id)
                except errors.StripeRefused:
                    # The buyer finished, or it ran out, in this very moment.
                    page = await self._stripe.page(order.order_id, order.session_id)
                    if page.status == "open":
                        # It can still be paid: closing the order now would leave two payable pages.
                        raise
            if page.status == "complete":
                raise errors.AlreadyBought(order.order_id, paid=False)
        await self._close(order, order.session_id, reason)

    async def _close(self, order: Order, session_id: str | None, reason: announcements.Reason) -> None:
        """Close the order if `session_id` is still its page, or None and it has none; else leave it.

        Whoever closes has seen that this page takes no payment. Another request of the same buyer may have
        tied one meanwhile, of which that is not known: the caller reads the order again.
        """
        now = self._clock()
        async with self._pool.connection() as tx, tx.transaction():
            user_id = await orders.close(tx, order.order_id, session_id, reason, now)
            if user_id is not None:
                message = announcements.order_expired(
                    order.order_id, user_id, session_id, reason, now, new_traceparent()
                )
                await outbox.append_async(tx, [message])


def _refuse_bought(order: Order) -> None:
    if order.state != domain.State.OPEN:
        raise errors.AlreadyBought(order.order_id, paid=order.state in domain.BOUGHT)


def _same(existing: Order, wanted: Order) -> bool:
    """Whether the open order is what is asked for now: then it is handed out again instead of a second one.

    Default return addresses name their own order, so they are compared as if they named the same.
    """
    as_if = replace(
        wanted,
        success_url=wanted.success_url.replace(wanted.order_id, existing.order_id),
        cancel_url=wanted.cancel_url.replace(wanted.order_id, existing.order_id),
    )
    compared = ("currency", "amount", "terms_version", "success_url", "cancel_url", "access_days", "email")
    return all(getattr(existing, name) == getattr(as_if, name) for name in compared)


@asynccontextmanager
async def _within(seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        log.error("stripe call failed", kind="Deadline", seconds=seconds)
        raise errors.StripeUnavailable(
            "The payment page could not be made in time. Nothing was charged; try again in a few seconds."
        ) from None
