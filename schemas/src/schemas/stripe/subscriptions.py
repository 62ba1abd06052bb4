"""Subscriptions, whose billing period moved from the subscription to its items (basil, 2025-03-31)."""

from msgspec.structs import replace

from schemas.stripe.base import Inside, ListOf, Part, Referring, linked
from schemas.stripe.discounts import Discounted
from schemas.stripe.fields import Amount, Count, Currency, Id, Ref, Timestamp, Word


class _Recurring(Part):
    interval: Word | None = None
    interval_count: Count | None = None


class _Price(Referring):
    id: Id
    product: Ref | None = None
    unit_amount: Amount | None = None
    currency: Currency | None = None
    recurring: _Recurring | None = None


class SubscriptionItem(Part):
    """One price of a subscription. `unit_amount` is null for tiered prices."""

    id: Id
    _price: _Price | None = None
    _quantity: Count | None = None
    current_period_start: Timestamp | None = None
    current_period_end: Timestamp | None = None

    price = Inside[str | None]("_price.id")
    product = Inside[str | None]("_price.product")
    unit_amount = Inside[int | None]("_price.unit_amount")
    currency = Inside[str | None]("_price.currency")
    interval = Inside[str | None]("_price.recurring.interval")
    interval_count = Inside[int]("_price.recurring.interval_count", default=1)
    quantity = Inside[int]("_quantity", default=1)


class _CancellationDetails(Part):
    reason: Word | None = None
    feedback: Word | None = None


class _Pause(Part):
    resumes_at: Timestamp | None = None


class Subscription(Discounted, tag="subscription"):
    """A subscription. Where items have different periods, the period here is the one that ends first.

    An event holds the first items only; items that are billed together share their period, so the first page
    is enough for it.
    """

    LINKS = linked("customer", subscription_id="id", invoice_id="latest_invoice")

    status: Word
    """incomplete, incomplete_expired, trialing, active, past_due, unpaid, paused or canceled."""
    _items: ListOf[SubscriptionItem] | None = None
    currency: Currency | None = None
    _current_period_start: Timestamp | None = None
    _current_period_end: Timestamp | None = None
    cancel_at_period_end: bool = False
    _cancel_at: Timestamp | None = None
    canceled_at: Timestamp | None = None
    ended_at: Timestamp | None = None
    trial_start: Timestamp | None = None
    trial_end: Timestamp | None = None
    start_date: Timestamp | None = None
    latest_invoice: Ref | None = None
    default_payment_method: Ref | None = None
    _cancellation_details: _CancellationDetails | None = None
    _pause_collection: _Pause | None = None

    cancellation_reason = Inside[str | None]("_cancellation_details.reason")
    cancellation_feedback = Inside[str | None]("_cancellation_details.feedback")
    collection_resumes_at = Inside[int | None]("_pause_collection.resumes_at")

    @property
    def items(self) -> list[SubscriptionItem]:
        # Before basil the one period stood on the subscription and held for every item.
        return [
            replace(
                item,
                current_period_start=item.current_period_start or self._current_period_start,
                current_period_end=item.current_period_end or self._current_period_end,
            )
            for item in (self._items.data if self._items else ())
        ]

    @property
    def current_period_start(self) -> int | None:
        starts = [item.current_period_start for item in self.items if item.current_period_start]
        return max(starts, default=self._current_period_start)

    @property
    def current_period_end(self) -> int | None:
        ends = [item.current_period_end for item in self.items if item.current_period_end]
        return min(ends, default=self._current_period_end)

    @property
    def ends_at(self) -> int | None:
        """When it is scheduled to end, whether Stripe says so by cancel_at or by cancel_at_period_end; else
        null."""
        return self._cancel_at or (self.current_period_end if self.cancel_at_period_end else None)

    @property
    def collection_paused(self) -> bool:
        return self._pause_collection is not None
