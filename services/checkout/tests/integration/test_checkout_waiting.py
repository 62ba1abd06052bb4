"""An order that waits for its payment ends by any event, by asking Stripe again, or by a command of staff."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from checkout_shop import Shop
from prometheus_client import REGISTRY

from checkout.bootstrap import refresher
from checkout.clients.stripe import Stripe as StripeClient
from checkout.workers.rereads import Rereads
from checkout.workers.watch import count_attention
from processkit.health import Health
from processkit.postgres.engine import create_engine
from servicekit.roles import Context

LIST = "/v1/admin/attention"
BANK_DEBIT = "DE89370400440532013000"


def on_its_way(shop: Shop) -> str:
    """Order a course and choose a bank debit; return the order's id."""
    placed = shop.buy().json()
    shop.stripe.pay(placed["session_id"], card=BANK_DEBIT)
    shop.deliver()
    assert shop.order(placed["order_id"])["state"] == "processing"
    return str(placed["order_id"])


def intent_of(shop: Shop, order_id: str) -> str:
    session_id = shop.order(order_id)["session_id"]
    return str(shop.stripe.get(f"/checkout/sessions/{session_id}")["payment_intent"])


def settle(shop: Shop, order_id: str, outcome: str) -> None:
    """Let the bank decide, without telling checkout."""
    shop.stripe.control(f"/payment_intents/{intent_of(shop, order_id)}/settle", outcome=outcome)


def reread(shop: Shop) -> int:
    """Ask Stripe about all orders that are due, and let checkout consume the answers; return how many."""

    async def run() -> int:
        engine = create_engine(shop.dsn, "test", 1, statement_seconds=5, wait_seconds=3, prepared=False)
        stripe = StripeClient("sk_test_shop", shop.stripe.url)
        worker = Rereads(lambda: engine, lambda: stripe, Health(), shop.clock)
        done = 0
        try:
            while await worker.once(engine, stripe):
                done += 1
        finally:
            await stripe.close()
            await engine.dispose()
        return done

    done = asyncio.run(run())
    hear_rereads(shop)
    return done


def hear_rereads(shop: Shop) -> None:
    """Let checkout consume what was read from Stripe; the test moves checkout's clock, but not Stripe's."""
    published = [body for _, _, body in shop.announced("stripe.rereads")]
    shop.deliver([body | {"created": body["created"] + 3600} for body in published])


def close(shop: Shop, order_id: str) -> Any:
    url = f"/v1/admin/orders/{order_id}/close"
    return shop.http.post(url, json={"note": "the buyer paid in cash"}, headers=shop.admin)


def canceled(shop: Shop, order_id: str) -> dict[str, Any]:
    """Stripe's event that the payment of the order was canceled."""
    intent = shop.stripe.get(f"/payment_intents/{intent_of(shop, order_id)}")
    return {
        "id": f"evt_canceled_{order_id}",
        "object": "event",
        "type": "payment_intent.canceled",
        "created": int(shop.clock().timestamp()) + 60,
        "data": {"object": {**intent, "status": "canceled", "cancellation_reason": "abandoned"}},
    }


def test_a_canceled_payment_ends_the_order_and_the_buyer_can_order_again(shop: Shop) -> None:
    order_id = on_its_way(shop)
    shop.problem(shop.buy(), 409, "already-bought")
    shop.deliver([canceled(shop, order_id)])
    assert shop.order(order_id)["state"] == "failed"
    assert shop.buy().status_code == 201


@pytest.mark.parametrize(("outcome", "state"), [("succeed", "paid"), ("fail", "failed")])
def test_an_order_whose_last_event_was_lost_is_read_again(shop: Shop, outcome: str, state: str) -> None:
    order_id = on_its_way(shop)
    settle(shop, order_id, outcome)
    assert reread(shop) == 0, "it has not waited for long"
    shop.clock.offset = timedelta(hours=2)
    assert reread(shop) == 1
    assert shop.order(order_id)["state"] == state
    shop.clock.offset = timedelta(days=3)
    assert reread(shop) == 0, "it waits no longer"


def test_an_order_that_still_waits_is_read_again_every_day(shop: Shop) -> None:
    order_id = on_its_way(shop)
    for days in (1, 3, 5):
        shop.clock.offset = timedelta(days=days)
        assert reread(shop) == 1
        assert reread(shop) == 0
    assert shop.order(order_id)["state"] == "processing"


def test_a_page_whose_end_was_not_reported_is_read_again(shop: Shop) -> None:
    placed = shop.buy().json()
    shop.stripe.expire(placed["session_id"])
    shop.clock.offset = timedelta(days=2)
    assert reread(shop) == 1
    assert shop.order(placed["order_id"])["state"] == "expired"


def test_an_order_is_read_later_if_stripe_does_not_answer(shop: Shop) -> None:
    order_id = on_its_way(shop)
    shop.clock.offset = timedelta(hours=2)
    shop.stripe.fail(f"/v1/checkout/sessions/{shop.order(order_id)['session_id']}", status=500, next=None)
    assert reread(shop) == 1
    shop.stripe.heal()
    assert reread(shop) == 0
    shop.clock.offset = timedelta(hours=3)
    assert reread(shop) == 1


