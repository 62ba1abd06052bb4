"""Discounts and promotion codes, whose coupon moved twice.

Up to 2025-08: `discount.coupon` is the coupon object and `promotion_code.coupon` too; since clover they
stand in `discount.source.coupon` and `promotion_code.promotion.coupon`, as an id unless expanded. A list
of discounts may hold plain discount ids, whose coupon cannot be told.
"""

from collections.abc import Sequence
from typing import ClassVar

from msgspec import field

from schemas.stripe.base import View, Wire, links
from schemas.stripe.fields import Count, Id, Metadata, Ref, Timestamp, Word, ref


class _Source(Wire):
    coupon: Ref = None


class DiscountWire(Wire):
    coupon: Ref = None
    source: _Source | None = None
    promotion_code: Ref = None


Discount = Id | DiscountWire | None


def _coupon(discount: DiscountWire) -> str | None:
    return ref(discount.source.coupon) if discount.source else ref(discount.coupon)


def coupons(discounts: Sequence[str | DiscountWire | None] | None) -> list[str]:
    """The ids of the coupons behind these discounts, in their order."""
    found = (_coupon(item) for item in discounts or () if isinstance(item, DiscountWire))
    return [coupon for coupon in found if coupon]


def promotion_codes(discounts: Sequence[str | DiscountWire | None] | None) -> list[str]:
    """The ids of the promotion codes behind these discounts, in their order."""
    found = (ref(item.promotion_code) for item in discounts or () if isinstance(item, DiscountWire))
    return [code for code in found if code]


class PromotionCodeWire(Wire, tag_field="object", tag="promotion_code"):
    id: Id
    code: Word
    active: bool = False
    coupon: Ref = None
    promotion: _Source | None = None
    customer: Ref = None
    expires_at: Timestamp | None = None
    max_redemptions: Count | None = None
    times_redeemed: Count = 0
    metadata: Metadata | None = None

    def view(self) -> "PromotionCodeView":
        return self.read_as(
            PromotionCodeView,
            coupon=ref(self.promotion.coupon) if self.promotion else ref(self.coupon),
        )


class PromotionCodeView(View, frozen=True, kw_only=True):
    """A code that a customer types to get a coupon's discount."""

    KIND: ClassVar[str] = "promotion_code"

    id: str
    code: str
    active: bool
    coupon: str | None
    customer: str | None
    expires_at: int | None
    max_redemptions: int | None
    times_redeemed: int
    metadata: dict[str, str] = field(default_factory=dict)

    def links(self) -> dict[str, str]:
        return links(customer_id=self.customer)
