"""What tests of duplicate purchases have in common."""

import asyncio
from datetime import timedelta
from typing import Any

from checkout_shop import Shop

from checkout.clients.stripe import Stripe
from checkout.workers.duplicate_refunds import DuplicateRefunds
from processkit.health import Health
from processkit.postgres.engine import create_engine


class Crash(BaseException):
    """The process ends here."""


class DiesBeforeTheCall(Stripe):
    """The process ends before it calls Stripe."""

    async def refund(self, *arguments: Any) -> Any:
        raise Crash


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
