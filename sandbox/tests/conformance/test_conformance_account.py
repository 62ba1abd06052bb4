"""Webhook endpoints, events, the balance and test clocks."""

import time

import pytest
import stripe
from conformance import Account, ids


def test_endpoints_are_created_disabled_and_deleted(account: Account) -> None:
    endpoints = account.v1.webhook_endpoints
    made = endpoints.create(
        {"url": "https://shop.example/hooks", "enabled_events": ["charge.succeeded"], "metadata": {"a": "b"}}
    )
    account.later(lambda: endpoints.delete(made.id))
    second = endpoints.create({"url": "https://shop.example/hooks", "enabled_events": ["*"]})
    account.later(lambda: endpoints.delete(second.id))
    assert (made.status, made.enabled_events) == ("enabled", ["charge.succeeded"])
    assert str(made.secret).startswith("whsec_")
    assert made.secret != second.secret
    assert "secret" not in endpoints.retrieve(made.id).to_dict()
    off = endpoints.update(
        made.id, {"disabled": True, "enabled_events": ["charge.failed", "charge.succeeded"]}
    )
    assert (off.status, len(off.enabled_events)) == ("disabled", 2)
    assert {made.id, second.id} <= set(ids(endpoints.list({"limit": 100}).data))
    assert endpoints.delete(second.id).deleted is True
    with pytest.raises(stripe.InvalidRequestError) as caught:
        endpoints.retrieve(second.id)
    assert caught.value.http_status == 404
    with pytest.raises(stripe.InvalidRequestError) as caught:
        endpoints.create({"url": "nowhere", "enabled_events": ["*"]})
    assert (caught.value.param, caught.value.code) == ("url", "url_invalid")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        endpoints.create({"url": "https://shop.example/x", "enabled_events": ["unicorn.seen"]})  # type: ignore[list-item]
    assert caught.value.param == "enabled_events[0]"


def test_an_event_is_a_snapshot(account: Account) -> None:
    customer = account.customer(name="Before")
    account.v1.customers.update(customer.id, {"name": "After"})
    created = account.event("customer.created", customer.id)
    assert created.data.object["name"] == "Before"
    assert (created.object, created.livemode) == ("event", False)
    assert created.request is not None
    assert str(created.request.id).startswith("req_")
    updated = account.event("customer.updated", customer.id)
    assert updated.data.previous_attributes is not None
    assert updated.data.previous_attributes.to_dict() == {"name": "Before"}
    assert account.v1.events.retrieve(created.id).id == created.id
    listed = account.v1.events.list(
        {"types": ["customer.created", "customer.updated"], "created": {"gte": account.began}, "limit": 100}
    )
    assert {created.id, updated.id} <= set(ids(listed.auto_paging_iter()))
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.events.retrieve("evt_nothing")


def test_balance_transactions_are_listed_by_type(account: Account) -> None:
    intent = account.pay()
    charge = str(intent.latest_charge)

    def look() -> list[stripe.BalanceTransaction]:
        return account.v1.balance_transactions.list({"source": charge}).data

    [moved] = account.eventually("the movement", look)
    assert (moved.type, moved.currency) == ("charge", "usd")
    assert account.v1.balance_transactions.retrieve(moved.id).net == moved.net
    balance = account.v1.balance.retrieve()
    assert "usd" in {entry.currency for entry in (*balance.pending, *balance.available)}


def test_test_clock_only_moves_forward(account: Account) -> None:
    clocks = account.v1.test_helpers.test_clocks
    now = int(time.time())
    clock = clocks.create({"frozen_time": now, "name": "Forward"})
    account.later(lambda: clocks.delete(clock.id))
    assert (clock.status, clock.frozen_time, clock.name) == ("ready", now, "Forward")
    assert clock.id in ids(clocks.list({"limit": 100}).data)
    with pytest.raises(stripe.InvalidRequestError):
        clocks.advance(clock.id, {"frozen_time": now - 1})
    clocks.advance(clock.id, {"frozen_time": now + 3600})
    account.eventually("the clock", lambda: clocks.retrieve(clock.id).status == "ready")
    assert clocks.retrieve(clock.id).frozen_time == now + 3600
    assert clocks.delete(clock.id).deleted is True
    account.event("test_helpers.test_clock.ready", clock.id)
