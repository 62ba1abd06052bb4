"""Generates past orders over days, courses, currencies, countries and cards, with refunds and disputes."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from stripe_sandbox.core import money
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import balance_sheet as balance
from stripe_sandbox.payments import cards
from stripe_sandbox.payments import disputing as disputes
from stripe_sandbox.payments import refunding as refunds
from stripe_sandbox.payments.buyers import Buyer
from stripe_sandbox.sessions import creation as session_new
from stripe_sandbox.sessions import paying as checkout

DAY = 24 * 3600
#: Buyers by country: their share in percent, preferred currency and cards of their country.
COUNTRIES: dict[str, tuple[int, str, tuple[str, ...]]] = {
    "US": (38, "usd", ("visa", "visa", "mastercard", "amex", "visa_debit")),
    "IN": (16, "inr", ("in", "in", "mastercard")),
    "DE": (12, "eur", ("de", "mastercard", "visa_debit")),
    "GB": (10, "gbp", ("visa", "visa_debit", "3ds")),
    "FR": (7, "eur", ("visa_debit", "3ds")),
    "JP": (9, "jpy", ("jp", "jp", "mastercard")),
    "BR": (4, "brl", ("mastercard", "visa")),
    "SE": (4, "sek", ("3ds", "mastercard")),
}
DECLINING = {"insufficient_funds": 5, "generic_decline": 4, "incorrect_cvc": 2, "expired_card": 1}
#: Sales per hour of the day (UTC) and per day of the week (from Monday), relative to the best.
HOURS = (3, 2, 2, 2, 2, 3, 4, 5, 6, 7, 7, 7, 8, 8, 9, 9, 9, 9, 10, 10, 9, 8, 6, 4)
WEEKDAYS = (10, 10, 9, 9, 8, 6, 7)


@dataclass(frozen=True, slots=True)
class Course:
    """A product, with a price in minor units per currency."""

    name: str
    prices: dict[str, int]


DEFAULT_COURSES = (
    Course("Pottery for beginners", {"usd": 4900, "eur": 4500, "jpy": 7200}),
    Course("Data with Python", {"usd": 12900, "eur": 11900, "jpy": 18900}),
    Course("Watercolour", {"usd": 1990, "eur": 1890, "jpy": 2900}),
)


@dataclass(slots=True)
class Plan:
    """What to generate. `{n}` in `metadata` becomes the order's number. Shares are between 0 and 1."""

    orders: int
    days: int
    seed: int
    metadata: dict[str, str] = field(default_factory=dict)
    courses: tuple[Course, ...] = DEFAULT_COURSES
    abandoned: float = 0.1
    declined: float = 0.08
    refunded: float = 0.05
    disputed: float = 0.01


def generate(sandbox: Sandbox, plan: Plan) -> Iterator[None]:
    """Generate the orders in chronological order; yields after each step, which is one transaction."""
    pick = random.Random(plan.seed)  # noqa: S311
    now = sandbox.clock.now()
    start = now - plan.days * DAY
    moments = sorted(_moment(pick, start, now) for _ in range(plan.orders))
    numbers = itertools.count()
    queue: list[tuple[int, int, Callable[[], None]]] = []

    def later(moment: int, step: Callable[[], None]) -> None:
        if moment < now:
            heapq.heappush(queue, (moment, next(numbers), step))

    for number, moment in enumerate(moments, 1):
        later(moment, _order(sandbox, plan, pick, number, later))
    while queue:
        moment, _, step = heapq.heappop(queue)
        with sandbox.store.transaction(), sandbox.clock.at(moment):
            step()
        yield
    with sandbox.store.transaction():
        balance.make_available(sandbox)


def _moment(pick: random.Random, start: int, now: int) -> int:
    """The time of an order: more orders towards the present, by day and during the week."""
    while True:
        moment = start + int((now - start) * pick.random() ** 0.7)
        hour, weekday = moment // 3600 % 24, (moment // DAY + 3) % 7
        if pick.random() * 100 < HOURS[hour] * WEEKDAYS[weekday]:
            return moment


