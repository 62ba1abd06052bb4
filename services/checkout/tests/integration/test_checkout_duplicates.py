"""A course bought twice: the later order is refunded once, and never wrongly."""

import threading
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from checkout_duplicates import (
    Crash,
    DiesBeforeTheCall,
    at_stripe,
    bought_twice,
    later_on,
    payment_of,
    refund_in_the_dashboard,
    rows,
    work,
)
from checkout_shop import Shop, until
from structlog.testing import capture_logs

from checkout import bootstrap
from checkout.clients.stripe import Stripe
from checkout.handlers import derivation
from checkout.settings import StripeSettings
from checkout.store import duplicates
from checkout.workers.duplicate_refunds import LEASE
from messaging.eventset.clock import ClockWorker
from processkit.health import Health
from schemas.events import DuplicateDetected
from schemas.rules import origin_metadata
from servicekit.roles import Context


def test_the_later_order_is_given_back_and_the_first_untouched(shop: Shop, twice: tuple[str, str]) -> None:
    first, later = twice
    shop.announce_duplicate(later, first)
    assert shop.order(later)["refunds"] == [], "a planned refund is not shown"
    with capture_logs() as log:
        assert work(shop) == 1
    (refund,) = at_stripe(shop)
    (row,) = shop.rows("select refund_id from refunds")
    assert (refund["payment_intent"], refund["amount"]) == (payment_of(shop, later), 4900)
    assert refund["metadata"] == {
        **origin_metadata(later),
        "refund_id": row["refund_id"],
        "reason": "duplicate",
        "line_ids": f"{later}_1",
    }
    assert refund["reason"] == "duplicate"
    (line,) = [line for line in log if line["event"] == "a duplicate purchase is refunded"]
    assert (line["order_id"], line["amount"]) == (later, 4900)
    shop.deliver()
    assert [shop.order(order)["state"] for order in (first, later)] == ["paid", "refunded"]
    (shown,) = shop.order(later)["refunds"]
    assert (shown["reason"], shown["status"], shown["amount"]) == ("duplicate", "succeeded", 4900)
    later_on(shop, days=2)
    assert work(shop) == 0


def test_a_repeat_and_an_older_announcement_change_nothing(shop: Shop, twice: tuple[str, str]) -> None:
    first, later = twice
    for version in (5, 5, 3):
        shop.announce_duplicate(later, first if version == 5 else "ord_older", version)
    assert len(rows(shop)) == 1
    (known,) = shop.rows("select first_order_id, version from duplicates")
    assert (known["first_order_id"], known["version"]) == (first, 5)
    work(shop)
    shop.announce_duplicate(later, first, 5)
    later_on(shop, days=2)
    assert work(shop) == 0
    assert len(at_stripe(shop)) == 1


def test_a_withdrawn_announcement_is_no_duplicate_whatever_arrives_first(
    shop: Shop, twice: tuple[str, str]
) -> None:
    first, later = twice
    shop.announce_duplicate(later, first, version=1)
    shop.withdraw_duplicate(later, version=2)
    shop.announce_duplicate(later, first, version=1)
    assert rows(shop) == [(later, "duplicate", "dropped", 1, True, "no_longer_duplicate")]
    later_on(shop, days=2)
    assert work(shop) == 0
    assert at_stripe(shop) == []

    # announced again, it is refunded
    shop.announce_duplicate(later, first, version=3)
    assert work(shop) == 1
    assert len(at_stripe(shop)) == 1
    shop.withdraw_duplicate(later, version=4)
    assert rows(shop)[0][2] != "dropped", "what was decided is not dropped"


def test_a_withdrawal_that_arrives_before_its_announcement_plans_no_refund(
    shop: Shop, twice: tuple[str, str]
) -> None:
    first, later = twice
    shop.withdraw_duplicate(later, version=2)
    shop.announce_duplicate(later, first, version=1)
    assert rows(shop) == [] and work(shop) == 0


def test_an_announcement_that_outruns_the_payments_waits_for_them(shop: Shop) -> None:
    first, later = bought_twice(shop)
    shop.announce_duplicate(later, first)
    assert work(shop) == 1
    assert rows(shop) == [(later, "duplicate", "planned", 1, True, "not_paid_yet")]
    assert at_stripe(shop) == []
    shop.deliver()
    later_on(shop, seconds=2)
    work(shop)
    assert [refund["metadata"]["order_id"] for refund in at_stripe(shop)] == [later]


