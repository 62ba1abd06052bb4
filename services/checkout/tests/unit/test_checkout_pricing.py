"""What may be charged, and how much each line of an order costs."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import errors
from checkout.domain import pricing
from checkout.domain.catalog import Bundle, Course, Offer, Plan
from checkout.domain.lines import Line, LineKind
from checkout.domain.pricing import AmountOff, Discount, PercentOff, Quote
from schemas import money


def course(course_id: str, **prices: int) -> Course:
    return Course(course_id, f"Course {course_id}", "Music", f"About {course_id}", prices, 30, True, 1)


def bundle(bundle_id: str, courses: Sequence[Course], **prices: int) -> Bundle:
    return Bundle(bundle_id, f"Bundle {bundle_id}", tuple(courses), prices)


def quoted(
    *offers: Offer,
    owned: Collection[str] = (),
    discount: Discount | None = None,
    currency: str | None = None,
) -> Quote:
    return pricing.quote(offers, currency, "usd", owned, discount)


def amounts(quote: Quote) -> list[tuple[int, int]]:
    return [(line.list_amount, line.discount_amount) for line in quote.lines]


@pytest.mark.parametrize(
    ("currency", "amount", "allowed"),
    [
        ("usd", 50, True),
        ("usd", 49, False),
        ("usd", 0, False),
        ("usd", -100, False),
        ("jpy", 50, True),
        ("jpy", 49, False),
        ("kwd", 1230, True),
        ("kwd", 1235, False),
        ("isk", 500, True),
        ("isk", 550, False),
        ("usd", 99_999_999, True),
        ("usd", 100_000_000, False),
        ("idr", 100_000_000, True),
        ("idr", 10**12, False),
        ("xyz", 5000, False),
        ("xxx", 5000, False),
        ("usd", 10**30, False),
    ],
)
def test_only_prices_that_stripe_can_charge(currency: str, amount: int, allowed: bool) -> None:
    assert (pricing.refuse_price(currency, amount) is None) is allowed


RAGAS = course("ragas", eur=4900, jpy=5000)


def test_the_currency_is_the_one_asked_for_or_the_default_or_the_first() -> None:
    assert pricing.choose_currency([RAGAS], "jpy", "usd") == "jpy"
    assert pricing.choose_currency([RAGAS], None, "jpy") == "jpy"
    assert pricing.choose_currency([RAGAS], None, "usd") == "eur"
    with pytest.raises(errors.CurrencyUnavailable, match=r"^This course has no price in usd.*eur, jpy") as no:
        pricing.choose_currency([RAGAS], "usd", "usd")
    assert no.value.available == ["eur", "jpy"]
    with pytest.raises(errors.CurrencyUnavailable, match="no price yet"):
        pricing.choose_currency([course("new")], None, "usd")


def test_several_items_need_one_currency_in_common() -> None:
    talas = course("talas", jpy=3000, usd=3000)
    assert pricing.choose_currency([RAGAS, talas], None, "usd") == "jpy"
    with pytest.raises(errors.CurrencyUnavailable, match="common price in eur") as no:
        pricing.choose_currency([RAGAS, talas], "eur", "usd")
    assert no.value.available == ["jpy"]
    with pytest.raises(errors.CurrencyUnavailable, match="no common price yet"):
        pricing.choose_currency([RAGAS, course("other", inr=100)], None, "usd")


def test_a_course_becomes_one_line_with_its_price() -> None:
    (line,) = quoted(RAGAS).lines
    assert line == Line(
        position=1,
        kind=LineKind.COURSE,
        title="Course ragas",
        list_amount=4900,
        course_id="ragas",
        description="About ragas",
        category="Music",
        access_days=30,
    )


def test_twenty_courses_become_lines_in_the_order_of_the_request() -> None:
    quote = quoted(*(course(f"c{n}", usd=1000 + n) for n in range(20)))
    assert [line.position for line in quote.lines] == list(range(1, 21))
    assert [line.course_id for line in quote.lines] == [f"c{n}" for n in range(20)]
    assert (quote.list_total, quote.discount_total, quote.total) == (20_190, 0, 20_190)


def test_a_plan_becomes_one_line_and_is_sold_alone() -> None:
    plan = Plan("all", "Everything", {"usd": 2900})
    (line,) = quoted(plan).lines
    assert (line.kind, line.plan_id, line.course_id, line.amount) == (LineKind.PLAN, "all", None, 2900)
    with pytest.raises(ValueError, match="alone"):
        quoted(plan, course("a", usd=1000))


@pytest.mark.parametrize(
    ("currency", "price", "own", "parts"),
    [
        ("usd", 10_000, (5000, 5000, 5000), [3334, 3333, 3333]),
        ("usd", 10_000, (6000, 3000, 1000), [6000, 3000, 1000]),
        ("usd", 10_000, (6000, None, 1000), [3334, 3333, 3333]),
        ("usd", 16_800, (15_000, 6000), [12_000, 4800]),
        ("jpy", 1000, (700, 700, 700), [334, 333, 333]),
        ("kwd", 10_000, (7000, 7000, 7000), [3340, 3330, 3330]),
        ("isk", 100_000, (500_00, 500_00, 500_00), [33_400, 33_300, 33_300]),
    ],
    ids=str,
)
def test_a_bundle_spreads_its_price_over_its_courses(
    currency: str, price: int, own: tuple[int | None, ...], parts: list[int]
) -> None:
    courses = [course(f"c{n}", **({currency: each} if each else {})) for n, each in enumerate(own)]
    quote = quoted(bundle("b", courses, **{currency: price}))
    assert [line.list_amount for line in quote.lines] == parts
    assert {(line.kind, line.bundle_id, line.bundle_title) for line in quote.lines} == {
        (LineKind.BUNDLE, "b", "Bundle b")
    }
    assert [line.course_id for line in quote.lines] == [each.course_id for each in courses]


def test_owned_courses_of_a_bundle_are_left_out_with_their_share() -> None:
    courses = [course(name, usd=price) for name, price in (("a", 6000), ("b", 3000), ("c", 1000))]
    quote = quoted(bundle("k", courses, usd=5000), owned={"a"})
    assert [(line.position, line.course_id, line.amount) for line in quote.lines] == [
        (1, "b", 1500),
        (2, "c", 500),
    ]


def test_what_the_buyer_owns_is_not_sold_again() -> None:
    a, b = course("a", usd=1000), course("b", usd=1000)
    with pytest.raises(errors.AlreadyEnrolled, match="You already own this course"):
        quoted(a, owned={"a"})
    with pytest.raises(errors.AlreadyEnrolled, match="You already own: Course a"):
        quoted(a, b, owned={"a"})
    with pytest.raises(errors.AlreadyEnrolled):
        quoted(bundle("k", [a, b], usd=1500), owned={"a", "b"})
    # What the buyer owns is said before the currency that it has no price in.
    with pytest.raises(errors.AlreadyEnrolled):
        quoted(a, owned={"a"}, currency="inr")


def test_a_course_cannot_be_in_one_order_twice() -> None:
    a, b = course("a", usd=1000), course("b", usd=1000)
    for offers in ([a, a], [bundle("k", [a, b], usd=1500), a]):
        with pytest.raises(errors.CourseTwice, match="Course a") as twice:
            quoted(*offers)
        assert twice.value.course_ids == ["a"]
    with pytest.raises(errors.CourseTwice) as twice:
        quoted(bundle("k", [a, b], usd=1500), bundle("m", [b, a], usd=1200))
    assert twice.value.course_ids == ["a", "b"]


def test_more_lines_than_an_order_can_hold_are_refused() -> None:
    many = [course(f"c{n}", usd=100) for n in range(201)]
    assert len(quoted(bundle("k", many[:200], usd=20_000)).lines) == 200
    with pytest.raises(errors.TooManyLines):
        quoted(bundle("k", many, usd=20_000))


@pytest.mark.parametrize(
    ("prices", "discount", "expected"),
    [
        # https://github.com/PrestaShop/PrestaShop/issues/42502: 20 % of 150 and 60
        ({"a": 15_000, "b": 6000}, PercentOff(2000), [(15_000, 3000), (6000, 1200)]),
        ({"a": 3333, "b": 3333, "c": 3334}, PercentOff(1000), [(3333, 333), (3333, 333), (3334, 334)]),
        ({"a": 999}, PercentOff(3333), [(999, 332)]),
        ({"a": 1000, "b": 500}, PercentOff(10_000), [(1000, 1000), (500, 500)]),
        ({"a": 1000, "b": 500}, PercentOff(0), [(1000, 0), (500, 0)]),
        ({"a": 3000, "b": 2000}, AmountOff(1000, "usd"), [(3000, 600), (2000, 400)]),
        ({"a": 1000, "b": 1000, "c": 1000}, AmountOff(100, "usd"), [(1000, 34), (1000, 33), (1000, 33)]),
        ({"a": 1000, "b": 500}, AmountOff(2000, "usd"), [(1000, 1000), (500, 500)]),
        (
            {"a": 1000, "b": 500},
            AmountOff(2000, "usd", only=frozenset({(LineKind.COURSE, "b")})),
            [(1000, 0), (500, 500)],
        ),
        (
            {"a": 1000, "b": 500},
            PercentOff(5000, only=frozenset({(LineKind.BUNDLE, "b")})),
            [(1000, 0), (500, 0)],
        ),
    ],
    ids=str,
)
def test_a_discount_is_spread_over_the_lines(
    prices: Mapping[str, int], discount: Discount, expected: list[tuple[int, int]]
) -> None:
    quote = quoted(*(course(name, usd=price) for name, price in prices.items()), discount=discount)
    assert amounts(quote) == expected


def test_a_discount_stays_in_the_steps_of_the_currency() -> None:
    kwd = quoted(course("a", kwd=5000), course("b", kwd=5000), discount=PercentOff(333))
    assert (amounts(kwd), kwd.discount_total) == ([(5000, 170), (5000, 160)], 330)
    isk = quoted(course("a", isk=100_000), discount=AmountOff(5050, "isk"))
    assert amounts(isk) == [(100_000, 5000)]


def test_a_discount_of_a_bundle_applies_to_all_its_courses() -> None:
    offers = (bundle("k", [course("a", usd=600), course("b", usd=400)], usd=1000), course("c", usd=1000))
    only = PercentOff(1000, only=frozenset({(LineKind.BUNDLE, "k")}))
    assert amounts(quoted(*offers, discount=only)) == [(600, 60), (400, 40), (1000, 0)]


def test_a_discount_in_another_currency_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="eur"):
        quoted(course("a", usd=1000), discount=AmountOff(100, "eur"))
    with pytest.raises(ValueError, match="basis points"):
        PercentOff(10_001)
    with pytest.raises(ValueError, match="negative"):
        AmountOff(-1, "eur")


def test_a_total_is_free_or_within_what_stripe_charges() -> None:
    assert quoted(course("a", usd=1000), discount=AmountOff(950, "usd")).total == 50
    assert quoted(course("a", usd=1000), discount=AmountOff(1000, "usd")).total == 0
    with pytest.raises(errors.BelowMinimum, match="49 usd") as low:
        quoted(course("a", usd=1000), discount=AmountOff(951, "usd"))
    assert low.value.minimum == 50
    with pytest.raises(errors.AboveMaximum):
        quoted(course("a", usd=99_999_900), course("b", usd=100))


CURRENCIES = st.sampled_from(["usd", "jpy", "kwd", "isk"])


@st.composite
def carts(draw: st.DrawFn) -> tuple[list[Offer], str, list[str], Discount | None]:
    """Courses and bundles without a repeated course, what the buyer owns, and a discount."""
    currency = draw(CURRENCIES)
    step = money.step(currency)
    price = st.integers(10, 300).map(lambda units: {currency: units * step * 10})
    owned: list[str] = []
    offers: list[Offer] = []
    for place in range(draw(st.integers(1, 4))):
        courses = [course(f"c{place}_{n}", **draw(price)) for n in range(draw(st.integers(1, 4)))]
        if len(courses) > 1:
            offers.append(bundle(f"b{place}", courses, **draw(price)))
            owned += [one.course_id for one in courses[1:] if draw(st.booleans())]
        else:
            offers += courses
    discount = draw(
        st.one_of(
            st.none(),
            st.builds(PercentOff, st.integers(0, 10_000)),
            st.builds(AmountOff, st.integers(0, 2000 * step), st.just(currency)),
        )
    )
    return offers, currency, owned, discount


@given(carts())
def test_any_cart_adds_up(cart: tuple[list[Offer], str, list[str], Discount | None]) -> None:
    offers, currency, owned, discount = cart
    step = money.step(currency)
    try:
        quote = quoted(*offers, owned=owned, discount=discount)
    except errors.BelowMinimum:
        return
    full = quoted(*offers)
    assert full.list_total == sum(offer.prices[currency] for offer in offers)
    kept = {line.course_id: line.list_amount for line in full.lines if line.course_id not in owned}
    assert {line.course_id: line.list_amount for line in quote.lines} == kept
    for line in quote.lines:
        assert 0 <= line.discount_amount <= line.list_amount
        assert line.list_amount % step == line.discount_amount % step == 0
    match discount:
        case PercentOff(basis_points):
            wanted = quote.list_total * basis_points // 10_000
            assert quote.discount_total == wanted - wanted % step
        case AmountOff(amount):
            wanted = min(amount, quote.list_total)
            assert quote.discount_total == wanted - wanted % step
        case None:
            assert quote.discount_total == 0


@given(carts(), st.randoms(use_true_random=False))
def test_the_order_of_the_items_moves_a_discount_by_one_step_at_most(
    cart: tuple[list[Offer], str, list[str], Discount | None], chance: random.Random
) -> None:
    offers, currency, owned, discount = cart
    shuffled = list(offers)
    chance.shuffle(shuffled)
    try:
        quote = quoted(*offers, owned=owned, discount=discount)
    except errors.BelowMinimum:
        with pytest.raises(errors.BelowMinimum):
            quoted(*shuffled, owned=owned, discount=discount)
        return
    other = quoted(*shuffled, owned=owned, discount=discount)
    assert other.total == quote.total
    discounts = {line.course_id: line.discount_amount for line in other.lines}
    without = {line.course_id: replace(line, position=1, discount_amount=0) for line in other.lines}
    for line in quote.lines:
        assert without[line.course_id] == replace(line, position=1, discount_amount=0)
        assert abs(discounts[line.course_id] - line.discount_amount) <= money.step(currency)