def _choice(pick: random.Random, weights: dict[str, int]) -> str:
    return pick.choices(list(weights), list(weights.values()))[0]


def _course(pick: random.Random, courses: tuple[Course, ...]) -> Course:
    """The course of an order: the first sells best, the second half as well, the third a third as well."""
    return pick.choices(courses, [1 / rank for rank in range(1, len(courses) + 1)])[0]


def _order(
    sandbox: Sandbox,
    plan: Plan,
    pick: random.Random,
    number: int,
    later: Callable[[int, Callable[[], None]], None],
) -> Callable[[], None]:
    def step() -> None:
        course = _course(pick, plan.courses)
        country = _choice(pick, {name: share for name, (share, _, _) in COUNTRIES.items()})
        _, home, own_cards = COUNTRIES[country]
        currency = home if home in course.prices else next(iter(course.prices))
        metadata = {name: text.replace("{n}", str(number)) for name, text in plan.metadata.items()}
        session = session_new.create(sandbox, _params(course, currency, metadata))
        at = sandbox.clock.now()
        if pick.random() < plan.abandoned:
            later(session["expires_at"], lambda: _expire(sandbox, session["id"]))
            return
        buyer = Buyer(f"buyer{number}@example.com", f"Buyer {number}", country)
        if pick.random() < plan.declined:
            checkout.pay(sandbox, session, cards.BY_NAME[_choice(pick, DECLINING)], buyer)
        checkout.pay(sandbox, session, cards.BY_NAME[pick.choice(own_cards)], buyer)
        if session["status"] == "open":
            checkout.authenticate(sandbox, session, authenticated=True)
        charge = sandbox.require("payment_intent", session["payment_intent"])["latest_charge"]
        chance = pick.random()
        if chance < plan.refunded:
            part = None if pick.random() < 0.7 else pick.uniform(0.1, 0.9)
            later(at + pick.randint(3600, 14 * DAY), lambda: _refund(sandbox, charge, part))
        elif chance < plan.refunded + plan.disputed:
            won = pick.random() < 0.4
            opened = at + pick.randint(5 * DAY, 40 * DAY)
            later(opened, lambda: _dispute(sandbox, charge))
            later(opened + 20 * DAY, lambda: _close(sandbox, charge, won=won))

    return step


def _params(course: Course, currency: str, metadata: dict[str, str]) -> Object:
    return {
        "mode": "payment",
        "success_url": "https://shop.example/thanks",
        "metadata": metadata,
        "client_reference_id": metadata.get("order_id"),
        "payment_intent_data": {"metadata": metadata},
        "line_items": [
            {
                "price_data": {
                    "currency": currency,
                    "unit_amount": course.prices[currency],
                    "product_data": {"name": course.name},
                },
                "quantity": 1,
            }
        ],
    }


def _expire(sandbox: Sandbox, session: str) -> None:
    found = sandbox.require("checkout.session", session)
    if found["status"] == "open":
        checkout.expire(sandbox, found)


def _refund(sandbox: Sandbox, charge: str, part: float | None) -> None:
    found = sandbox.require("charge", charge)
    amount = None if part is None else max(1, int(found["amount"] * part))
    refunds.create(sandbox, found, amount, reason="requested_by_customer")


def _dispute(sandbox: Sandbox, charge: str) -> None:
    disputes.open_(sandbox, sandbox.require("charge", charge), "fraudulent")


def _close(sandbox: Sandbox, charge: str, *, won: bool) -> None:
    for dispute in sandbox.store.find("dispute", {"charge": charge}):
        disputes.close(sandbox, dispute, won=won)


def course(name: str, prices: dict[str, int]) -> Course:
    """A course from a request; raises InvalidRequest for a price that cannot be charged."""
    for currency, amount in prices.items():
        if currency not in money.CURRENCIES:
            raise InvalidRequest(f"Stripe does not support the currency {currency}.", param="courses")
        if amount < money.minimum(currency):
            raise InvalidRequest(f"{amount} {currency} is below the minimum charge amount.", param="courses")
    return Course(name, prices)