def test_a_first_order_given_back_meanwhile_leaves_the_second(shop: Shop, twice: tuple[str, str]) -> None:
    first, later = twice
    shop.announce_duplicate(later, first)
    refund_in_the_dashboard(shop, first)
    work(shop)
    assert rows(shop)[0][2:] == ("planned", 1, True, "stripe_knows_more"), "its event is still on its way"
    shop.deliver()
    later_on(shop, minutes=11)
    work(shop)
    assert rows(shop) == [(later, "duplicate", "dropped", 1, True, "first_order_given_back")]
    assert [refund["payment_intent"] for refund in at_stripe(shop)] == [payment_of(shop, first)]
    assert shop.order(later)["state"] == "paid"


def test_a_decision_that_stripe_never_heard_of_is_taken_anew(shop: Shop, twice: tuple[str, str]) -> None:
    """Decided, then Stripe was unavailable, and the first order was refunded before it answered again."""
    first, later = twice
    shop.announce_duplicate(later, first)
    with pytest.raises(Crash):
        work(shop, stripe=DiesBeforeTheCall)
    refund_in_the_dashboard(shop, first)
    shop.deliver()
    shop.clock.offset += LEASE + timedelta(seconds=1)
    work(shop)
    assert rows(shop)[0][2] == "dropped"
    assert shop.order(later)["state"] == "paid"


def test_what_was_dropped_is_given_back_when_it_is_announced_anew(shop: Shop, twice: tuple[str, str]) -> None:
    first, later = twice
    shop.announce_duplicate(later, first, 1)
    made = refund_in_the_dashboard(shop, first)
    shop.deliver()
    work(shop)
    assert rows(shop)[0][2] == "dropped"
    shop.stripe.control(f"/refunds/{made}/fail")
    shop.deliver()
    shop.announce_duplicate(later, first, 1)
    assert rows(shop)[0][2] == "dropped", "a repeat says nothing new"
    shop.announce_duplicate(later, first, 2)
    work(shop)
    assert rows(shop)[0][2:] == ("planned", 1, True, "first_order_refund_failed"), "a person decides"
    assert [refund["id"] for refund in at_stripe(shop)] == [made]


def test_a_dispute_of_the_later_order_stops_it(shop: Shop, twice: tuple[str, str]) -> None:
    first, later = twice
    (charge,) = shop.rows("select charge_id from orders where order_id = %s", later)
    shop.stripe.control(f"/charges/{charge['charge_id']}/dispute")
    shop.announce_duplicate(later, first)
    work(shop)
    assert rows(shop)[0][2:] == ("planned", 1, True, "stripe_knows_more")
    shop.deliver()
    later_on(shop, minutes=11)
    work(shop)
    assert rows(shop)[0][2:] == ("dropped", 1, True, "disputed")
    assert at_stripe(shop) == []


def test_a_bundle_names_its_lines(shop: Shop) -> None:
    first, later = bought_twice(shop)
    shop.course("talas")
    third = shop.buy(course_id="talas").json()
    shop.stripe.pay(third["session_id"])
    # As an order of a bundle stands in the tables: one line for each of its courses.
    shop.execute("update order_lines set list_amount = 2900 where line_id = %s", f"{later}_1")
    shop.execute(
        "insert into order_lines (line_id, order_id, position, user_id, kind, course_id, bundle_id,"
        " title, list_amount, holds)"
        " select order_id || '_2', order_id, 2, user_id, 'bundle', 'talas', 'both', 'Talas', 2000, false"
        " from orders where order_id = %s",
        later,
    )
    shop.stripe.control("/clock", advance=0)
    shop.deliver()
    shop.execute(
        "update orders set paid_at = paid_at - interval '1 hour' where order_id = %s", third["order_id"]
    )
    shop.announce_duplicate(later, first)
    work(shop)
    assert rows(shop)[0][5] == "course_not_announced"
    shop.announce_duplicate(later, third["order_id"], course_id="talas")
    later_on(shop, minutes=1)
    work(shop)
    (refund,) = at_stripe(shop)
    assert refund["metadata"]["line_ids"] == f"{later}_1,{later}_2"
    assert refund["amount"] == 4900


