"""All requests that our services send to Stripe are valid by Stripe's OpenAPI document, and all are checked.

Each call of the two clients goes to a sandbox. The sandbox's request log is then validated against the
document; unknown names are rejected at any depth. Checkout's own tests and the end-to-end tests do the same
after each test.
"""

import asyncio
import inspect
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sandbox_openapi_requests
from checkout_orders import RAGAS, an_order
from sandbox_openapi_requests import Asked

from checkout.clients.stripe import PaymentPage, Returned, Stripe
from checkout.domain.lines import Line, LineKind
from checkout.domain.refunds import DUPLICATE, REQUESTED, RefundRequest
from checkout.errors import StripeRefused
from devstack import loopback
from devstack.testing.sandbox import serve
from enrollment.clients import _KINDS, HttpStripeReader, NotReadable
from stripe_sandbox.settings import API_VERSION

ORDER = an_order(
    locale="pt-BR",
    currency="eur",
    lines=(replace(RAGAS, list_amount=4900),),
    success_url="https://shop.example/done",
    session_expires_at=datetime.now(UTC) + timedelta(hours=2),
)

_LINES_OF_EVERY_KIND = (
    replace(ORDER.lines[0], description=""),
    Line(2, LineKind.COURSE, "Talas", 2900, discount_amount=900, course_id="talas"),
    Line(3, LineKind.BUNDLE, "Sitar", 1500, course_id="sitar", bundle_id="both", bundle_title="Both"),
    Line(4, LineKind.BUNDLE, "Tabla", 1000, course_id="tabla", bundle_id="both", bundle_title="Both"),
)

ENDPOINT = "http://127.0.0.1:9/webhooks/stripe"


@pytest.fixture
def sandbox() -> Iterator[str]:
    """The address of a sandbox."""
    with serve() as url:
        yield url


def _pay(sandbox: str, page: PaymentPage) -> dict[str, Any]:
    answer = loopback.post(
        f"{sandbox}/_sandbox/checkout/sessions/{page.session_id}/pay", json={"card": "4242424242424242"}
    )
    paid: dict[str, Any] = answer.raise_for_status().json()
    return paid


def _customer(sandbox: str) -> str:
    answer = loopback.post(f"{sandbox}/v1/customers", data={"name": "A"}, auth=("sk_test_x", ""))
    return str(answer.raise_for_status().json()["id"])


def _endpoint(sandbox: str) -> None:
    """Create an endpoint without an API version of its own."""
    data = {"url": ENDPOINT, "enabled_events[]": "*"}
    loopback.post(f"{sandbox}/v1/webhook_endpoints", data=data, auth=("sk_test_x", "")).raise_for_status()


async def _checkout(sandbox: str) -> dict[str, Any]:
    """Make every call of checkout's client, in each of its variants."""
    client = Stripe("sk_test_shop", sandbox)
    _endpoint(sandbox)
    known = replace(
        ORDER, order_id="ord_2", customer_id=_customer(sandbox), lines=_LINES_OF_EVERY_KIND, locale="xx"
    )
    page, other = await client.create_page(ORDER), await client.create_page(known)
    assert (await client.page(ORDER.order_id, page.session_id)).status == "open"
    await client.expire_page(known.order_id, other.session_id)
    with pytest.raises(StripeRefused):
        await client.expire_page(known.order_id, other.session_id)
    paid = _pay(sandbox, page)
    intent = paid["payment_intent"]["id"]
    asked = RefundRequest(
        "ref_1", ORDER.order_id, DUPLICATE, 900, "eur", REQUESTED, 1, intent, ("li_1", "li_2")
    )
    other_reason = replace(asked, refund_id="ref_2", reason="goodwill", line_ids=())
    refund = await client.refund(asked)
    await client.refund(other_reason)
    assert await client.refund_made(asked) == refund
    assert await client.returned(ORDER.order_id, intent) == Returned(1800, disputed=False)
    payment = await client.payment(ORDER.order_id, page.session_id)
    assert (payment.is_paid, payment.intent_id) == (True, intent)
    assert await client.disputes(ORDER.order_id, intent) == []
    with pytest.raises(StripeRefused):
        await client.cancel_payment(ORDER.order_id, intent)
    [endpoint] = await client.endpoints()
    assert (endpoint.url, endpoint.enabled, endpoint.version) == (ENDPOINT, True, API_VERSION)
    await client.close()
    return {**paid, "session": page.session_id, "intent": intent, "refund": refund.stripe_refund_id}


