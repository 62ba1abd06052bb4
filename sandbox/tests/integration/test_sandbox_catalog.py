"""Customers, products, prices and events through stripe-python."""

import pytest
import stripe
from sandbox_server import Running


def test_customer_create_update_and_delete_emit_events(sandbox: Running) -> None:
    customers = sandbox.client.v1.customers
    customer = customers.create({"email": "a@example.com", "name": "Anna"})
    changed = customers.update(customer.id, {"name": "", "email": "b@example.com"})
    assert (changed.name, changed.email) == (None, "b@example.com")
    assert [one.id for one in customers.list({"email": "b@example.com"}).data] == [customer.id]
    assert customers.delete(customer.id).deleted is True
    left = customers.retrieve(customer.id)
    assert (left.id, left.deleted) == (customer.id, True)
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        customers.update(customer.id, {"name": "Anna"})
    updated = sandbox.client.v1.events.list({"type": "customer.updated"}).data[0]
    assert updated.data.previous_attributes is not None
    assert updated.data.previous_attributes.to_dict() == {"name": "Anna", "email": "a@example.com"}
    types = [event.type for event in sandbox.client.v1.events.list().data]
    assert types == ["customer.deleted", "customer.updated", "customer.created"]


def test_products_and_prices_are_created_updated_and_listed(sandbox: Running) -> None:
    v1 = sandbox.client.v1
    product = v1.products.create(
        {
            "name": "Course",
            "default_price_data": {"currency": "eur", "unit_amount": 4900},
            "metadata": {"id": "c1"},
        }
    )
    price = v1.prices.retrieve(str(product.default_price), {"expand": ["product", "currency_options"]})
    assert isinstance(price.product, stripe.Product)
    assert (price.unit_amount, price.currency, price.type, price.product.id) == (
        4900,
        "eur",
        "one_time",
        product.id,
    )
    assert v1.products.update(product.id, {"active": False}).active is False
    assert v1.products.list({"active": True}).data == []
    keyed = v1.prices.create(
        {"product": product.id, "currency": "usd", "unit_amount": 100, "lookup_key": "base"}
    )
    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        v1.prices.create({"product": product.id, "currency": "usd", "unit_amount": 200, "lookup_key": "base"})
    moved = v1.prices.create(
        {
            "product": product.id,
            "currency": "usd",
            "unit_amount": 200,
            "lookup_key": "base",
            "transfer_lookup_key": True,
        }
    )
    assert [one.id for one in v1.prices.list({"lookup_keys": ["base"]}).data] == [moved.id]
    assert v1.prices.update(keyed.id, {"active": False}).active is False
    with pytest.raises(stripe.InvalidRequestError, match="inactive"):
        sandbox.session(line_items=[{"price": keyed.id, "quantity": 1}])
    with pytest.raises(stripe.InvalidRequestError, match="cannot be deleted"):
        v1.products.delete(product.id)
    assert v1.products.delete(v1.products.create({"name": "Empty"}).id).deleted is True


def test_a_price_has_one_amount(sandbox: Running) -> None:
    product = sandbox.client.v1.products.create({"name": "Course"})
    for amounts in ({}, {"unit_amount": 1, "unit_amount_decimal": "1.5"}):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            sandbox.client.v1.prices.create({"product": product.id, "currency": "usd", **amounts})  # type: ignore[typeddict-item]
        assert caught.value.param == "unit_amount"
    fraction = sandbox.http.post(
        "/v1/prices",
        data={"product": product.id, "currency": "usd", "unit_amount_decimal": "12.5"},
        headers={"Authorization": "Bearer sk_test_x"},
    ).json()
    assert (fraction["unit_amount"], fraction["unit_amount_decimal"]) == (None, "12.5")


def test_events_are_filtered_by_type_and_time(sandbox: Running) -> None:
    events = sandbox.client.v1.events
    sandbox.client.v1.customers.create({"name": "A"})
    sandbox.control("clock", {"advance": 3600})
    sandbox.pay(sandbox.session().id)
    assert [event.type for event in events.list({"type": "charge.*"}).data] == ["charge.succeeded"]
    both = events.list({"types": ["customer.created", "charge.succeeded"]}).data
    assert [event.type for event in both] == ["charge.succeeded", "customer.created"]
    border = both[0].created
    assert [event.type for event in events.list({"created": {"lt": border - 60}}).data] == [
        "customer.created"
    ]
    assert len(events.list({"created": {"gte": border - 60}}).data) == 4
    assert events.retrieve(both[1].id).request is not None


def test_an_intent_is_changed_and_cancelled(sandbox: Running) -> None:
    intents = sandbox.client.v1.payment_intents
    declined = sandbox.pay(sandbox.session().id, "4000000000000002")["payment_intent"]
    assert intents.update(declined["id"], {"metadata": {"note": "x"}}).metadata["note"] == "x"
    cancelled = intents.cancel(declined["id"], {"cancellation_reason": "abandoned"})
    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        intents.cancel(declined["id"])
    assert caught.value.code == "payment_intent_unexpected_state"
    assert [one.id for one in intents.list().data] == [declined["id"]]


def test_an_endpoint_is_listed_and_disabled(sandbox: Running) -> None:
    endpoints = sandbox.client.v1.webhook_endpoints
    endpoint = endpoints.create({"url": "http://127.0.0.1:9/x", "enabled_events": ["*"]})
    assert endpoint.id in [one.id for one in endpoints.list().data]
    assert endpoints.update(endpoint.id, {"disabled": True}).status == "disabled"
    sandbox.client.v1.customers.create({"name": "A"})
    sandbox.receiver.wait_for(1)
    assert sandbox.control("webhooks/drain", {"timeout_seconds": 2})["drained"] is True
    assert endpoints.delete(endpoint.id).deleted is True
