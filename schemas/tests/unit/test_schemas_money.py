"""Minor units, and sums that stay exact when they are spread."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import money

WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)


@given(st.integers(-(10**12), 10**12), WEIGHTS)
def test_the_parts_sum_to_the_total_exactly(total: int, weights: list[int]) -> None:
    parts = money.spread(total, weights)
    assert len(parts) == len(weights)
    assert sum(parts) == total


@given(st.data(), WEIGHTS)
def test_a_discount_never_makes_a_line_negative(data: st.DataObject, weights: list[int]) -> None:
    total = data.draw(st.integers(0, sum(weights)))
    parts = money.spread(total, weights)
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


@given(st.integers(0, 10**12), WEIGHTS)
def test_no_part_is_a_whole_unit_away_from_its_exact_share(total: int, weights: list[int]) -> None:
    whole = sum(weights)
    if whole:
        parts = money.spread(total, weights)
        assert all(
            abs(part * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True)
        )


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (2, [1, 1, 1], [1, 1, 0]),
        (10, [0, 5, 0, 5], [0, 5, 0, 5]),
        (7, [0, 0], [4, 3]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (1, [1, 2], [0, 1]),
        (0, [], []),
        (79960, [399800, 0], [79960, 0]),
    ],
)
def test_remainders_go_to_the_largest_then_the_earliest(
    total: int, weights: list[int], parts: list[int]
) -> None:
    assert money.spread(total, weights) == parts


def test_what_cannot_be_spread_is_refused() -> None:
    with pytest.raises(ValueError, match="over nothing"):
        money.spread(5, [])
    with pytest.raises(ValueError, match="negative"):
        money.spread(5, [3, -1])


@pytest.mark.parametrize(
    ("currency", "exponent", "shown", "step"),
    [
        ("usd", 2, 2, 1),
        ("EUR", 2, 2, 1),
        ("jpy", 0, 0, 1),
        ("krw", 0, 0, 1),
        ("kwd", 3, 3, 10),
        ("bhd", 3, 3, 10),
        ("isk", 2, 0, 100),
        ("ugx", 2, 0, 100),
        ("huf", 2, 2, 1),
        ("twd", 2, 2, 1),
    ],
)
def test_stripe_s_table_of_exponents(currency: str, exponent: int, shown: int, step: int) -> None:
    assert money.exponent(currency) == exponent
    assert money.display_digits(currency) == shown
    assert money.step(currency) == step


def test_major_units_are_exact() -> None:
    assert money.to_decimal(1999, "eur") == Decimal("19.99")
    assert money.to_decimal(500, "jpy") == Decimal(500)
    assert money.to_decimal(5120, "kwd") == Decimal("5.120")
    assert money.to_decimal(500, "isk") == Decimal(5)
    assert str(money.to_decimal(100, "usd")) == "1.00"


@pytest.mark.parametrize("code", ["", "e", "euro", "e1r", "éur", "€"])
def test_what_is_no_currency_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        money.exponent(code)


def test_minimum_charges_are_known_only_where_stripe_names_them() -> None:
    assert money.minimum_charge("usd") == 50
    assert money.minimum_charge("GBP") == 30
    assert money.minimum_charge("jpy") == 50
    assert money.minimum_charge("kwd") is None


@given(st.data(), st.sampled_from([1, 10, 100]), WEIGHTS)
def test_parts_in_steps_are_chargeable_and_never_exceed_their_weight(
    data: st.DataObject, step: int, weights: list[int]
) -> None:
    weights = [weight // step * step for weight in weights]
    total = data.draw(st.integers(0, sum(weights) // step)) * step
    parts = money.spread_in_steps(total, weights, step)
    assert sum(parts) == total
    assert all(part % step == 0 for part in parts)
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


@pytest.mark.parametrize(
    ("total", "weights", "step", "parts"),
    [
        (100, [1, 1, 1], 1, [34, 33, 33]),
        (100, [10, 10, 10], 10, [40, 30, 30]),
        (500, [1000, 500], 100, [300, 200]),
        (-100, [10, 10, 10], 10, [-40, -30, -30]),
        (30, [0, 0], 10, [20, 10]),
        (0, [], 10, []),
    ],
)
def test_remainders_go_in_whole_steps(total: int, weights: list[int], step: int, parts: list[int]) -> None:
    assert money.spread_in_steps(total, weights, step) == parts


@pytest.mark.parametrize(("total", "step"), [(105, 10), (50, 100), (1, 0), (10, -10)])
def test_an_amount_that_is_not_in_whole_steps_is_refused(total: int, step: int) -> None:
    with pytest.raises(ValueError, match="steps"):
        money.spread_in_steps(total, [1000], step)