def test_a_duplicate_of_an_order_that_is_not_ours_is_said_aloud(shop: Shop) -> None:
    with capture_logs() as log:
        shop.announce_duplicate("ord_lost", "ord_1")
    assert [line["order_id"] for line in log if "does not have" in line["event"]] == ["ord_lost"]
    assert rows(shop) == []
    assert work(shop) == 0


def test_one_order_that_the_code_cannot_cope_with_keeps_nobody_waiting(
    shop: Shop, twice: tuple[str, str]
) -> None:
    first, later = twice
    other_first, other_later = bought_twice(shop, "usr_ben")
    shop.deliver()
    shop.announce_duplicate(later, first)
    shop.announce_duplicate(other_later, other_first, user_id="usr_ben")

    class Fails(Stripe):
        async def returned(self, order_id: str, *arguments: Any) -> Any:
            if order_id in twice:
                raise ValueError("an unexpected failure of a rule")
            return await super().returned(order_id, *arguments)

    with capture_logs() as log:
        assert work(shop, stripe=Fails) == 2
    assert [refund["metadata"]["order_id"] for refund in at_stripe(shop)] == [other_later]
    assert "a duplicate purchase cannot be handled" in [line["event"] for line in log]
    assert {row[5] for row in rows(shop) if row[0] == later} == {"ValueError"}


def test_the_first_order_holds_the_course_again(shop: Shop) -> None:
    """The later order held it, and is gone; the projection of access has heard nothing."""
    first = shop.bought()["order_id"]
    made = refund_in_the_dashboard(shop, first)
    shop.deliver()
    later = shop.bought()["order_id"]
    shop.stripe.control(f"/refunds/{made}/fail")
    shop.deliver()
    assert [row["order_id"] for row in shop.rows("select order_id from order_lines where holds")] == [later]
    given = shop.http.post(f"/v1/orders/{later}/refunds", json={"reason": "duplicate"}, headers=shop.admin)
    assert given.status_code == 201, given.text
    shop.deliver()
    clock = ClockWorker(derivation(shop.clock), shop.dsn, Health())
    clock.once()
    stopped = threading.Event()
    stopped.set()
    clock.run(stopped)  # closes its connection
    assert [row["order_id"] for row in shop.rows("select order_id from order_lines where holds")] == [first]
    shop.problem(shop.buy(), 409, "already-bought")


def test_switched_off_nothing_is_given_back(shop: Shop, twice: tuple[str, str]) -> None:
    settings = StripeSettings(
        database_url=shop.dsn, stripe_secret_key="sk_test_shop", refund_duplicates=False
    )
    first, later = twice
    shop.announce_duplicate(later, first)
    with capture_logs() as log:
        assert bootstrap.duplicate_refunds(Context(settings, Health())) == {}
    assert "REFUND_DUPLICATES is false" in log[0]["event"]
    assert rows(shop)[0][2] == "planned", "an operator finds it, and switched on again it goes on"


def test_while_the_database_is_away_the_worker_says_so_and_stops_when_told() -> None:
    nowhere = "postgresql://user@127.0.0.1:1/nothing"
    settings = StripeSettings(database_url=nowhere, stripe_secret_key="sk_test_shop")
    health, stop = Health(), threading.Event()
    (worker,) = bootstrap.duplicate_refunds(Context(settings, health)).values()
    thread = threading.Thread(target=worker, args=(stop,))
    thread.start()
    try:
        until(lambda: health.ready()[1]["refunds"].startswith("database: "), "what it waits for")
    finally:
        stop.set()
        thread.join(15)
    assert not thread.is_alive()
    assert health.live()[0]


def test_the_plan_is_made_in_the_transaction_that_takes_the_announcement(shop: Shop) -> None:
    """If it is rolled back, neither is there; the message comes again."""
    first, later = bought_twice(shop)
    announced = DuplicateDetected(
        user_id="usr_asha",
        course_id="ragas",
        order_id=later,
        first_order_id=first,
        detected_at=shop.clock(),
        version=1,
    )
    with psycopg.connect(shop.dsn) as tx:
        duplicates.note(tx, [announced], shop.clock())
        assert tx.execute("select count(*) from duplicates").fetchone() == (1,)
        assert tx.execute("select count(*) from refunds").fetchone() == (1,)
        tx.rollback()
    assert rows(shop) == []
    assert shop.rows("select from duplicates") == []
