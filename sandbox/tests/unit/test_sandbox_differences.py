"""The list of differences between the newest OpenAPI document and the sandbox's API version is exact."""

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import sandbox_openapi
import sandbox_sdk
from sandbox_openapi_differences import (
    FIELDS_ADDED,
    FIELDS_REMOVED,
    NO_OPERATION,
    PARAMETERS_ADDED,
    PARAMETERS_REMOVED,
)
from stripe.params import WebhookEndpointCreateParams

from stripe_sandbox.app import RESOURCES
from stripe_sandbox.core.event_types import EVENT_TYPES
from stripe_sandbox.core.money import CURRENCIES
from stripe_sandbox.rest.params import Hash, ListOf, Removed, Unmodelled
from stripe_sandbox.rest.shapes import Anchor, Shape, TimeRange
from stripe_sandbox.rest.versions import VERSIONS
from stripe_sandbox.settings import API_VERSION

KINDS = """
    balance balance_transaction billing_portal.configuration billing_portal.session charge checkout.session
    coupon customer discount dispute event invoice invoice_payment invoiceitem item line_item payment_intent
    payment_method price product promotion_code radar.early_fraud_warning refund setup_intent subscription
    subscription_item test_helpers.test_clock webhook_endpoint
""".split()  # noqa: SIM905
ROUTES = [route for resource in RESOURCES for route in resource.operations.routes]


def operations() -> list[tuple[str, str]]:
    """The sandbox's operations under the document's names."""
    found = []
    for route in ROUTES:
        path = re.sub(r"\{[^}]*\}", "x", route.pattern)
        template = sandbox_openapi.template_of(route.method, path)
        if template is None:
            assert any(re.match(pattern, path) for pattern in NO_OPERATION), f"Stripe has no path {path}"
        else:
            found.append((route.method, template))
    return found


def test_the_sdk_is_made_for_the_sandbox_s_version() -> None:
    from stripe._api_version import _ApiVersion

    assert _ApiVersion.CURRENT == API_VERSION


@pytest.mark.parametrize("kind", KINDS)
def test_fields_that_differ_are_listed(kind: str) -> None:
    document, sdk = sandbox_openapi.fields(kind), sandbox_sdk.fields(kind)
    assert sandbox_sdk.difference(sdk, document) == set(FIELDS_ADDED.get(kind, "").split())
    assert sandbox_sdk.difference(document, sdk, leaves=False) == set(FIELDS_REMOVED.get(kind, "").split())


def test_parameters_that_differ_are_listed() -> None:
    added, removed = {}, {}
    for operation in operations():
        sdk = sandbox_sdk.parameters(*operation)
        if sdk is None:
            continue
        document = sandbox_openapi.parameters(*operation)
        added[operation] = sandbox_sdk.difference(sdk, document)
        removed[operation] = sandbox_sdk.difference(document, sdk, leaves=False)
    assert {k: v for k, v in added.items() if v} == {k: set(v.split()) for k, v in PARAMETERS_ADDED.items()}
    assert {k: v for k, v in removed.items() if v} == {
        k: set(v.split()) for k, v in PARAMETERS_REMOVED.items()
    }


def test_unknown_field_is_detected() -> None:
    coupon = {"id": "x", "object": "coupon", "applies_to": {"products": [], "colour": "red"}, "size": 1}
    found = sandbox_openapi.schema_problems("coupon", coupon)
    assert {"coupon.applies_to.colour is unknown", "coupon.size is unknown"} <= set(found)


def test_event_types_and_versions_are_those_of_the_sdk() -> None:
    tree = ast.parse(Path(inspect.getfile(WebhookEndpointCreateParams)).read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    words = {text for text in texts if isinstance(text, str)}
    train = API_VERSION.partition(".")[2]
    assert {text for text in words if re.fullmatch(rf"20\d\d-\d\d-\d\d\.{train}", text)} == set(VERSIONS)
    assert {text for text in words if re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", text)} == EVENT_TYPES


def accepted(kind: Any) -> sandbox_sdk.Tree:
    """The names below a parameter of the sandbox; `...` where any name is allowed."""
    if isinstance(kind, Anchor):
        return {"type": {}, "timestamp": {}}
    if isinstance(kind, ListOf):
        return accepted(kind.item)
    if isinstance(kind, Shape) and set(kind.fields) != set(CURRENCIES):
        return {name: accepted(of) for name, of in kind.fields.items() if not isinstance(of, Removed)}
    return {"...": {}} if isinstance(kind, (Shape, Unmodelled, Hash, TimeRange)) else {}


def test_every_parameter_of_stripe_s_is_modelled_or_named_and_there_are_no_others() -> None:
    """A parameter that is not modelled is refused by name, not as unknown: nothing is silently ignored."""
    missing, invented = {}, {}
    for route in ROUTES:
        template = sandbox_openapi.template_of(route.method, re.sub(r"\{[^}]*\}", "x", route.pattern))
        if template is None:
            continue
        theirs = dict(sandbox_openapi.parameters(route.method, template))
        sandbox_sdk.merge(theirs, sandbox_sdk.parameters(route.method, template) or {})
        mine = accepted(route.params)
        gone = set(PARAMETERS_REMOVED.get((route.method, template), "").split())
        where = f"{route.method} {route.pattern}"
        missing[where] = sandbox_sdk.difference(theirs, mine) - gone
        invented[where] = sandbox_sdk.difference(mine, theirs) - {"billing_cycle_anchor.timestamp"}
    assert {where: names for where, names in missing.items() if names} == {}
    assert {where: names for where, names in invented.items() if names} == {}
