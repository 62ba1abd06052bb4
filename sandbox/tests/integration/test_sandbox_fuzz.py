"""No request returns 500: every operation receives forms made of its own parameters and random data."""

import json
import random
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sandbox_server import Running, line

from stripe_sandbox.app import RESOURCES
from stripe_sandbox.rest.params import Choice, ListOf
from stripe_sandbox.rest.shapes import Shape, TimeRange

AUTH = {"Authorization": "Bearer sk_test_fuzz"}
ROUTES = [route for resource in RESOURCES for route in resource.operations.routes]
ODD = [
    "",
    "0",
    "-1",
    "1",
    "7",
    "true",
    "false",
    "usd",
    "jpy",
    "ü",
    "x" * 600,
    "9" * 40,
    "1e5",
    "a@b.example",
    "2.5",
]


@pytest.fixture(scope="module")
def known_ids(served_sandbox: Running) -> dict[str, str]:
    """The ids of a purchase and a subscription, by the name of the parameter that accepts them."""
    served_sandbox.reset()
    v1 = served_sandbox.client.v1
    customer = v1.customers.create({"email": "a@example.com"}).id
    card = v1.payment_methods.attach("pm_card_visa", {"customer": customer}).id
    product = v1.products.create({"name": "P"}).id
    price = served_sandbox.price(500, product=product)
    coupon = v1.coupons.create({"percent_off": 10}).id
    subscription = v1.subscriptions.create(
        {"customer": customer, "items": [{"price": price}], "default_payment_method": card}
    )
    paid = served_sandbox.pay(served_sandbox.session().id)
    charge = paid["payment_intent"]["latest_charge"]
    return {
        "customer": customer,
        "payment_method": card,
        "default_payment_method": card,
        "product": product,
        "price": price,
        "coupon": coupon,
        "subscription": subscription.id,
        "invoice": str(subscription.latest_invoice),
        "payment_intent": paid["payment_intent"]["id"],
        "charge": charge,
        "session": paid["session"]["id"],
        "open_session": served_sandbox.session(line_items=[line()]).id,
        "id": subscription.id,
    }


def odd_form(
    kind: Any, name: str, pick: random.Random, ids: dict[str, str], path: str
) -> list[tuple[str, str]]:
    """Form pairs for a parameter: mostly valid, sometimes not."""
    if pick.random() < 0.06:
        return [(path + pick.choice(["[]", "[x]", "[0][y]", ""]), pick.choice(ODD))]
    if isinstance(kind, Shape):
        chosen = [key for key, inner in kind.fields.items() if inner.required or pick.random() < 0.4]
        return [
            pair for key in chosen for pair in odd_form(kind.fields[key], key, pick, ids, f"{path}[{key}]")
        ]
    if isinstance(kind, ListOf):
        count = pick.choice([1, 1, 2])
        return [p for n in range(count) for p in odd_form(kind.item, name, pick, ids, f"{path}[{n}]")]
    if isinstance(kind, TimeRange):
        return [(f"{path}[{pick.choice(['gt', 'lte', 'x'])}]", pick.choice(ODD))]
    if isinstance(kind, Choice):
        return [(path, pick.choice(kind.values))]
    if name in ids and pick.random() < 0.7:
        return [(path, ids[name])]
    return [(path, pick.choice(ODD))]


@settings(max_examples=400, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_no_operation_answers_500(served_sandbox: Running, known_ids: dict[str, str], seed: int) -> None:
    pick = random.Random(seed)
    route = pick.choice(ROUTES)
    path = route.pattern
    for name in ("id", "customer"):
        if f"{{{name}}}" in path:
            path = path.replace(
                f"{{{name}}}", pick.choice([*known_ids.values(), "nothing", "%00", "%F0%9F%92%A9"])
            )
    pairs: list[tuple[str, str]] = []
    for name, kind in route.params.fields.items():
        if kind.required or pick.random() < 0.25:
            pairs += odd_form(kind, name, pick, known_ids, name)
    # Deleting these objects would break the other examples.
    method = "GET" if route.method == "DELETE" and pick.random() < 0.9 else route.method
    if method == "POST":
        headers = AUTH | {"Content-Type": "application/x-www-form-urlencoded"}
        answer = served_sandbox.http.post(path, content=urlencode(pairs), headers=headers)
    else:
        answer = served_sandbox.http.request(method, f"{path}?{urlencode(pairs)}", headers=AUTH)
    assert answer.status_code < 500, f"{method} {path} {pairs}"
    body = answer.json()
    assert ("error" in body) is (answer.status_code >= 400)


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(allow_nan=False),
        st.text(max_size=8),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(["card", "now", "advance", "copies", "status", "next", "x"]), inner, max_size=3
        ),
    ),
    max_leaves=5,
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(
    path=st.sampled_from(
        ["clock", "faults", "dunning", "webhooks/release", "checkout/sessions/{open_session}/pay"]
    ),
    body=json_values,
)
def test_no_control_answers_500(
    served_sandbox: Running, known_ids: dict[str, str], path: str, body: Any
) -> None:
    url = f"/_sandbox/{path.format(**known_ids)}"
    answer = served_sandbox.http.post(url, content=json.dumps(body))
    served_sandbox.http.delete("/_sandbox/faults")
    served_sandbox.control("clock", {"offset": 0})
    assert answer.status_code < 500, (url, body, answer.text)


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(body=st.binary(max_size=80))
def test_no_page_answers_500(served_sandbox: Running, known_ids: dict[str, str], body: bytes) -> None:
    session = known_ids["open_session"]
    for path in (f"/c/pay/{session}", f"/c/pay/{session}/promotion", "/3ds/pi_x", "/p/session/bps_x/cancel"):
        answer = served_sandbox.http.post(
            path, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        assert answer.status_code < 500, path
