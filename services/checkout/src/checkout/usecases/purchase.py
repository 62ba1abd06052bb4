"""Sells courses: commits the order, creates its payment page at Stripe, then saves the page's id."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from checkout import announcements, domain, errors
from checkout.clients.stripe import PaymentPage, Stripe
from checkout.domain.order import Buyer, CheckoutRequest, Order
from checkout.domain.pricing import quote
from checkout.domain.return_urls import check_return_url
from checkout.domain.reuse import is_same_purchase, refuse_bought
from checkout.store import catalog, enrollments, orders
from messaging.outbox import rows as outbox
from processkit.tracing import new_traceparent

log = structlog.stdlib.get_logger(__name__)

ANSWER_SECONDS = 9.0
"""A caller gets an answer within this time, however slow Stripe and the network are."""
_ROUNDS = 3
_KEY_IN_USE = "idempotency_key_in_use"
_LOOKS, _LOOK_SECONDS = 20, 0.1


@dataclass(frozen=True, slots=True)
class PaymentLink:
    """Where the buyer pays, and until when."""

    order_id: str
    session_id: str
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Policy:
    """The conditions of sale: terms in force, return addresses, default currency, life of a payment page."""

    version: str
    app_url: str
    return_origins: frozenset[str]
    default_currency: str
    session_lifetime: timedelta


@dataclass(frozen=True, slots=True)
class Purchases:
    """The use cases of buying. `new_id` gives order ids; `clock` aware times."""

    engine: AsyncEngine
    stripe: Stripe
    policy: Policy
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    answer_seconds: float = ANSWER_SECONDS

    async def start(self, buyer: Buyer, request: CheckoutRequest) -> PaymentLink:
        """Return a payment page for these items: the existing one if the buyer repeats the request.

        Raises CourseNotFound, TermsNotAccepted, CurrencyUnavailable, ReturnUrlRefused, AlreadyEnrolled,
        AlreadyBought, CourseTwice, TooManyLines, BelowMinimum, AboveMaximum, OrderReplaced, StripeRefused,
        StripeUnavailable.
        """
        async with _within(self.answer_seconds):
            for _ in range(_ROUNDS):
                order = await self._order(buyer, request)
                link = await self._link(order)
                if link is not None:
                    return link
        raise errors.OrderReplaced

    async def resume(self, user_id: str, order_id: str) -> PaymentLink:
        """Give the buyer the payment page of an order that still waits for its payment.

        Raises OrderNotFound, NotResumable, AlreadyEnrolled, AlreadyBought, StripeRefused, StripeUnavailable.
        """
        async with _within(self.answer_seconds):
            async with self.engine.connect() as tx:
                order = await orders.owned(tx, user_id, order_id)
                if order is None:
                    raise errors.OrderNotFound
                owned = await enrollments.accessible(tx, user_id, order.course_ids, self.clock())
            if owned:
                titles = [line.title for line in order.lines if line.course_id in owned]
                raise errors.AlreadyEnrolled(titles if len(order.lines) > 1 else ())
            if order.state in domain.HOLDING:
                refuse_bought(order, several=len(order.items) > 1)
            if order.state != domain.State.OPEN or order.terms_version != self.policy.version:
                raise errors.NotResumable
            link = await self._link(order)
        if link is None:
            raise errors.NotResumable
        return link

    async def _order(self, buyer: Buyer, request: CheckoutRequest) -> Order:
        """Return the open order for this request: an identical existing one, else a new one, committed."""
        while True:
            async with self.engine.begin() as tx:
                wanted = await self._wanted(tx, buyer, request)
                courses, plans = wanted.course_ids, wanted.plan_ids
                await orders.release_ended(tx, buyer.user_id, courses, self.clock())
                if request.beside_pending:
                    await orders.release_pending(tx, buyer.user_id, courses)
                existing = await orders.holding(tx, buyer.user_id, courses, plans)
                if not existing and await orders.insert_order(tx, wanted, self.clock()):
                    return wanted
                # If another order prevented the insert, it is visible now, or has ended meanwhile.
                existing = existing or await orders.holding(tx, buyer.user_id, courses, plans)
            for order in existing:
                refuse_bought(order, several=len(wanted.items) > 1)
            if len(existing) == 1 and is_same_purchase(existing[0], wanted):
                return existing[0]
            for order in existing:
                await self._give_up(order, "superseded")

    async def _wanted(self, tx: AsyncConnection, buyer: Buyer, request: CheckoutRequest) -> Order:
        """The order that the request describes, if the policy allows to sell it to this buyer."""
        now = self.clock()
        course_ids = [item.course_id for item in request.items]
        courses = await catalog.courses_by_id(tx, course_ids)
        if not all(course_id in courses and courses[course_id].active for course_id in course_ids):
            raise errors.CourseNotFound
        if request.terms_version != self.policy.version:
            raise errors.TermsNotAccepted(self.policy.version)
        owned = await enrollments.accessible(tx, buyer.user_id, course_ids, now)
        offers = [courses[course_id] for course_id in course_ids]
        quoted = quote(offers, request.currency, self.policy.default_currency, owned)
        order_id = self.new_id()
        return Order(
            order_id=order_id,
            user_id=buyer.user_id,
            email=buyer.email,
            locale=buyer.locale,
            currency=quoted.currency,
            lines=quoted.lines,
            terms_version=request.terms_version,
            terms_accepted_at=now,
            success_url=self._return_url(request.success_url, "success_url", "success", order_id),
            cancel_url=self._return_url(request.cancel_url, "cancel_url", "cancel", order_id),
            customer_id=await orders.customer_of(tx, buyer.user_id),
            attempt=1,
            session_expires_at=now + self.policy.session_lifetime,
            session_id=None,
            state=domain.State.OPEN,
        )

    def _return_url(self, given: str | None, field: str, page: str, order_id: str) -> str:
        if given is not None:
            return check_return_url(given, field, self.policy.return_origins)
        return f"{self.policy.app_url}/checkout/{page}?order={order_id}"

    async def _link(self, order: Order) -> PaymentLink | None:
        """The link to the order's payment page; None when the page had expired and the order was closed."""
        if order.session_id is None:
            page = await self._create_page(order)
        else:
            page = await self.stripe.page(order.order_id, order.session_id)
        if page.status == "complete":
            raise errors.AlreadyBought(order.order_id, paid=False, several=len(order.items) > 1)
        if page.status != "open" or page.url is None:
            await self._close(order, page.session_id, "session_expired")
            return None
        return PaymentLink(order.order_id, page.session_id, page.url, page.expires_at)

    async def _create_page(self, order: Order) -> PaymentPage:
        try:
            page = await self.stripe.create_page(order)
        except errors.StripeRefused as refusal:
            customer_is_gone = refusal.param == "customer" and order.customer_id is not None
            order = await self._next_attempt(order, forget_customer=customer_is_gone)
            if not customer_is_gone:
                raise
            page = await self.stripe.create_page(order)
        except errors.StripeUnavailable as error:
            made = await self._made_meanwhile(order, wait=error.code == _KEY_IN_USE)
            if made is None:
                raise
            return made
        await self._save(order, page)
        return page

    async def _made_meanwhile(self, order: Order, *, wait: bool) -> PaymentPage | None:
        """The page that a concurrent request of the same buyer created for this order.

        A double click is two requests with one key: Stripe refuses the second while it processes the first.
        `wait`: the first is still being processed.
        """
        for _ in range(_LOOKS if wait else 1):
            async with self.engine.connect() as tx:
                current = await orders.owned(tx, order.user_id, order.order_id)
            if current is not None and current.session_id is not None:
                return await self.stripe.page(current.order_id, current.session_id)
            await asyncio.sleep(_LOOK_SECONDS if wait else 0)
        return None

    async def _save(self, order: Order, page: PaymentPage) -> None:
        """Commit the session's id and the announcement of the order in one transaction."""
        async with self.engine.begin() as tx:
            if await orders.save_session(tx, order.order_id, page.session_id, page.expires_at):
                message = announcements.order_placed(order, page.session_id, self.clock(), new_traceparent())
                await outbox.append_on_engine(tx, [message])
                return
            current = await orders.owned(tx, order.user_id, order.order_id)
        if current is None or current.state != domain.State.OPEN or current.session_id != page.session_id:
            # The order was closed while Stripe created the page, which must not stay payable.
            with suppress(errors.StripeError):
                await self.stripe.expire_page(order.order_id, page.session_id)
            raise errors.OrderReplaced

    async def _next_attempt(self, order: Order, *, forget_customer: bool) -> Order:
        """Give the order a new key: Stripe has definitely refused the call with the present one."""
        async with self.engine.begin() as tx:
            customer_id = order.customer_id
            if forget_customer and customer_id is not None:
                await orders.forget_customer(tx, order.user_id, customer_id)
                customer_id = None
            expires_at = self.clock() + self.policy.session_lifetime
            return await orders.next_attempt(tx, order, expires_at, customer_id)

    async def _give_up(self, order: Order, reason: announcements.Reason) -> None:
        """Close an open order: first its page at Stripe, then the order itself. Raises AlreadyBought."""
        if order.session_id is not None:
            page = await self.stripe.page(order.order_id, order.session_id)
            if page.status == "open":
                try:
                    await self.stripe.expire_page(order.order_id, order.session_id)
                except errors.StripeRefused:
                    # The buyer paid at the same moment, or the page expired.
                    page = await self.stripe.page(order.order_id, order.session_id)
                    if page.status == "open":
                        # It can still be paid: closing the order now would leave two payable pages.
                        raise
            if page.status == "complete":
                raise errors.AlreadyBought(order.order_id, paid=False, several=len(order.items) > 1)
        await self._close(order, order.session_id, reason)

    async def _close(self, order: Order, session_id: str | None, reason: announcements.Reason) -> None:
        """Close the order if `session_id` is still its page, or None and it has none; else leave it.

        The caller knows that this page takes no payment. A concurrent request of the same buyer may have
        saved another page, which may be payable: the caller reads the order again.
        """
        now = self.clock()
        async with self.engine.begin() as tx:
            user_id = await orders.close(tx, order.order_id, session_id, reason, now)
            if user_id is not None:
                message = announcements.order_expired(
                    order.order_id, user_id, session_id, reason, now, new_traceparent()
                )
                await outbox.append_on_engine(tx, [message])


@asynccontextmanager
async def _within(seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        log.error("stripe call failed", kind="Deadline", seconds=seconds)
        raise errors.StripeUnavailable(
            "The payment page could not be created in time. You were not charged; try again in a few seconds."
        ) from None
