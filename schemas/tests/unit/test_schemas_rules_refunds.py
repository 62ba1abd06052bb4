"""When refunds count, and which lines they cover: a table of examples, and what holds for every order."""

import random
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.contracts.files import EXAMPLES
from schemas.rules import Move, PaidLine, Refund, RefundReport, allocate, cover, read_refunds

TABLE: list[dict[str, Any]] = tomllib.loads(
    (EXAMPLES / "rules" / "refunds.toml").read_text(encoding="utf-8")
)["example"]


def refund(
    refund_id: str,
    created: int,
    amount: int,
    line_ids: Sequence[str] = (),
    undone_at: int | None = None,
    currency: str = "eur",
) -> Refund:
    """A refund that succeeded when it was created; times in seconds."""
    moves = [Move(1, created * 1_000_000)]
    if undone_at is not None:
        moves.append(Move(-1, undone_at * 1_000_000))
    return Refund(refund_id, created, amount, currency, tuple(line_ids), tuple(moves))


def reports(of: Sequence[Refund]) -> list[RefundReport]:
    """The events of these refunds, in chronological order."""
    found = [
        RefundReport(
            refund_id=each.refund_id,
            at=move.at,
            status="succeeded" if move.sign == 1 else "failed",
            amount=each.amount,
            currency=each.currency,
            created=each.created,
            line_ids=each.line_ids,
        )
        for each in of
        for move in each.moves
    ]
    return sorted(found, key=lambda report: report.at)


@pytest.mark.parametrize("example", TABLE, ids=lambda example: example["case"])
def test_refunds_cover_lines_as_in_the_examples(example: dict[str, Any]) -> None:
    bundles = example.get("bundles", {})
    lines = [PaidLine(line, amount, bundles.get(line)) for line, amount in example["lines"].items()]
    refunds = [
        refund(each["id"], each["at"], each["amount"], each.get("names", ()), each.get("undone_at"))
        for each in example["refunds"]
    ]
    known = read_refunds(reports(refunds))
    found = allocate(lines, known, "eur")
    assert found.shares == example["shares"]
    assert found.remaining == example["remaining"]
    assert sorted(found.lost) == example["lost"]
    covered = cover(lines, known, (), "eur")
    assert (covered.state, covered.shares, covered.refunded) == (example["state"], found.shares, found.lost)


def test_the_table_has_an_example_for_each_case_once() -> None:
    cases = [example["case"] for example in TABLE]
    assert len(set(cases)) == len(cases) >= 56


LINES = [PaidLine("a", 3000), PaidLine("b", 2000)]


def test_only_refunds_in_the_currency_of_the_order_count() -> None:
    found = allocate(LINES, [refund("re_1", 10, 3000, currency="usd"), refund("re_2", 20, 2000)], "EUR")
    assert found.shares == {"re_2": {"b": 2000}}
    assert found.lost == {"b"}


def test_a_refund_that_never_succeeded_does_not_count() -> None:
    never = [Refund("re_1", 10, 5000, "eur")]
    found = allocate(LINES, never, "eur")
    assert (found.shares, found.lost) == ({}, frozenset())
    assert cover(LINES, never, (), "eur").state == "paid"


def test_no_refund_takes_anything_from_an_order_that_cost_nothing() -> None:
    free = [PaidLine("a", 0), PaidLine("b", 0)]
    found = allocate(free, [], "eur")
    assert (found.lost, cover(free, [], (), "eur").state) == (frozenset(), "paid")


def test_what_an_unknown_refund_of_a_free_order_returns_is_spread_over_all_lines_alike() -> None:
    free = [PaidLine("a", 0), PaidLine("b", 0)]
    found = allocate(free, [refund("re_1", 10, 7)], "eur")
    assert found.shares == {"re_1": {"a": 4, "b": 3}}
    assert found.lost == frozenset()