def _enrollment(sandbox: str, made: dict[str, Any]) -> None:
    """Make every call of enrollment's client."""
    reader = HttpStripeReader("rk_test_reader", sandbox)
    dispute = loopback.post(
        f"{sandbox}/_sandbox/charges/{made['payment_intent']['latest_charge']}/dispute"
    ).json()
    for object_id in (made["session"], made["refund"], dispute["id"]):
        assert reader.read(object_id).object["id"] == object_id
    assert reader.session_of_payment(made["intent"]).object["id"] == made["session"]
    for prefix, _, _ in _KINDS:
        with pytest.raises(NotReadable):
            reader.read(f"{prefix}unknown")


CHECKOUT: Asked = {
    ("POST", "/v1/checkout/sessions"),
    ("GET", "/v1/checkout/sessions/{session}"),
    ("POST", "/v1/checkout/sessions/{session}/expire"),
    ("GET", "/v1/payment_intents/{intent}"),
    ("POST", "/v1/payment_intents/{intent}/cancel"),
    ("GET", "/v1/disputes"),
    ("GET", "/v1/refunds"),
    ("POST", "/v1/refunds"),
    ("GET", "/v1/webhook_endpoints"),
    ("GET", "/v1/events"),
}
ENROLLMENT: Asked = {
    ("GET", "/v1/checkout/sessions"),
    ("GET", "/v1/checkout/sessions/{session}"),
    ("GET", "/v1/refunds/{refund}"),
    ("GET", "/v1/disputes/{dispute}"),
    ("GET", "/v1/subscriptions/{subscription_exposed_id}"),
}
#: Requests of the test itself, to create a customer and an endpoint.
HERE: Asked = {("POST", "/v1/customers"), ("POST", "/v1/webhook_endpoints")}


def test_every_request_of_our_clients_is_valid(sandbox: str) -> None:
    made = asyncio.run(_checkout(sandbox))
    _enrollment(sandbox, made)
    asked = sandbox_openapi_requests.check_all(sandbox)
    assert asked == CHECKOUT | ENROLLMENT | HERE


def test_every_call_of_the_clients_is_checked_here() -> None:
    """A new call to Stripe must be added above."""

    def calls(cls: type) -> set[str]:
        return {name for name, _ in inspect.getmembers(cls, inspect.isfunction) if not name.startswith("_")}

    assert calls(Stripe) == {
        "create_page",
        "page",
        "expire_page",
        "refund",
        "refund_made",
        "returned",
        "payment",
        "disputes",
        "cancel_payment",
        "endpoints",
        "close",
    }
    assert calls(HttpStripeReader) == {"read", "session_of_payment"}


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"mode": "payment", "line_itemz": "x"}, "line_itemz is unknown"),
        (
            {"line_items": {"0": {"price_data": {"currency": "usd", "unit": "5"}}}},
            "line_items.price_data.unit is unknown",
        ),
        ({"payment_method_types": {"0": "card"}}, "payment_method_types was removed"),
        ({"line_items": {"0": {"quantity": "two"}}}, "line_items.quantity: 'two' is not valid for integer"),
        ({"mode": "gift"}, "mode: 'gift' is not valid for ['payment', 'setup', 'subscription']"),
        ({"line_items": "x"}, "line_items is no list"),
        ({"payment_intent_data": "x"}, "payment_intent_data is no object"),
        ({"locale": {"a": "b"}}, "locale is no single value"),
        ({"discounts": {"0": {"promo": "x"}}}, "discounts.promo is unknown"),
        ({"after_expiration": {"recovery": {}}}, "after_expiration.recovery.enabled is missing"),
    ],
)
def test_an_invalid_parameter_is_reported(form: dict[str, Any], problem: str) -> None:
    found = sandbox_openapi_requests.problems("POST", "/v1/checkout/sessions", form)
    assert found == [f"POST /v1/checkout/sessions: {problem}"]


def test_a_parameter_of_the_newer_api_version_is_accepted() -> None:
    form = {"allowed_payment_method_types": {"0": "card"}, "metadata": {"any": "thing"}}
    assert sandbox_openapi_requests.problems("POST", "/v1/payment_intents", form) == [
        "POST /v1/payment_intents: amount is missing",
        "POST /v1/payment_intents: currency is missing",
    ]
