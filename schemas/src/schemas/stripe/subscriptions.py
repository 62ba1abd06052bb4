"""Subscriptions, whose billing period moved from the subscription to its items (basil, 2025-03-31)."""

from typing import ClassVar

from msgspec import field

from schemas.stripe.base import Part, View, Wire, links
from schemas.stripe.discounts import Discount, DiscountWire, coupons, promotion_codes
from schemas.stripe.fields import Amount, Count, Currency, Id, Metadata, Ref, Timestamp, Word, ref


class _Recurring(Wire):
    interval: Word | None = None
    interval_count: Count | None = None


class _Price(Wire):
    id: Id
    product: Ref = None
    unit_amount: Amount | None = None
    currency: Currency | None = None
    recurring: _Recurring | None = None


class _Item(Wire):
    id: Id
    price: _Price | None = None
    quantity: Count | None = None
    current_period_start: Timestamp | None = None
    current_period_end: Timestamp | None = None


class _Items(Wire):
    data: list[_Item] = field(default_factory=list)


class _CancellationDetails(Wire):
    reason: Word | None = None
    feedback: Word | None = None


class _Pause(Wire):
    behavior: Word | None = None
    resumes_at: Timestamp | None = None


class SubscriptionItem(Part, frozen=True, kw_only=True):
    """One price of a subscription. `unit_amount` is null for tiered prices."""

    id: str
    price: str | None
    product: str | None
    quantity: int
    unit_amount: int | None
    currency: str | None
    interval: str | None
    interval_count: int
    current_period_start: int | None
    current_period_end: int | None


class SubscriptionWire(Wire, tag_field="object", tag="subscription"):
    id: Id
    status: Word
    items: _Items | None = None
    customer: Ref = None
    currency: Currency | None = None
    current_period_start: Timestamp | None = None
    current_period_end: Timestamp | None = None
    cancel_at_period_end: bool = False
    cancel_at: Timestamp | None = None
    canceled_at: Timestamp | None = None
    ended_at: Timestamp | None = None
    trial_start: Timestamp | None = None
    trial_end: Timestamp | None = None
    start_date: Timestamp | None = None
    latest_invoice: Ref = None
    default_payment_method: Ref = None
    cancellation_details: _CancellationDetails | None = None
    pause_collection: _Pause | None = None
    discount: DiscountWire | None = None
    discounts: list[Discount] | None = None
    metadata: Metadata | None = None
    created: Timestamp | None = None

    def _item(self, item: _Item) -> SubscriptionItem:
        price = item.price
        recurring = (price.recurring if price else None) or _Recurring()
        return SubscriptionItem(
            id=item.id,
            price=price.id if price else None,
            product=ref(price.product) if price else None,
            quantity=1 if item.quantity is None else item.quantity,
            unit_amount=price.unit_amount if price else None,
            currency=price.currency if price else None,
            interval=recurring.interval,
            interval_count=recurring.interval_count or 1,
            # Before basil the one period stood on the subscription and held for every item.
            current_period_start=item.current_period_start or self.current_period_start,
            current_period_end=item.current_period_end or self.current_period_end,
        )

    def view(self) -> "SubscriptionView":
        items = [self._item(item) for item in (self.items.data if self.items else ())]
        starts = [item.current_period_start for item in items if item.current_period_start]
        ends = [item.current_period_end for item in items if item.current_period_end]
        period_end = min(ends, default=self.current_period_end)
        cancellation = self.cancellation_details or _CancellationDetails()
        discounts = self.discounts or ([self.discount] if self.discount else None)
        return self.read_as(
            SubscriptionView,
            items=items,
            current_period_start=max(starts, default=self.current_period_start),
            current_period_end=period_end,
            ends_at=self.cancel_at or (period_end if self.cancel_at_period_end else None),
            cancellation_reason=cancellation.reason,
            cancellation_feedback=cancellation.feedback,
            collection_paused=self.pause_collection is not None,
            collection_resumes_at=self.pause_collection.resumes_at if self.pause_collection else None,
            coupons=coupons(discounts),
            promotion_codes=promotion_codes(discounts),
        )


class SubscriptionView(View, frozen=True, kw_only=True):
    """A subscription. Where items have different periods, the period here is the one that ends first."""

    KIND: ClassVar[str] = "subscription"

    id: str
    status: str
    """incomplete, incomplete_expired, trialing, active, past_due, unpaid, paused or canceled."""
    items: list[SubscriptionItem]
    customer: str | None
    currency: str | None
    current_period_start: int | None
    current_period_end: int | None
    cancel_at_period_end: bool
    ends_at: int | None
    """When it is scheduled to end, whether Stripe says so by cancel_at or by cancel_at_period_end; else
    null."""
    canceled_at: int | None
    ended_at: int | None
    trial_start: int | None
    trial_end: int | None
    start_date: int | None
    latest_invoice: str | None
    default_payment_method: str | None
    cancellation_reason: str | None
    cancellation_feedback: str | None
    collection_paused: bool
    collection_resumes_at: int | None
    coupons: list[str]
    promotion_codes: list[str]
    metadata: dict[str, str] = field(default_factory=dict)
    created: int | None

    def links(self) -> dict[str, str]:
        return links(
            self.metadata,
            subscription_id=self.id,
            invoice_id=self.latest_invoice,
            customer_id=self.customer,
        )