def test_a_refund_undone_later_in_the_second_of_the_next_does_not_count_for_it() -> None:
    first = Refund("re_1", 10, 3000, "eur", moves=(Move(1, 10_000_000), Move(-1, 20_900_000)))
    assert allocate(LINES, [first, refund("re_2", 20, 3000)], "eur").shares["re_2"] == {"a": 3000}
    first = replace(first, moves=(Move(1, 10_000_000), Move(-1, 21_000_000)))
    assert allocate(LINES, [first, refund("re_2", 20, 3000)], "eur").shares["re_2"] == {"a": 600, "b": 2400}


def report(at: int, status: str | None, **fields: Any) -> RefundReport:
    return replace(RefundReport("re_1", at, status, 3000, "eur"), **fields)


@pytest.mark.parametrize(
    ("statuses", "moves"),
    [
        (["pending"], []),
        (["requires_action"], []),
        ([None], []),
        (["never_seen_before"], []),
        (["failed"], []),
        (["pending", "canceled"], []),
        (["succeeded"], [(1, 1)]),
        (["pending", "requires_action", "succeeded"], [(1, 3)]),
        (["succeeded", "succeeded"], [(1, 1)]),
        (["succeeded", "pending"], [(1, 1)]),
        (["succeeded", "failed"], [(1, 1), (-1, 2)]),
        (["pending", "succeeded", "canceled", "canceled"], [(1, 2), (-1, 3)]),
        (["failed", "succeeded"], [(1, 2)]),
        (["succeeded", "failed", "succeeded"], [(1, 1), (-1, 2), (1, 3)]),
    ],
)
def test_a_refund_counts_from_its_success_until_it_fails_or_is_canceled(
    statuses: list[str | None], moves: list[tuple[int, int]]
) -> None:
    (found,) = read_refunds(report(place, status) for place, status in enumerate(statuses, 1))
    assert [(move.sign, move.at) for move in found.moves] == moves
    assert found.stands is (bool(moves) and moves[-1][0] == 1)
    assert found.undone_at == (moves[-1][1] if moves and moves[-1][0] == -1 else None)


def test_the_amount_is_that_of_the_first_success_and_the_lines_are_the_newest() -> None:
    (found,) = read_refunds(
        [
            report(1, "pending", amount=1),
            report(2, "succeeded", amount=2, line_ids=("a",)),
            report(3, "failed", amount=3),
            report(4, "succeeded", amount=4, line_ids=("b",)),
        ]
    )
    assert (found.amount, found.line_ids) == (2, ("b",))


def test_refunds_are_ordered_by_creation_and_id_not_by_success() -> None:
    found = read_refunds(
        [
            report(1_000_000, "succeeded", refund_id="re_c", created=30),
            report(2_000_000, "succeeded", refund_id="re_b", created=20),
            report(3_000_000, "succeeded", refund_id="re_a", created=30),
        ]
    )
    assert [each.refund_id for each in found] == ["re_b", "re_a", "re_c"]


def test_without_its_own_creation_a_refund_has_the_second_of_its_first_event() -> None:
    (stored_before,) = read_refunds([report(7_999_999, "pending"), report(9_000_000, "succeeded")])
    assert stored_before.created == 7
    (mixed,) = read_refunds([report(7_999_999, "pending"), report(9_000_000, "succeeded", created=6)])
    assert mixed.created == 6


ORDERS = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from([None, None, "k", "m"])), min_size=1, max_size=5
).map(
    lambda lines: [
        PaidLine(line_id, amount, bundle) for line_id, (amount, bundle) in zip("abcde", lines, strict=False)
    ]
)
REFUNDS = st.lists(
    st.tuples(
        st.integers(1, 8),
        st.integers(1, 90),
        st.sets(st.sampled_from("abcdez"), max_size=3),
        st.none() | st.integers(1, 12),
    ),
    max_size=5,
).map(
    lambda refunds: [
        refund(f"re_{number}", created, amount, sorted(names), undone and created + undone)
        for number, (created, amount, names, undone) in enumerate(refunds)
    ]
)


@settings(max_examples=500)
@given(ORDERS, REFUNDS, st.randoms(use_true_random=False))
def test_order_and_repetition_of_the_refunds_do_not_matter(
    lines: list[PaidLine], refunds: list[Refund], rnd: random.Random
) -> None:
    shuffled = [*refunds, *refunds[:1]]
    rnd.shuffle(shuffled)
    assert allocate(lines, shuffled, "eur") == allocate(lines, refunds, "eur")


