"""A database that an earlier release wrote: migrated to the current schema, read and continued by the API.

`data/rows-….json` holds orders in every state, as the code of each release wrote them, and
`data/answers-….json` what its API answered about them.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from checkout_shop import SERVICE, Clock, Shop, Stripe, serving, settings_of

from checkout.handlers import derivation
from devstack import loopback
from devstack.testing import releases
from devstack.testing.fixtures import MakeDatabase
from devstack.tokens import TokenIssuer
from messaging.eventset.clock import ClockWorker
from processkit.health import Health

DATA = Path(__file__).resolve().parents[1] / "data"
Answers = dict[str, Any]


@pytest.fixture(params=["20acdf4", "360a78a"])
def release(request: pytest.FixtureRequest) -> str:
    """The commit of the release that wrote the database."""
    return str(request.param)


@pytest.fixture
def answers(release: str) -> Answers:
    """What that release's API answered."""
    found: Answers = json.loads((DATA / f"answers-{release}.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def old_shop(
    release: str, make_database: MakeDatabase, stripe: Stripe, jwt_issuer: TokenIssuer
) -> Iterator[Shop]:
    """A shop of the current release on the migrated database."""
    dsn = make_database()
    releases.restore(dsn, DATA / f"rows-{release}.json", SERVICE)
    settings, clock = settings_of(dsn, stripe.url, jwt_issuer), Clock()
    with serving(settings, clock), loopback.client(base_url=settings.app_url, timeout=30) as http:
        yield Shop(settings.app_url, dsn, http, stripe, clock, jwt_issuer, settings)


def orders_of(shop: Shop, user: str) -> list[Any]:
    answer = shop.http.get("/v1/orders", headers=shop.bearer(user))
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def as_before(after: Any, before: Any) -> Any:
    """The answer without the members that the earlier release did not have."""
    if isinstance(before, dict):
        return {name: as_before(after[name], value) for name, value in before.items()}
    if isinstance(before, list):
        return [as_before(*pair) for pair in zip(after, before, strict=True)]
    return after


def check(shop: Shop, answers: Answers) -> None:
    """Assert that the API answers what the earlier release answered."""
    for user, before in answers["orders"].items():
        assert as_before(orders_of(shop, user), before) == before, user
    shop.clock.offset = timedelta(days=10)
    attention = shop.http.get("/v1/admin/attention", headers=shop.admin).json()["items"]
    waiting = [item for item in attention if item["kind"] == "waiting"]
    assert {item["reason"] for item in waiting} == {"open"}, "their pages ended long ago"
    known = [item for item in attention if item not in waiting]
    assert as_before(known, answers["attention"]) == answers["attention"]


def test_orders_catalog_and_attention_are_answered_as_before(old_shop: Shop, answers: Answers) -> None:
    assert old_shop.http.get("/v1/courses").json() == answers["courses"]
    check(old_shop, answers)


def test_orders_derived_again_stay_as_they_were_but_for_disputes(old_shop: Shop, answers: Answers) -> None:
    # The states of earlier releases did not show disputes.
    [disputed] = answers["orders"]["usr_indu"]
    disputed["state"] = "disputed"
    old_shop.execute("update owners set next_change_at = now()")
    announced = old_shop.rows("select count(*) from outbox")
    assert ClockWorker(derivation(old_shop.clock), old_shop.dsn, Health()).once() > 10
    assert old_shop.rows("select owner_id, failure from owners where needs_derivation") == []
    assert old_shop.rows("select count(*) from outbox") == announced
    check(old_shop, answers)


def test_buyers_continue_where_they_were(old_shop: Shop, answers: Answers) -> None:
    (open_order,) = answers["orders"]["usr_leela"]
    assert old_shop.buy("usr_leela").status_code == 201, "the order before has other return addresses"
    assert old_shop.order(open_order["order_id"], "usr_leela")["state"] == "expired"
    old_shop.problem(old_shop.buy("usr_kiran"), 409, "already-bought")
    assert old_shop.buy("usr_dev").status_code == 201, "the order before has expired"
