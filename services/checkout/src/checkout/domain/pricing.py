"""Prices: what may be charged, in which currency, and how much each line of an order costs.

Amounts are in minor units. Every amount that is computed here is a multiple of the currency's step, and the
amounts of the lines sum to the totals exactly.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from checkout import errors
from checkout.domain.catalog import Bundle, Course, Offer, Plan
from checkout.domain.lines import MAX_LINES, Line, LineKind
from schemas import money

OfferId = tuple[LineKind, str]
"""Names an offer: a course and a bundle may have the same id."""


@dataclass(frozen=True, slots=True)
class PercentOff:
    """A part of the price in hundredths of a percent; `only` limits it to these offers."""

    basis_points: int
    only: frozenset[OfferId] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.basis_points <= 10_000:
            raise ValueError(f"a discount of {self.basis_points} basis points is not between 0 and 100 %")


@dataclass(frozen=True, slots=True)
class AmountOff:
    """An amount of one currency; `only` limits it to these offers."""

    amount: int
    currency: str
    only: frozenset[OfferId] | None = None

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError("a discount is not negative")


Discount = PercentOff | AmountOff


@dataclass(frozen=True, slots=True)
class Quote:
    """The lines that an order would have, and their sums."""

    currency: str
    lines: tuple[Line, ...]

    @property
    def list_total(self) -> int:
        """What the lines cost without the discount."""
        return sum(line.list_amount for line in self.lines)

    @property
    def discount_total(self) -> int:
        """What the discount takes off."""
        return sum(line.discount_amount for line in self.lines)

    @property
    def total(self) -> int:
        """What is charged, before tax."""
        return self.list_total - self.discount_total


def refuse_price(currency: str, amount: int) -> str | None:
    """Return a sentence that states why Stripe cannot charge this price, or None."""
    if not money.is_supported(currency):
        return f"Stripe charges no amounts in {currency}. Check the code of the currency (ISO 4217)."
    step, minimum, maximum = (
        money.step(currency),
        money.minimum_charge(currency),
        money.maximum_charge(currency),
    )
    least = minimum if minimum is not None else step
    if amount < least:
        return f"The minimum charge in {currency} is {least} (in minor units); {amount} is less."
    if amount > maximum:
        return f"The maximum charge in {currency} is {maximum} (in minor units); {amount} is more."
    if amount % step:
        return f"An amount in {currency} must be divisible by {step} (in minor units); {amount} is not."
    return None


def choose_currency(offers: Sequence[Offer], asked: str | None, default: str) -> str:
    """Return the currency: the requested one, else the default, else the first that all offers have.

    Raises CurrencyUnavailable.
    """
    common = sorted(set.intersection(*(set(offer.prices) for offer in offers)))
    if asked is not None:
        if asked not in common:
            raise errors.CurrencyUnavailable(asked, common, several=len(offers) > 1)
        return asked
    if not common:
        raise errors.CurrencyUnavailable(None, common, several=len(offers) > 1)
    return default if default in common else common[0]


def quote(
    offers: Sequence[Offer],
    asked: str | None,
    default: str,
    owned: Collection[str],
    discount: Discount | None = None,
) -> Quote:
    """Price the offers for a buyer who has access to the courses `owned`.

    A bundle's price is spread over all its courses in proportion to their own prices; courses that the buyer
    owns are left out together with their share. Raises AlreadyEnrolled, CourseTwice, CurrencyUnavailable,
    TooManyLines, BelowMinimum and AboveMaximum; ValueError for a plan beside other offers.
    """
    if not offers:
        raise ValueError("an order needs at least one offer")
    if len(offers) > 1 and any(isinstance(offer, Plan) for offer in offers):
        raise ValueError("a plan is sold alone")
    _refuse_owned(offers, owned)
    _refuse_repeated(offers)
    currency = choose_currency(offers, asked, default)
    lines = [
        line
        for offer in offers
        for line in _lines(offer, currency)
        if not (line.kind is LineKind.BUNDLE and line.course_id in owned)
    ]
    if len(lines) > MAX_LINES:
        raise errors.TooManyLines(MAX_LINES)
    lines = [replace(line, position=position) for position, line in enumerate(lines, start=1)]
    if discount is not None:
        lines = _discounted(lines, currency, discount)
    priced = Quote(currency, tuple(lines))
    _refuse_total(priced)
    return priced


def _refuse_owned(offers: Sequence[Offer], owned: Collection[str]) -> None:
    titles = [
        offer.title
        for offer in offers
        if (courses := _courses(offer)) and all(course.course_id in owned for course in courses)
    ]
    if titles:
        raise errors.AlreadyEnrolled(titles if len(offers) > 1 else ())


def _refuse_repeated(offers: Sequence[Offer]) -> None:
    courses = [course for offer in offers for course in _courses(offer)]
    counts = Counter(course.course_id for course in courses)
    repeated = {course.course_id: course.title for course in courses if counts[course.course_id] > 1}
    if repeated:
        raise errors.CourseTwice(list(repeated), list(repeated.values()))


def _courses(offer: Offer) -> Sequence[Course]:
    match offer:
        case Course():
            return (offer,)
        case Bundle():
            return offer.courses
        case Plan():
            return ()


def _lines(offer: Offer, currency: str) -> list[Line]:
    amount = offer.prices[currency]
    match offer:
        case Course():
            return [_course_line(offer, amount)]
        case Plan():
            return [Line(1, LineKind.PLAN, offer.title, amount, plan_id=offer.plan_id)]
        case Bundle():
            own = [course.prices.get(currency) for course in offer.courses]
            # Some courses have no price of their own in this currency: all get equal shares.
            weights = [1] * len(own) if None in own else [price or 0 for price in own]
            parts = money.spread_in_steps(amount, weights, money.step(currency))
            return [
                replace(
                    _course_line(course, part),
                    kind=LineKind.BUNDLE,
                    bundle_id=offer.bundle_id,
                    bundle_title=offer.title,
                )
                for course, part in zip(offer.courses, parts, strict=True)
            ]


def _course_line(course: Course, amount: int) -> Line:
    return Line(
        position=1,
        kind=LineKind.COURSE,
        title=course.title,
        list_amount=amount,
        course_id=course.course_id,
        description=course.description,
        category=course.category,
        access_days=course.access_days,
    )


def _discounted(lines: Sequence[Line], currency: str, discount: Discount) -> list[Line]:
    step = money.step(currency)
    weights = [line.list_amount if _is_eligible(line, discount) else 0 for line in lines]
    eligible = sum(weights)
    match discount:
        case PercentOff():
            total = eligible * discount.basis_points // 10_000
        case AmountOff():
            if discount.currency != currency:
                raise ValueError(f"a discount in {discount.currency} does not apply to a price in {currency}")
            total = min(eligible, discount.amount)
    if not eligible:
        return list(lines)
    parts = money.spread_in_steps(total - total % step, weights, step)
    return [replace(line, discount_amount=part) for line, part in zip(lines, parts, strict=True)]


def _is_eligible(line: Line, discount: Discount) -> bool:
    return discount.only is None or _offer_of(line) in discount.only


def _offer_of(line: Line) -> OfferId:
    return line.kind, line.plan_id or line.bundle_id or line.course_id or ""


def _refuse_total(priced: Quote) -> None:
    minimum = money.minimum_charge(priced.currency)
    if minimum is not None and 0 < priced.total < minimum:
        raise errors.BelowMinimum(priced.total, priced.currency, minimum)
    maximum = money.maximum_charge(priced.currency)
    if priced.total > maximum:
        raise errors.AboveMaximum(priced.total, priced.currency, maximum)
