"""Duplicates whose refund Stripe refuses, does not answer, or an operator takes over."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from checkout_duplicates import at_stripe, later_on, rows, work
from checkout_shop import Shop, until


def test_what_stripe_has_given_back_cannot_be_called_settled(shop: Shop, twice: tuple[str, str]) -> None:
    """Stripe made the refund, and answered 500 to it and to every repeat with the same key: a no, to us."""
    first, later = twice
    shop.announce_duplicate(later, first)
    work(shop)
    shop.execute("update refunds set status = 'refused', stripe_refund_id = null, next_try_at = requested_at")
    later_on(shop, minutes=16)
    shop.problem(review_duplicate(shop), 409, "refund-made")
    assert rows(shop)[0][2] == "succeeded"
    work(shop)
    assert len(at_stripe(shop)) == 1


def test_what_stripe_has_not_answered_cannot_be_called_settled(shop: Shop, twice: tuple[str, str]) -> None:
    """Stripe may be processing it now, which a read does not show."""
    first, later = twice
    shop.announce_duplicate(later, first)
    shop.stripe.fail("/v1/refunds", status=500, next=None)
    work(shop)
    assert rows(shop)[0][2] == "requested"
    shop.stripe.heal()
    later_on(shop, minutes=16)
    shop.problem(review_duplicate(shop), 409, "refund-unanswered")
    shop.stripe.fail("/v1/refunds", status=503, next=None)
    shop.problem(review_duplicate(shop), 503, "stripe-unavailable")
    shop.stripe.heal()
    work(shop)
    assert rows(shop)[0][2] == "succeeded"
    assert len(at_stripe(shop)) == 1


def review_duplicate(shop: Shop) -> Any:
    (row,) = shop.rows("select refund_id from refunds")
    return shop.http.post(
        f"/v1/admin/attention/duplicate/{row['refund_id']}/review",
        json={"note": "paid by bank transfer"},
        headers=shop.admin,
    )


def test_while_stripe_is_away_the_key_stays_the_same(shop: Shop, twice: tuple[str, str]) -> None:
    first, later = twice
    shop.announce_duplicate(later, first)
    shop.stripe.fail("/v1/refunds", status=500, next=None)
    work(shop)
    assert rows(shop)[0][2:4] == ("requested", 1)
    assert rows(shop)[0][5] is not None
    shop.stripe.heal()
    later_on(shop, minutes=11)
    work(shop)
    assert rows(shop)[0][2:4] == ("succeeded", 1)
    assert len(at_stripe(shop)) == 1


def test_what_stripe_refuses_is_asked_again_ever_more_rarely_with_a_new_key(
    shop: Shop, twice: tuple[str, str]
) -> None:
    first, later = twice
    shop.announce_duplicate(later, first)
    shop.stripe.fail("/v1/refunds", status=400, next=None)
    asked = 0
    for minutes in (0, 0.5, 0.6, 1, 1.1, 3, 1.1):
        later_on(shop, minutes=minutes)
        asked += work(shop)
    assert asked == 4
    assert rows(shop)[0][2] == "refused"
    shop.stripe.heal()
    later_on(shop, hours=6)
    work(shop)
    assert rows(shop)[0][2] == "succeeded"
    assert len(at_stripe(shop)) == 1


def test_an_administrator_can_take_it_over(shop: Shop, twice: tuple[str, str]) -> None:
    first, later = twice
    shop.announce_duplicate(later, first)
    answer = shop.http.post(f"/v1/orders/{later}/refunds", json={"reason": "duplicate"}, headers=shop.admin)
    assert answer.status_code == 201, answer.text
    shop.announce_duplicate(later, first, 2)
    assert work(shop) == 0
    assert len(at_stripe(shop)) == 1


def test_an_administrator_and_the_worker_at_once_refund_once(shop: Shop, twice: tuple[str, str]) -> None:
    first, later = twice
    shop.announce_duplicate(later, first)
    barrier = threading.Barrier(2)

    def by_hand() -> int:
        barrier.wait()
        path, body = f"/v1/orders/{later}/refunds", {"reason": "duplicate"}
        return int(shop.http.post(path, json=body, headers=shop.admin).status_code)

    def by_itself() -> int:
        barrier.wait()
        return work(shop)

    with ThreadPoolExecutor(2) as threads:
        hand, itself = threads.submit(by_hand), threads.submit(by_itself)
        assert hand.result() in (201, 503)
        itself.result()
    shop.deliver()
    assert len(at_stripe(shop)) == 1
    assert [shop.order(order)["state"] for order in (first, later)] == ["paid", "refunded"]


def test_the_decision_waits_for_an_administrator_who_gives_the_first_order_back(
    shop: Shop, twice: tuple[str, str]
) -> None:
    first, later = twice
    shop.announce_duplicate(later, first)
    waiting = (
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock'"
    )
    with psycopg.connect(shop.dsn) as admin, ThreadPoolExecutor(1) as threads:
        admin.execute("select from orders where order_id = %s for update", (first,))
        admin.execute(
            "insert into refunds (refund_id, order_id, reason, amount, currency, requested_by, requested_at)"
            " values ('ref_1', %s, 'goodwill', 4900, 'eur', 'usr_admin', now())",
            (first,),
        )
        deciding = threads.submit(work, shop)
        until(lambda: shop.rows(waiting) == [{"count": 1}], "the decision that waits")
        admin.commit()
        deciding.result()
    assert {row[5] for row in rows(shop) if row[0] == later} == {"first_order_refund_under_way"}
    assert at_stripe(shop) == []
