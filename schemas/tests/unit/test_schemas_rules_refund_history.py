"""Refunds that only their charge reports: they count, and give way to the refunds that events name."""

import itertools
import random
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.rules import (
    ChargeReport,
    ListedRefund,
    Move,
    Refund,
    RefundReport,
    read_refunds,
    replaced_unnamed,
)

SECOND = 1_000_000


def charge(at: int, returned: int, *refunds: ListedRefund, charge_id: str = "ch_1") -> ChargeReport:
    return ChargeReport(charge_id, at * SECOND, returned, "eur", refunds)


def report(
    at: int, amount: int, refund_id: str = "re_1", *, status: str = "succeeded", created: int | None = None
) -> RefundReport:
    return RefundReport(refund_id, at * SECOND, status, amount, "eur", at if created is None else created)


def standing(reports: Sequence[RefundReport], charges: Sequence[ChargeReport]) -> dict[str, int]:
    return {each.refund_id: each.amount for each in read_refunds(reports, charges) if each.stands}


def test_a_refund_that_only_its_charge_reports_counts_from_the_time_of_that_event() -> None:
    [found] = read_refunds((), [charge(9, 0), charge(10, 3000)])
    assert found == Refund("ch_1_refunded_3000", 10, 3000, "eur", moves=(Move(1, 10 * SECOND),), unnamed=True)


def test_a_charge_that_repeats_its_amount_reports_no_other_refund() -> None:
    assert standing((), [charge(10, 3000), charge(20, 3000)]) == {"ch_1_refunded_3000": 3000}


def test_each_amount_that_a_charge_adds_is_a_refund() -> None:
    assert standing((), [charge(10, 1000), charge(20, 3000)]) == {
        "ch_1_refunded_1000": 1000,
        "ch_1_refunded_3000": 2000,
    }


def test_a_named_refund_takes_the_place_of_the_unnamed_one_however_late_its_event_is() -> None:
    charges = [charge(10, 3000)]
    assert standing([report(500, 3000, created=10)], charges) == {"re_1": 3000}
    assert standing([report(500, 1000, created=10)], charges) == {"re_1": 1000, "ch_1_refunded_3000": 2000}


def test_a_refund_created_after_the_event_of_the_charge_is_another_one() -> None:
    assert standing([report(11, 3000)], [charge(10, 3000)]) == {"ch_1_refunded_3000": 3000, "re_1": 3000}


def test_a_pending_refund_accounts_for_what_its_charge_states() -> None:
    assert standing([report(10, 3000, status="pending")], [charge(10, 3000)]) == {}


def test_a_refund_that_fails_after_the_event_of_the_charge_leaves_nothing_behind() -> None:
    failed = report(90, 3000, status="failed", created=10)
    assert standing([report(10, 3000), failed], [charge(10, 3000)]) == {}
    assert standing([failed], [charge(10, 3000)]) == {}


def test_a_refund_that_failed_before_does_not_account_for_the_next() -> None:
    reports = [report(10, 3000), report(20, 3000, status="failed", created=10)]
    assert standing(reports, [charge(10, 3000), charge(30, 3000)]) == {"ch_1_refunded_3000": 3000}


def test_a_charge_that_states_less_again_undoes_the_newest_unnamed_refunds_at_that_time() -> None:
    found = read_refunds((), [charge(10, 1000), charge(20, 3000), charge(30, 500)])
    assert [(each.amount, each.stands, each.undone_at) for each in found] == [
        (500, True, None),
        (2000, False, 30 * SECOND),
    ]


def test_events_of_a_charge_in_the_same_second_count_in_any_order() -> None:
    reports = [charge(9, 0), charge(10, 1000), charge(10, 3000)]
    for charges in itertools.permutations(reports):
        assert standing((), charges) == {"ch_1_refunded_1000": 1000, "ch_1_refunded_3000": 2000}


def test_a_charge_that_was_stored_without_its_amount_states_nothing() -> None:
    stored_before = ChargeReport("ch_1", 20 * SECOND, 0, None)
    assert standing((), [charge(10, 3000), stored_before]) == {"ch_1_refunded_3000": 3000}


