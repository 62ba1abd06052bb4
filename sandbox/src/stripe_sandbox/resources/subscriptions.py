"""/v1/subscriptions."""

from __future__ import annotations

from typing import Any

from stripe_sandbox import discounts, invoices, payment_methods, payments, proration, subscribe, subscriptions
from stripe_sandbox.api import Call, Operations
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.lists import filters, page
from stripe_sandbox.params import (
    METADATA,
    Boolean,
    Currency,
    Integer,
    ListOf,
    Removed,
    Shape,
    Text,
    TimeRange,
    choice,
    listed,
    merge_metadata,
    shape,
    timestamp,
    unmodelled,
)
from stripe_sandbox.store import Object

operations = Operations()
URL = "/v1/subscriptions"

PRORATION = choice("always_invoice", "create_prorations", "none")
BEHAVIOUR = choice("allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete")
CANCELLATION = shape(
    comment=Text(clearable=True),
    feedback=choice(
        "customer_service",
        "low_quality",
        "missing_features",
        "other",
        "switched_service",
        "too_complex",
        "too_expensive",
        "unused",
        clearable=True,
    ),
)
TRIAL_SETTINGS = shape(
    end_behavior=shape(missing_payment_method=choice("cancel", "create_invoice", "pause", required=True))
)
_ELSEWHERE = """add_invoice_items application_fee_percent automatic_tax billing_cycle_anchor
    billing_cycle_anchor_config billing_mode billing_thresholds collection_method customer_account
    days_until_due default_source default_tax_rates invoice_settings on_behalf_of pause_collection
    payment_settings
    pending_invoice_item_interval transfer_data"""
NEW_ITEM = shape(
    price=Text(required=True), quantity=Integer(minimum=1), metadata=METADATA, **unmodelled("price_data")
)
CHANGED_ITEM = shape(
    id=Text(),
    price=Text(),
    quantity=Integer(minimum=1),
    deleted=Boolean(),
    metadata=METADATA,
    **unmodelled("price_data clear_usage"),
)
CREATE: Shape = shape(
    cancel_at_period_end=Boolean(),
    coupon=Removed("Use discounts[0][coupon]."),
    currency=Currency(),
    customer=Text(required=True),
    default_payment_method=Text(),
    description=Text(max_length=500),
    discounts=ListOf(shape(coupon=Text(), promotion_code=Text()), maximum=1),
    items=ListOf(NEW_ITEM, required=True, maximum=20),
    metadata=METADATA,
    off_session=Boolean(),
    payment_behavior=BEHAVIOUR,
    proration_behavior=PRORATION,
    trial_end=timestamp(),
    trial_period_days=Integer(minimum=1, maximum=730),
    trial_settings=TRIAL_SETTINGS,
    **unmodelled(_ELSEWHERE),
)
UPDATE: Shape = shape(
    cancel_at_period_end=Boolean(),
    cancel_at=Integer(clearable=True, minimum=0),
    cancellation_details=CANCELLATION,
    default_payment_method=Text(clearable=True),
    description=Text(clearable=True, max_length=500),
    items=ListOf(CHANGED_ITEM, maximum=20),
    metadata=METADATA,
    off_session=Boolean(),
    payment_behavior=BEHAVIOUR,
    proration_behavior=PRORATION,
    trial_settings=TRIAL_SETTINGS,
    **unmodelled(_ELSEWHERE + " discounts proration_date trial_end trial_from_plan"),
)


@operations.post(URL, CREATE)
def create(call: Call) -> Object:
    """Create a subscription and, unless told to wait, charge its first invoice."""
    sandbox, params = call.sandbox, call.params
    customer = sandbox.require("customer", params["customer"], param="customer")
    method = None
    if params.get("default_payment_method") is not None:
        method = payment_methods.resolve(
            sandbox, params["default_payment_method"], param="default_payment_method"
        )
        payment_methods.attach(sandbox, method, customer["id"])
    items = [_new_item(call, item, f"items[{index}]") for index, item in enumerate(params["items"])]
    with sandbox.clock.at(sandbox.time_of(customer["test_clock"])):
        wish = subscriptions.Wish(
            customer=customer["id"],
            items=items,
            currency=items[0]["price"]["currency"],
            metadata=params.get("metadata") or {},
            description=params.get("description"),
            default_payment_method=None if method is None else method["id"],
            trial_end=subscribe.trial_end(params, sandbox.clock.now()),
            missing_payment_method=_missing(params),
            cancel_at_period_end=bool(params.get("cancel_at_period_end")),
            discount=_discount(call),
        )
        waits = params.get("payment_behavior") == "default_incomplete"
        subscription = subscriptions.start(sandbox, wish, pay=not waits)
        _require_paid(call, subscription)
        return subscription


