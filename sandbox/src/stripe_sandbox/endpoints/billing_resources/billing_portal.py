"""/v1/billing_portal/configurations and /v1/billing_portal/sessions."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.billing import portal_configuration as portal
from stripe_sandbox.core.store import Object
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Boolean, ListOf, Text, Url, choice
from stripe_sandbox.rest.resources import Resource
from stripe_sandbox.rest.shapes import METADATA, Shape, changes_to, shape, unmodelled

operations = Operations()
SESSIONS = "/v1/billing_portal/sessions"
KIND = "billing_portal.configuration"
resource = Resource(operations, KIND, "/v1/billing_portal/configurations", dated=False)

_PRORATION = choice("always_invoice", "create_prorations", "none")
FEATURES = shape(
    customer_update=shape(
        allowed_updates=ListOf(
            choice("address", "email", "name", "phone", "shipping", "tax_id"), clearable=True
        ),
        enabled=Boolean(),
    ),
    invoice_history=Shape({"enabled": Boolean(required=True)}),
    payment_method_update=shape(enabled=Boolean(required=True), **unmodelled("payment_method_configuration")),
    subscription_cancel=shape(
        cancellation_reason=shape(
            enabled=Boolean(required=True),
            options=ListOf(choice(*portal.CANCEL_REASONS), clearable=True),
            **unmodelled("feedback_options"),
        ),
        enabled=Boolean(required=True),
        mode=choice("at_period_end", "immediately"),
        proration_behavior=_PRORATION,
    ),
    subscription_update=shape(
        default_allowed_updates=ListOf(choice("price", "promotion_code", "quantity"), clearable=True),
        enabled=Boolean(required=True),
        products=ListOf(
            shape(
                product=Text(required=True),
                prices=ListOf(Text(), required=True),
                **unmodelled("adjustable_quantity"),
            ),
            clearable=True,
        ),
        proration_behavior=_PRORATION,
        **unmodelled("billing_cycle_anchor schedule_at_period_end trial_update_behavior"),
    ),
    **unmodelled("subscription_pause"),
)
PROFILE = shape(
    headline=Text(clearable=True, max_length=60), privacy_policy_url=Url(), terms_of_service_url=Url()
)
CREATE = Shape(
    {
        "business_profile": PROFILE,
        "default_return_url": Url(clearable=True),
        "features": Shape(FEATURES.fields, required=True),
        "metadata": METADATA,
        "name": Text(clearable=True),
        **unmodelled("login_page"),
    }
)
UPDATE = Shape({**CREATE.fields, "features": FEATURES, "active": Boolean()})
SESSION = shape(
    configuration=Text(),
    customer=Text(required=True),
    locale=Text(),
    return_url=Url(),
    **unmodelled("after_expiration customer_account flow_data on_behalf_of"),
)


@resource.create(CREATE)
def create(call: Call) -> Object:
    """Create a portal configuration."""
    _check_products(call)
    return portal.new_configuration(call.sandbox, _with_products(call.params))


resource.add_reads(active=Boolean(), is_default=Boolean())


@resource.post(params=UPDATE)
def update(call: Call, configuration: Object) -> Object:
    """Change a configuration."""
    _check_products(call)
    changes = changes_to(configuration, _with_products(call.params))
    for name in ("business_profile", "features"):
        if changes.get(name) is not None:
            merged = {key: value for key, value in changes[name].items() if value is not None}
            nested = {
                key: {**configuration[name][key], **value} if isinstance(value, dict) else value
                for key, value in merged.items()
            }
            changes[name] = {**configuration[name], **nested}
    changes["updated"] = call.sandbox.clock.now()
    return call.sandbox.events.changed(configuration, "billing_portal.configuration.updated", **changes)


@operations.post(SESSIONS, SESSION)
def create_session(call: Call) -> Object:
    """Create a portal session for a customer."""
    sandbox, params = call.sandbox, call.params
    customer = sandbox.require("customer", params["customer"], param="customer")
    if params.get("configuration") is not None:
        configuration = sandbox.require(KIND, params["configuration"], param="configuration")
    else:
        configuration = portal.default_configuration(sandbox)
    session = sandbox.new(
        "bps",
        "billing_portal.session",
        null="after_expiration customer_account flow on_behalf_of",
        configuration=configuration["id"],
        customer=customer["id"],
        locale=params.get("locale"),
        return_url=params.get("return_url") or configuration["default_return_url"],
    )
    del session["metadata"]
    session["url"] = f"{sandbox.settings.base_url}/p/session/{session['id']}"
    sandbox.store.insert(session)
    sandbox.events.emit("billing_portal.session.created", session)
    return session


def _check_products(call: Call) -> None:
    wanted = ((call.params.get("features") or {}).get("subscription_update") or {}).get("products") or []
    for index, product in enumerate(wanted):
        path = f"features[subscription_update][products][{index}]"
        call.sandbox.require("product", product["product"], param=f"{path}[product]")
        for number, price in enumerate(product["prices"]):
            call.sandbox.require("price", price, param=f"{path}[prices][{number}]")


def _with_products(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters with each product as the API returns it."""
    update_ = (params.get("features") or {}).get("subscription_update")
    if not update_ or not update_.get("products"):
        return dict(params)
    quantity = {"enabled": False, "maximum": None, "minimum": 1}
    products = [{**product, "adjustable_quantity": quantity} for product in update_["products"]]
    update_ = {**update_, "products": products}
    return {**params, "features": {**params["features"], "subscription_update": update_}}
