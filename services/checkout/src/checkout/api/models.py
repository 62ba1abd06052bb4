"""Bodies of requests and answers under /v1. Amounts are in minor units; times are RFC 3339 in UTC."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from checkout.domain.catalog import Course
from checkout.domain.pricing import refuse_price


def _storable(value: str) -> str:
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError("the text holds a NUL character or half a surrogate pair, which cannot be stored")
    return value


Storable = AfterValidator(_storable)
CourseId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
OrderIdPath = Annotated[str, Path(min_length=1, max_length=255), Storable]
CourseIdPath = Annotated[str, Path(min_length=1, max_length=255), Storable]
Currency = Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$")]
Url = Annotated[str, StringConstraints(min_length=1, max_length=2000), Storable]


class _Body(BaseModel):
    """The body of a request. An unknown field is an error, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid")


class PriceView(BaseModel):
    currency: Currency
    amount: int = Field(description="in the currency's minor unit")


class CourseView(BaseModel):
    course_id: str
    title: str
    category: str | None
    description: str
    prices: list[PriceView]
    access_days: int | None = Field(description="days of access after the payment; null: access does not end")

    @classmethod
    def of(cls, course: Course) -> "CourseView":
        return cls(
            course_id=course.course_id,
            title=course.title,
            category=course.category,
            description=course.description,
            prices=[
                PriceView(currency=currency, amount=amount) for currency, amount in course.prices.items()
            ],
            access_days=course.access_days,
        )


class AdminCourseView(CourseView):
    active: bool
    version: int = Field(description="increases with every change")

    @classmethod
    def of(cls, course: Course) -> "AdminCourseView":
        shared = CourseView.of(course).model_dump()
        return cls(**shared, active=course.active, version=course.version)


class PriceBody(_Body):
    currency: Currency
    amount: int = Field(strict=True, description="in the currency's minor unit")

    @model_validator(mode="after")
    def _chargeable(self) -> "PriceBody":
        refusal = refuse_price(self.currency, self.amount)
        if refusal is not None:
            raise ValueError(refusal)
        return self


class CourseBody(_Body):
    title: Annotated[str, StringConstraints(min_length=1, max_length=250, strip_whitespace=True), Storable]
    category: (
        Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True), Storable]
        | None
    ) = None
    description: Annotated[str, StringConstraints(max_length=10_000, strip_whitespace=True), Storable] = ""
    prices: Annotated[list[PriceBody], Field(max_length=200)]
    access_days: Annotated[int, Field(ge=1, le=36_500, strict=True)] | None = None
    active: Annotated[bool, Field(strict=True)] = True

    @model_validator(mode="after")
    def _one_price_a_currency(self) -> "CourseBody":
        currencies = [price.currency for price in self.prices]
        twice = sorted({currency for currency in currencies if currencies.count(currency) > 1})
        if twice:
            raise ValueError(f"more than one price in {', '.join(twice)}: give one price per currency")
        if self.active and not self.prices:
            raise ValueError("a course on sale needs a price; add one, or set active to false")
        return self


SoldCourseId = Annotated[str, StringConstraints(min_length=1, max_length=255), Storable]


class ItemBody(_Body):
    course_id: SoldCourseId


class SessionBody(_Body):
    items: Annotated[list[ItemBody], Field(min_length=1, max_length=20)] | None = Field(
        default=None,
        description="what to order: up to 20 different courses",
        examples=[[{"course_id": "ragas"}]],
    )
    course_id: SoldCourseId | None = Field(
        default=None, description="the same as `items` with one course; send one of the two"
    )
    terms_version: Annotated[str, StringConstraints(min_length=1, max_length=64), Storable]
    currency: Currency | None = None
    ui_mode: Literal["hosted_page"] = Field(
        default="hosted_page", description="where the buyer pays: on Stripe's own page"
    )
    beside_pending: Annotated[bool, Field(strict=True)] = Field(
        default=False,
        description="order although a payment for the same course is on its way; if both arrive, the later "
        "one is refunded",
    )
    success_url: Url | None = Field(default=None, description="on one of RETURN_ORIGINS")
    cancel_url: Url | None = Field(default=None, description="on one of RETURN_ORIGINS")

    @model_validator(mode="after")
    def _items_or_one_course(self) -> "SessionBody":
        if (self.items is None) == (self.course_id is None):
            raise ValueError("send either items or course_id")
        return self

    @property
    def course_ids(self) -> list[str]:
        """The courses to order, in the sequence of the request."""
        if self.course_id is not None:
            return [self.course_id]
        return [item.course_id for item in self.items or ()]