@operations.get(
    URL,
    listed(
        created=TimeRange(),
        customer=Text(),
        price=Text(),
        status=choice("all", "ended", *subscriptions.LIVE, "canceled", "incomplete_expired"),
        **unmodelled("collection_method current_period_end current_period_start test_clock"),
    ),
)
def list_all(call: Call) -> Object:
    """List subscriptions; without a status, those that are not canceled."""
    where = filters(call, "customer")
    status = call.params.get("status")
    if status in (None, "ended"):
        where["status"] = subscriptions.LIVE if status is None else ("canceled", "incomplete_expired")
    elif status != "all":
        where["status"] = status
    return page(call, "subscription", URL, where=where)


@operations.get(URL + "/{id}")
def retrieve(call: Call) -> Object:
    """Retrieve a subscription."""
    return call.sandbox.require("subscription", call.id, status=404)


@operations.post(URL + "/{id}", UPDATE)
def update(call: Call) -> Object:
    """Change a subscription: its plan, its card, or that it ends with its period."""
    sandbox, params = call.sandbox, call.params
    subscription = sandbox.require("subscription", call.id, status=404)
    if subscription["status"] not in subscriptions.LIVE:
        raise InvalidRequest(
            f"A {subscription['status']} subscription can only update its cancellation_details and metadata.",
            code="resource_missing",
        )
    with sandbox.clock.at(sandbox.time_of(subscription["test_clock"])):
        changes = _plain_changes(call, subscription)
        if params.get("items"):
            return _change_items(call, subscription, changes)
        return sandbox.events.changed(subscription, "customer.subscription.updated", **changes)


@operations.delete(
    URL + "/{id}", shape(cancellation_details=CANCELLATION, **unmodelled("invoice_now prorate"))
)
def cancel(call: Call) -> Object:
    """Cancel at once."""
    subscription = call.sandbox.require("subscription", call.id, status=404)
    if call.params.get("cancellation_details"):
        subscription["cancellation_details"] |= call.params["cancellation_details"]
    with call.sandbox.clock.at(call.sandbox.time_of(subscription["test_clock"])):
        return subscriptions.end(call.sandbox, subscription)


@operations.post(
    URL + "/{id}/resume", shape(billing_cycle_anchor=choice("now", "unchanged"), proration_behavior=PRORATION)
)
def resume(call: Call) -> Object:
    """Resume a paused subscription: a new period begins and is invoiced."""
    sandbox = call.sandbox
    subscription = sandbox.require("subscription", call.id, status=404)
    if subscription["status"] != "paused":
        raise InvalidRequest("Only a paused subscription can be resumed.", param="id")
    with sandbox.clock.at(sandbox.time_of(subscription["test_clock"])):
        proration.restart(sandbox, subscription)
        invoice = _bill_now(call, subscription, [])
        if invoice["status"] == "paid" or invoice["amount_due"] == 0:
            sandbox.events.changed(subscription, "customer.subscription.updated", status="active")
            sandbox.events.emit("customer.subscription.resumed", subscription)
        return subscription


def _new_item(call: Call, item: dict[str, Any], path: str) -> dict[str, Any]:
    price = call.sandbox.require("price", item["price"], param=f"{path}[price]")
    if price["type"] != "recurring":
        raise InvalidRequest(
            "The price specified is set to `type=one_time` but this field only accepts prices with "
            "`type=recurring`.",
            param=f"{path}[price]",
        )
    return {"price": price, "quantity": item.get("quantity") or 1, "metadata": item.get("metadata")}


def _missing(params: dict[str, Any]) -> str:
    settings = (params.get("trial_settings") or {}).get("end_behavior") or {}
    return settings.get("missing_payment_method") or "create_invoice"


def _discount(call: Call) -> tuple[Object, Object | None] | None:
    for given in call.params.get("discounts") or []:
        code = None
        if given.get("promotion_code") is not None:
            code = call.sandbox.require("promotion_code", given["promotion_code"], param="discounts[0]")
        id_ = given.get("coupon") or (code or {"promotion": {"coupon": ""}})["promotion"]["coupon"]
        coupon = call.sandbox.require("coupon", id_, param="discounts[0][coupon]")
        discounts.check_coupon(call.sandbox, coupon, param="discounts[0][coupon]")
        return coupon, code
    return None


def _require_paid(call: Call, subscription: Object) -> None:
    """`error_if_incomplete`: a declined first payment is an error, and nothing stays of it."""
    if call.params.get("payment_behavior") != "error_if_incomplete" or subscription["status"] != "incomplete":
        return
    invoice = call.sandbox.require("invoice", subscription["latest_invoice"])
    intent = call.sandbox.require("payment_intent", invoice["_"]["intent"])
    if intent["last_payment_error"] is None:
        raise InvalidRequest(
            "This customer has no attached payment source or default payment method.", code="resource_missing"
        )
    error = payments.declined(intent)
    error.keep_writes = False
    raise error