@settings(max_examples=500)
@given(ORDERS, REFUNDS)
def test_the_shares_of_each_refund_sum_to_it_exactly(lines: list[PaidLine], refunds: list[Refund]) -> None:
    shares = allocate(lines, refunds, "eur").shares
    assert {refund_id: sum(parts.values()) for refund_id, parts in shares.items()} == {
        each.refund_id: each.amount for each in refunds
    }
    assert all(part > 0 for parts in shares.values() for part in parts.values())


@settings(max_examples=500)
@given(ORDERS, REFUNDS)
def test_within_what_was_paid_no_line_returns_more_than_was_paid_for_it(
    lines: list[PaidLine], refunds: list[Refund]
) -> None:
    paid = sum(line.amount for line in lines)
    while sum(each.amount for each in refunds) > paid:
        refunds = refunds[:-1]
    found = allocate(lines, refunds, "eur")
    standing = [each for each in refunds if each.stands]
    for line in lines:
        returned = sum(found.shares[each.refund_id].get(line.line_id, 0) for each in standing)
        assert found.remaining[line.line_id] == line.amount - returned >= 0
    assert sum(found.remaining.values()) == paid - sum(each.amount for each in standing)


@settings(max_examples=500)
@given(ORDERS, REFUNDS)
def test_nothing_is_lost_while_no_refund_stands(lines: list[PaidLine], refunds: list[Refund]) -> None:
    undone = [refund(each.refund_id, each.created, each.amount, each.line_ids, 99) for each in refunds]
    found = allocate(lines, undone, "eur")
    assert not found.lost
    assert found.remaining == {line.line_id: line.amount for line in lines}
    assert cover(lines, undone, (), "eur").state == "paid"


@settings(max_examples=500)
@given(ORDERS, REFUNDS)
def test_everything_is_lost_once_everything_is_refunded(lines: list[PaidLine], refunds: list[Refund]) -> None:
    standing = [refund(each.refund_id, each.created, each.amount, each.line_ids) for each in refunds]
    left = sum(allocate(lines, standing, "eur").remaining.values())
    if left:
        standing.append(refund("re_last", 99, left))
    found = allocate(lines, standing, "eur")
    if any(line.amount for line in lines):
        assert found.lost == {line.line_id for line in lines}
        assert cover(lines, standing, (), "eur").state == "refunded"


@settings(max_examples=500)
@given(ORDERS, REFUNDS, st.integers(1, 90), st.sets(st.sampled_from("abcdez"), max_size=3))
def test_a_later_refund_leaves_the_shares_of_earlier_ones_as_they_were(
    lines: list[PaidLine], refunds: list[Refund], amount: int, names: set[str]
) -> None:
    before = allocate(lines, refunds, "eur").shares
    after = allocate(lines, [*refunds, refund("re_late", 99, amount, sorted(names))], "eur").shares
    assert {refund_id: after[refund_id] for refund_id in before} == before


@settings(max_examples=500)
@given(ORDERS, REFUNDS)
def test_undoing_a_refund_later_leaves_all_shares_as_they_were(
    lines: list[PaidLine], refunds: list[Refund]
) -> None:
    before = allocate(lines, refunds, "eur").shares
    for place, each in enumerate(refunds):
        undone = refund(each.refund_id, each.created, each.amount, each.line_ids, 99)
        if each.stands:
            changed = [*refunds[:place], undone, *refunds[place + 1 :]]
            assert allocate(lines, changed, "eur").shares == before


@settings(max_examples=500)
@given(ORDERS, REFUNDS)
def test_the_state_and_the_lost_lines_agree(lines: list[PaidLine], refunds: list[Refund]) -> None:
    found = allocate(lines, refunds, "eur")
    paid = {line.line_id for line in lines if line.amount}
    state = cover(lines, refunds, (), "eur").state
    assert (state == "refunded") == (bool(paid) and paid <= found.lost)
    if state == "paid":
        assert not paid & found.lost
