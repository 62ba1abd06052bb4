"""A course bought twice: the later order is refunded once, whatever crashes, and never wrongly."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from checkout_shop import Shop
from structlog.testing import capture_logs

from checkout import bootstrap
from checkout.clients.stripe import Stripe
from checkout.handlers import derivation
from checkout.settings import StripeSettings
from checkout.store import duplicates
from checkout.workers.duplicate_refunds import LEASE, DuplicateRefunds
from devstack.tokens import TokenIssuer
from messaging.eventset.clock import ClockWorker
from processkit.health import Health
from processkit.postgres.engine import create_engine
from schemas.events import DuplicateDetected
from servicekit.roles import Context

SERVICE = Path(__file__).resolve().parents[2]


class Crash(BaseException):
    """The process ends here."""


def work(shop: Shop, kind: type[DuplicateRefunds] = DuplicateRefunds, stripe: type[Stripe] = Stripe) -> int:
    """Let a worker look at everything that is due; how many refunds that were."""

    async def look() -> int:
        engine = create_engine(shop.dsn, "test", 1, statement_seconds=5)
        calls = stripe("sk_test_shop", shop.stripe.url)
        worker = kind(lambda: engine, lambda: calls, Health(), shop.clock)
        try:
            done = 0
            while await worker.once(engine, calls):
                done += 1
            return done
        finally:
            await calls.close()
            await engine.dispose()

    return asyncio.run(look())


def later_on(shop: Shop, **by: float) -> None:
    shop.clock.offset += timedelta(**by)


def bought_twice(shop: Shop, user: str = "usr_asha", card: str = "4242424242424242") -> tuple[str, str]:
    """Two orders of one course, both paid: the first, and the one whose page had run out before."""
    early = shop.buy(user).json()
    shop.stripe.expire(early["session_id"])
    shop.deliver()
    first = shop.buy(user).json()
    shop.stripe.pay(first["session_id"])
    shop.stripe.control("/clock", advance=60)
    shop.paid_late(early["order_id"], user)
    return first["order_id"], early["order_id"]


@pytest.fixture
def twice(shop: Shop) -> tuple[str, str]:
    """Two paid orders of usr_asha for one course, the first and the later."""
    first, later = bought_twice(shop)
    shop.deliver()
    assert [shop.order(order)["state"] for order in (first, later)] == ["paid", "paid"]
    return first, later


def at_stripe(shop: Shop) -> list[Any]:
    return list(shop.stripe.get("/refunds", limit=100)["data"])


def rows(shop: Shop) -> list[tuple[Any, ...]]:
    columns = "order_id, reason, status, attempt, automatic, note"
    found = shop.rows(f"select {columns} from refunds order by order_id")
    return [tuple(row.values()) for row in found]


def payment_of(shop: Shop, order_id: str) -> str:
    (row,) = shop.rows("select payment_intent_id from orders where order_id = %s", order_id)
    return str(row["payment_intent_id"])


def refund_in_the_dashboard(shop: Shop, order_id: str) -> str:
    answer = shop.stripe.http.post(
        f"{shop.stripe.url}/v1/refunds",
        data={"payment_intent": payment_of(shop, order_id)},
        auth=("sk_test_x", ""),
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


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
        "order_id": later,
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


class DiesAfterTheDecision(DuplicateRefunds):
    async def _decide(self, *arguments: Any) -> Any:
        await super()._decide(*arguments)
        raise Crash


class DiesBeforeTheCall(Stripe):
    async def refund(self, *arguments: Any) -> Any:
        raise Crash


class DiesAfterTheCall(Stripe):
    async def refund(self, *arguments: Any) -> Any:
        await super().refund(*arguments)
        raise Crash


class DiesAfterTheAnswer(DuplicateRefunds):
    def _refunded(self, *arguments: Any) -> None:
        raise Crash


CRASHES: dict[str, tuple[dict[str, Any], int]] = {
    "decided, Stripe not asked": ({"kind": DiesAfterTheDecision}, 0),
    "at the door of Stripe": ({"stripe": DiesBeforeTheCall}, 0),
    "Stripe did it, the answer was lost": ({"stripe": DiesAfterTheCall}, 1),
    "the answer was written down": ({"kind": DiesAfterTheAnswer}, 1),
}


@pytest.mark.parametrize("key_forgotten", [False, True], ids=["soon", "after Stripe forgot the key"])
@pytest.mark.parametrize("crash", CRASHES)
def test_a_crash_between_two_steps_refunds_once(
    shop: Shop, twice: tuple[str, str], crash: str, key_forgotten: bool
) -> None:
    first, later = twice
    shop.announce_duplicate(later, first)
    how, made = CRASHES[crash]
    with pytest.raises(Crash):
        work(shop, **how)
    assert len(at_stripe(shop)) == made
    assert work(shop) == 0, "the lease of the dead worker still runs"
    shop.clock.offset += LEASE + timedelta(seconds=1)
    if key_forgotten:
        shop.stripe.control("/clock", advance=25 * 3600)
    work(shop)
    assert [refund["metadata"]["order_id"] for refund in at_stripe(shop)] == [later]
    assert [(row[0], row[2], row[3]) for row in rows(shop)] == [(later, "succeeded", 1)]
    shop.deliver()
    assert [shop.order(order)["state"] for order in (first, later)] == ["paid", "refunded"]


def test_a_part_of_an_order_is_not_given_back_twice_when_the_key_is_forgotten(shop: Shop) -> None:
    """Stripe itself refuses to refund more than was paid, but would refund another part."""
    first, later = bought_twice(shop)
    shop.execute(
        "insert into order_lines (line_id, order_id, position, user_id, kind, plan_id, title, list_amount)"
        " select order_id || '_2', order_id, 2, user_id, 'plan', 'all', 'A plan', 2900 from orders"
        " where order_id = %s",
        later,
    )
    shop.execute("update order_lines set list_amount = 2000 where line_id = %s", f"{later}_1")
    shop.deliver()
    shop.announce_duplicate(later, first)
    with pytest.raises(Crash):
        work(shop, stripe=DiesAfterTheCall)
    shop.clock.offset += LEASE + timedelta(seconds=1)
    shop.stripe.control("/clock", advance=25 * 3600)
    work(shop)
    assert [refund["amount"] for refund in at_stripe(shop)] == [2000]


def test_a_process_that_is_killed_while_stripe_works(
    shop: Shop, twice: tuple[str, str], jwt_issuer: TokenIssuer
) -> None:
    first, later = twice
    shop.announce_duplicate(later, first)
    shop.stripe.fail("/v1/refunds", delay_ms=3000, next=1)
    environment = {
        "DATABASE_URL": shop.dsn,
        "PORT": "0",
        "STRIPE_SECRET_KEY": "sk_test_shop",
        "STRIPE_API_BASE": shop.stripe.url,
        "PATH": os.environ["PATH"],
    }

    def role() -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-m", "checkout", "refunds"], env=environment)

    process = role()
    try:
        faults = f"{shop.stripe.url}/_sandbox/faults"
        until(lambda: shop.stripe.http.get(faults).json() == {}, "the call on its way")
    finally:
        process.kill()
        process.wait(10)
    assert at_stripe(shop) == []
    until(lambda: len(at_stripe(shop)) == 1, "the refund, which Stripe makes all the same")
    assert rows(shop)[0][2] == "requested", "the answer was not recorded"
    shop.execute("update refunds set next_try_at = now()")
    process = role()
    try:
        until(lambda: rows(shop)[0][2] == "succeeded", "the answer")
        process.terminate()
        assert process.wait(15) == 0
    finally:
        process.kill()
    assert len(at_stripe(shop)) == 1


def until(answers: Callable[[], bool], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not answers():
        assert time.monotonic() < deadline, f"not seen: {what}"
        time.sleep(0.05)


def test_workers_at_once_refund_once(shop: Shop, twice: tuple[str, str]) -> None:
    first, later = twice
    shop.announce_duplicate(later, first)
    barrier = threading.Barrier(4)

    def one(_: int) -> int:
        barrier.wait()
        return work(shop)

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(one, range(4))) == 1
    assert len(at_stripe(shop)) == 1


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
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
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