def listed(shop: Shop) -> list[Any]:
    answer = shop.http.get(LIST, headers=shop.admin)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def counted(shop: Shop, kind: str) -> float | None:
    with psycopg.connect(shop.dsn) as tx:
        count_attention(tx, shop.clock())
    return REGISTRY.get_sample_value("checkout_waiting_overdue", {"kind": kind})


def test_a_payment_that_waits_too_long_is_listed_until_it_is_reviewed_and_again_after_a_month(
    shop: Shop,
) -> None:
    order_id = on_its_way(shop)
    assert (listed(shop), counted(shop, "waiting")) == ([], 0)
    shop.clock.offset = timedelta(days=15)
    (item,) = listed(shop)
    assert (item["kind"], item["id"], item["reason"]) == ("waiting", order_id, "processing")
    assert counted(shop, "waiting") == 1
    answer = shop.http.post(
        f"{LIST}/waiting/{order_id}/review", json={"note": "asked the bank"}, headers=shop.admin
    )
    assert answer.status_code == 200, answer.text
    assert (listed(shop), counted(shop, "waiting")) == ([], 0)
    shop.clock.offset = timedelta(days=46)
    assert [item["kind"] for item in listed(shop)] == ["waiting"]


def test_a_dispute_whose_end_was_not_reported_is_listed_and_read_again(shop: Shop) -> None:
    order = shop.bought()
    charge = shop.stripe.get("/charges", limit=1)["data"][0]
    dispute = shop.stripe.control(f"/charges/{charge['id']}/dispute")
    shop.deliver()
    shop.clock.offset = timedelta(days=130)
    (item,) = listed(shop)
    assert (item["kind"], item["id"], item["reason"]) == ("dispute", order["order_id"], "needs_response")
    assert counted(shop, "dispute") == 1
    shop.stripe.control(f"/disputes/{dispute['id']}/close", outcome="won")
    assert reread(shop) == 1
    assert listed(shop) == []


@pytest.mark.parametrize("ended", [True, False])
def test_staff_close_an_order_and_the_buyer_can_order_again(shop: Shop, ended: bool) -> None:
    order_id = on_its_way(shop)
    intent_id = intent_of(shop, order_id)
    if ended:
        settle(shop, order_id, "fail")
    answer = close(shop, order_id)
    assert (answer.status_code, answer.json()["state"]) == (200, "expired"), answer.text
    assert ("canceled", order_id) in [
        (body["reason"], body["order_id"])
        for _, type_, body in shop.announced()
        if type_ == "masterji.order.expired.v1"
    ]
    assert shop.buy().status_code == 201
    status = shop.stripe.get(f"/payment_intents/{intent_id}")["status"]
    assert status == ("requires_payment_method" if ended else "canceled"), "no money can arrive"
    shop.problem(close(shop, order_id), 409, "not-closable")
    shop.deliver()
    assert shop.order(order_id)["state"] == "expired", "the events that follow change nothing"


def test_staff_close_an_open_order_and_its_page_takes_no_payment(shop: Shop) -> None:
    placed = shop.buy().json()
    assert close(shop, placed["order_id"]).json()["state"] == "expired"
    assert shop.stripe.get(f"/checkout/sessions/{placed['session_id']}")["status"] == "expired"
    shop.deliver()
    assert shop.order(placed["order_id"])["state"] == "expired"


def test_an_order_whose_money_has_arrived_is_not_closed_but_paid(shop: Shop) -> None:
    order_id = on_its_way(shop)
    settle(shop, order_id, "succeed")
    shop.problem(close(shop, order_id), 409, "payment-arrived")
    hear_rereads(shop)
    assert shop.order(order_id)["state"] == "paid"


def test_an_order_whose_money_the_bank_is_moving_is_not_closed(shop: Shop) -> None:
    order_id = on_its_way(shop)
    shop.stripe.fail(f"/v1/payment_intents/{intent_of(shop, order_id)}/cancel", status=400)
    shop.problem(close(shop, order_id), 409, "payment-on-its-way")
    assert shop.order(order_id)["state"] == "processing"


def test_only_administrators_close_orders(shop: Shop) -> None:
    order_id = on_its_way(shop)
    url = f"/v1/admin/orders/{order_id}/close"
    assert shop.http.post(url, json={"note": "x"}, headers=shop.bearer()).status_code == 403
    shop.problem(close(shop, "ord_unknown"), 404, "order-not-found")


def test_what_is_published_holds_no_secret(shop: Shop) -> None:
    on_its_way(shop)
    shop.clock.offset = timedelta(hours=2)
    reread(shop)
    published = shop.announced("stripe.rereads")
    assert [type_ for _, type_, _ in published] == ["checkout.session.reread", "payment_intent.reread"]
    assert "client_secret" not in json.dumps([body for _, _, body in published])


def test_the_role_refresher_runs_its_workers(shop: Shop) -> None:
    assert set(refresher(Context(shop.settings, Health(), shop.clock))) == {"refresher", "endpoints"}