class SessionView(BaseModel):
    order_id: str
    session_id: str
    url: str = Field(description="Stripe's payment page; send the buyer there")
    expires_at: datetime


class LineView(BaseModel):
    line_id: str
    kind: str
    course_id: str | None
    bundle_id: str | None = Field(description="set: the course was bought as part of this bundle")
    bundle_title: str | None
    plan_id: str | None
    category: str | None
    title: str
    list_amount: int
    discount_amount: int
    amount_refunded: int = Field(description="the refunded part of what was paid for this line, with tax")
    access_days: int | None


class OrderRefundView(BaseModel):
    refund_id: str
    amount: int
    currency: str
    status: str
    reason: str
    requested_at: datetime

    @model_validator(mode="before")
    @classmethod
    def _stated(cls, row: dict[str, object]) -> dict[str, object]:
        # The column `reason` is the key of the request where the reason was stated apart.
        return {**row, "reason": row.get("stated_reason") or row["reason"]}


class OrderView(BaseModel):
    order_id: str
    state: Literal[
        "open",
        "processing",
        "paid",
        "partially_refunded",
        "refunded",
        "disputed",
        "charged_back",
        "failed",
        "expired",
    ] = Field(
        description="disputed: the bank holds the payment until a dispute is decided; charged_back: the "
        "buyer got it back by a dispute"
    )
    currency: str
    amount_total: int = Field(description="before any tax that Stripe adds")
    amount_paid: int | None = Field(description="with tax; null until the order is paid")
    amount_tax: int = Field(description="the tax in amount_paid")
    amount_refunded: int
    amount_disputed: int = Field(description="what disputes hold or have taken of the payment")
    dispute: str | None = Field(description="the status at Stripe of the gravest dispute of the payment")
    session_id: str | None
    terms_version: str
    terms_accepted_at: datetime
    receipt_url: str | None = Field(description="Stripe's page with the receipt; null until it exists")
    under_review: bool = Field(description="true: the payment does not match the order and is being checked")
    created_at: datetime
    paid_at: datetime | None
    failed_at: datetime | None
    expired_at: datetime | None
    refunded_at: datetime | None
    lines: list[LineView]
    refunds: list[OrderRefundView]


class AcceptBody(_Body):
    session_id: Annotated[str, StringConstraints(pattern=r"^cs_[A-Za-z0-9_]{1,250}$")] | None = Field(
        default=None, description="the session that paid the order; null: the order's own"
    )
    reason: Annotated[
        str, StringConstraints(min_length=3, max_length=500, strip_whitespace=True), Storable
    ] = Field(description="why the payment is accepted; it is published")


class AcceptedView(BaseModel):
    order_id: str
    session_id: str


class RevokeBody(_Body):
    reason: Annotated[
        str, StringConstraints(min_length=3, max_length=500, strip_whitespace=True), Storable
    ] = Field(description="why the order is revoked; it is published")


class RevokedView(BaseModel):
    order_id: str


class CloseBody(_Body):
    note: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True), Storable] = (
        Field(description="why the order is closed, for other operators")
    )


class RefundBody(_Body):
    amount: Annotated[int, Field(gt=0, le=10**15, strict=True)] | None = Field(
        default=None,
        description="in the minor unit of the order's currency; null: everything that is not refunded yet",
    )
    reason: Annotated[
        str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), Storable
    ] = Field(
        default="requested_by_customer",
        description="without an Idempotency-Key it is the key: an order then has one refund per reason, so "
        "that a repeated request does not refund twice",
    )


class RefundView(BaseModel):
    refund_id: str
    order_id: str
    amount: int
    currency: str
    reason: str
    status: str


class AttentionView(BaseModel):
    kind: Literal["mismatch", "waiting", "dispute", "refund", "duplicate"]
    id: str = Field(description="the refund's id for a refund or duplicate, else the order's")
    order_id: str
    user_id: str
    reason: str = Field(
        description="what does not match; the state of the order that waits; the status of a dispute or "
        "refund; why a duplicate is not refunded yet"
    )
    amount: int = Field(description="of the order or the refund, in the currency's minor unit")
    currency: str
    since: datetime


class ReviewBody(_Body):
    note: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True), Storable] = (
        Field(description="how it was settled, for other operators")
    )