def test_unnamed_refunds_of_the_same_amount_have_different_ids() -> None:
    found = read_refunds((), [charge(10, 3000), charge(20, 0), charge(30, 3000)])
    assert [(each.refund_id, each.stands) for each in found] == [
        ("ch_1_refunded_3000", False),
        ("ch_1_refunded_3000_2", True),
    ]


def test_refunds_that_a_charge_lists_are_named() -> None:
    listed = ListedRefund("re_1", 1000, "eur", "succeeded", 8, ("a",))
    [named, unnamed] = read_refunds((), [charge(10, 3000, listed)])
    assert (named.refund_id, named.amount, named.line_ids, named.moves) == (
        "re_1",
        1000,
        ("a",),
        (Move(1, 10 * SECOND),),
    )
    assert (unnamed.amount, unnamed.unnamed) == (2000, True)


def test_a_listed_refund_and_its_own_events_are_one() -> None:
    listed = ListedRefund("re_1", 3000, "eur", "succeeded", 10)
    failed = report(40, 3000, status="failed", created=10)
    assert standing([report(10, 3000)], [charge(10, 3000, listed)]) == {"re_1": 3000}
    [found] = read_refunds([failed], [charge(10, 3000, listed)])
    assert (found.stands, found.undone_at) == (False, 40 * SECOND)


def test_a_refund_that_a_charge_lists_as_failed_is_no_part_of_its_amount() -> None:
    listed = ListedRefund("re_1", 3000, "eur", "failed", 10)
    assert standing((), [charge(10, 3000, listed)]) == {"ch_1_refunded_3000": 3000}


def test_a_named_refund_replaces_only_the_unnamed_one_of_its_amount() -> None:
    charges = [charge(10, 2000), charge(20, 4000)]
    first, second = report(60, 2000, "re_1", created=10), report(60, 2000, "re_2", created=20)
    for known in ([first], [first, second]):
        [found] = [each for each in read_refunds(known, charges) if each.refund_id == "re_1"]
        assert replaced_unnamed(found, known, charges) == {"ch_1_refunded_2000"}
    part = report(60, 500, "re_1", created=10)
    [found] = [each for each in read_refunds([part], charges) if each.refund_id == "re_1"]
    assert replaced_unnamed(found, [part], charges) == frozenset()


AMOUNTS = st.lists(st.integers(1, 900), min_size=1, max_size=5)


@given(AMOUNTS, st.data())
@settings(max_examples=200, deadline=None)
def test_whatever_subset_of_events_arrives_the_charge_is_refunded_by_what_it_states(
    amounts: list[int], data: st.DataObject
) -> None:
    # Each refund is created in the second in which its charge states the new sum.
    charges = [charge(10 * n, sum(amounts[:n])) for n in range(1, len(amounts) + 1)]
    refunds = [report(10 * n, amount, f"re_{n}") for n, amount in enumerate(amounts, 1)]
    known = [each for each in refunds if data.draw(st.booleans())]
    told = [each for each in charges[:-1] if data.draw(st.booleans())] + charges[-1:]
    found = standing(known, told)
    assert sum(found.values()) == sum(amounts)
    assert {each.refund_id for each in known} <= found.keys()
    assert standing(refunds, told) == {each.refund_id: each.amount for each in refunds}


@given(AMOUNTS, st.data())
@settings(max_examples=200, deadline=None)
def test_refunds_that_fail_without_an_event_of_their_charge_never_count_twice(
    amounts: list[int], data: st.DataObject
) -> None:
    made = [report(10 * n, amount, f"re_{n}") for n, amount in enumerate(amounts, 1)]
    charges = [charge(10 * n, sum(amounts[:n])) for n in range(1, len(amounts) + 1)]
    failing = {each.refund_id: each for each in made if data.draw(st.booleans())}
    failed = [report(1000, each.amount, name, status="failed", created=each.created or 0)
              for name, each in failing.items()]  # fmt: skip
    found = standing([*made, *failed], charges)
    assert found == {each.refund_id: each.amount for each in made if each.refund_id not in failing}


@given(AMOUNTS, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_every_id_is_unique(amounts: list[int], pick: random.Random) -> None:
    charges = [charge(at, pick.choice([0, *itertools.accumulate(amounts)])) for at in range(10)]
    found = read_refunds((), charges)
    assert len({each.refund_id for each in found}) == len(found)
    assert sum(each.amount for each in found if each.stands) == charges[-1].amount_returned
