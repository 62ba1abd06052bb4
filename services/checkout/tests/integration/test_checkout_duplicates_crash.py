"""A course bought twice is refunded once, whatever crashes and however many workers run."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from checkout_duplicates import Crash, DiesBeforeTheCall, at_stripe, bought_twice, rows, work
from checkout_shop import Shop, until

from checkout.clients.stripe import Stripe
from checkout.workers.duplicate_refunds import LEASE, DuplicateRefunds
from devstack.tokens import TokenIssuer


class DiesAfterTheDecision(DuplicateRefunds):
    async def _decide(self, *arguments: Any) -> Any:
        await super()._decide(*arguments)
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
