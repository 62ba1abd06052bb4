"""Discounts and promotion codes, whose coupon moved twice.

Up to 2025-08: `discount.coupon` is the coupon object and `promotion_code.coupon` too; since clover they
stand in `discount.source.coupon` and `promotion_code.promotion.coupon`, as an id unless expanded. A list
of discounts may hold plain discount ids, whose coupon cannot be told.
"""

from collections.abc import Iterator

from schemas.stripe.base import Inside, OfCustomer, Referring, linked
from schemas.stripe.fields import Count, Id, Ref, Timestamp, Word


class _Source(Referring):
    coupon: Ref | None = None


class Discount(Referring):
    _coupon: Ref | None = None
    _source: _Source | None = None
    promotion_code: Ref | None = None

    coupon = Inside[str | None]("_source.coupon", "_coupon")


class Discounted(OfCustomer, kw_only=True):
    """What discounts apply to."""

    _discount: Discount | None = None
    _discounts: list[Id | Discount | None] | None = None

    @property
    def coupons(self) -> list[str]:
        """The ids of the coupons behind the discounts, in their order."""
        return [discount.coupon for discount in self._known() if discount.coupon]

    @property
    def promotion_codes(self) -> list[str]:
        """The ids of the promotion codes behind the discounts, in their order."""
        return [discount.promotion_code for discount in self._known() if discount.promotion_code]

    def _known(self) -> Iterator[Discount]:
        for discount in self._discounts or (self._discount,):
            if isinstance(discount, Discount):
                yield discount


class PromotionCode(OfCustomer, tag="promotion_code"):
    """A code that a customer types to get a coupon's discount."""

    LINKS = linked("customer")

    code: Word
    active: bool = False
    _coupon: Ref | None = None
    _promotion: _Source | None = None
    expires_at: Timestamp | None = None
    max_redemptions: Count | None = None
    times_redeemed: Count = 0

    coupon = Inside[str | None]("_promotion.coupon", "_coupon")