def _plain_changes(call: Call, subscription: Object) -> Object:
    """What changes besides the items."""
    sandbox, params = call.sandbox, call.params
    changes: Object = {}
    for name in ("description", "default_payment_method"):
        if name in params:
            changes[name] = params[name]
    if changes.get("default_payment_method") is not None:
        method = payment_methods.resolve(
            sandbox, changes["default_payment_method"], param="default_payment_method"
        )
        changes["default_payment_method"] = payment_methods.attach(sandbox, method, subscription["customer"])[
            "id"
        ]
    if "metadata" in params:
        changes["metadata"] = merge_metadata(subscription["metadata"], params["metadata"])
    if "trial_settings" in params:
        changes["trial_settings"] = {"end_behavior": {"missing_payment_method": _missing(params)}}
    if params.get("cancel_at_period_end") is not None:
        changes |= subscriptions.cancel_at_period_end(sandbox, subscription, params["cancel_at_period_end"])
    if "cancel_at" in params:
        changes |= {
            "cancel_at": params["cancel_at"],
            "canceled_at": None if params["cancel_at"] is None else sandbox.clock.now(),
        }
    if "cancellation_details" in params:
        current = changes.get("cancellation_details") or subscription["cancellation_details"]
        changes["cancellation_details"] = {**current, **params["cancellation_details"]}
    return changes


def _change_items(call: Call, subscription: Object, changes: Object) -> Object:
    """Switch the plan: prorate, and bill at once where the rhythm changes or it is asked for."""
    sandbox = call.sandbox
    old = [dict(item) for item in subscriptions.items(subscription)]
    new = _changed_items(call, subscription)
    behaviour = call.params.get("proration_behavior") or "create_prorations"
    restarts = proration.interval_changes(old, new)
    trial = subscription["status"] == "trialing"
    lines = []
    if behaviour != "none" and not trial:
        lines = proration.lines(sandbox, subscription, old, [] if restarts else new)
    subscription["items"]["data"] = new
    previous = {"items": {**subscription["items"], "data": old}}
    previous |= {name: subscription[name] for name in changes}
    subscription.update(changes)
    if restarts and not trial:
        proration.restart(sandbox, subscription)
        sandbox.store.schedule(
            "subscription.renew",
            subscription["id"],
            subscriptions.period(subscription)[1],
            subscription["test_clock"],
        )
        _bill_now(call, subscription, lines)
    elif behaviour == "always_invoice" and lines:
        _bill_now(call, subscription, lines, prorations_only=True)
    else:
        subscription["_"]["pending_lines"] += lines
    sandbox.store.update(subscription)
    sandbox.events.emit("customer.subscription.updated", subscription, previous)
    return subscription


def _changed_items(call: Call, subscription: Object) -> list[Object]:
    found = {item["id"]: dict(item) for item in subscriptions.items(subscription)}
    for index, wanted in enumerate(call.params["items"]):
        path = f"items[{index}]"
        if wanted.get("id") is None:
            if wanted.get("price") is None:
                raise InvalidRequest(
                    f"Missing required param: {path}[price].",
                    param=f"{path}[price]",
                    code="parameter_missing",
                )
            item = subscriptions.new_item(call.sandbox, subscription, _new_item(call, wanted, path))
            found[item["id"]] = item
            continue
        known = found.get(wanted["id"])
        if known is None:
            raise InvalidRequest(
                f"No such subscription item: '{wanted['id']}'", param=f"{path}[id]", code="resource_missing"
            )
        if wanted.get("deleted"):
            del found[wanted["id"]]
            continue
        if wanted.get("price") is not None:
            price = _new_item(call, wanted, path)["price"]
            known["price"] = {name: value for name, value in price.items() if name != "_"}
        known["quantity"] = wanted.get("quantity") or known["quantity"]
        if "metadata" in wanted:
            known["metadata"] = merge_metadata(known["metadata"], wanted["metadata"])
    if not found:
        raise InvalidRequest("A subscription must have at least one active item.", param="items")
    if any(item["price"]["currency"] != subscription["currency"] for item in found.values()):
        raise InvalidRequest("All items of a subscription have the same currency.", param="items")
    return list(found.values())


def _bill_now(
    call: Call, subscription: Object, lines: list[Object], *, prorations_only: bool = False
) -> Object:
    """An invoice at once, charged at once."""
    sandbox, span = call.sandbox, subscriptions.period(subscription)
    if not prorations_only:
        lines = lines + [
            invoices.line(sandbox, subscription, item, subscriptions.amount(item), span)
            for item in subscriptions.items(subscription)
        ]
    invoice = invoices.draft(sandbox, subscription, "subscription_update", lines, (span[0], span[0]))
    subscription["latest_invoice"] = invoice["id"]
    sandbox.store.update(subscription)
    invoice = invoices.finalize(sandbox, invoices.store_draft(sandbox, invoice))
    if invoice["status"] == "open":
        subscriptions.collect(sandbox, invoice)
        subscription["status"] = sandbox.require("subscription", subscription["id"])["status"]
    return invoice
