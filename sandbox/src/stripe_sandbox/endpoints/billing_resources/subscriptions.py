"""/v1/subscriptions."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.billing import plan_changes, proration, standing_discounts, subscription_reads
from stripe_sandbox.billing import subscribing as subscribe
from stripe_sandbox.billing import subscription_cycle as subscriptions
from stripe_sandbox.billing.subscription_creation import SubscriptionRequest
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import methods as payment_methods
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import (
    Boolean,
    Currency,
    Integer,
    ListOf,
    NowOrTimestamp,
    Removed,
    Text,
    choice,
    timestamp,
)
from stripe_sandbox.rest.resources import Resource, filters, page
from stripe_sandbox.rest.shapes import METADATA, Anchor, TimeRange, listed, merge_metadata, shape, unmodelled

operations = Operations()
resource = Resource(operations, "subscription", "/v1/subscriptions")

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
    **unmodelled("feedback_option"),
)
TRIAL_SETTINGS = shape(
    end_behavior=shape(
        missing_payment_method=choice("cancel", "create_invoice", "pause", required=True),
        **unmodelled("billing_cycle_anchor"),
    )
)
_ELSEWHERE = """add_invoice_items application_fee_percent automatic_tax billing_schedules
    billing_thresholds collection_method days_until_due default_source default_tax_rates invoice_settings
    on_behalf_of payment_settings pending_invoice_item_interval transfer_data trial_from_plan"""
_OF_ITEMS = "billing_thresholds current_trial discounts plan price_data tax_rates"
NEW_ITEM = shape(
    price=Text(required=True), quantity=Integer(minimum=1), metadata=METADATA, **unmodelled(_OF_ITEMS)
)
CHANGED_ITEM = shape(
    id=Text(),
    price=Text(),
    quantity=Integer(minimum=1),
    deleted=Boolean(),
    metadata=METADATA,
    **unmodelled(_OF_ITEMS + " clear_usage"),
)
CREATE = shape(
    cancel_at_period_end=Boolean(),
    coupon=Removed("Use discounts[0][coupon]."),
    currency=Currency(),
    customer=Text(required=True),
    default_payment_method=Text(),
    description=Text(max_length=500),
    discounts=ListOf(shape(coupon=Text(), promotion_code=Text(), **unmodelled("discount")), maximum=1),
    items=ListOf(NEW_ITEM, required=True, maximum=20),
    metadata=METADATA,
    off_session=Boolean(),
    payment_behavior=BEHAVIOUR,
    proration_behavior=PRORATION,
    trial_end=NowOrTimestamp(),
    trial_period_days=Integer(minimum=1, maximum=730),
    trial_settings=TRIAL_SETTINGS,
    **unmodelled(
        _ELSEWHERE
        + " backdate_start_date billing_cycle_anchor billing_cycle_anchor_config billing_mode cancel_at"
        + " customer_account"
    ),
)
UPDATE = shape(
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
    billing_cycle_anchor=Anchor(),
    discounts=ListOf(shape(coupon=Text(), discount=Text(), promotion_code=Text()), maximum=1, clearable=True),
    proration_date=timestamp(),
    trial_end=NowOrTimestamp(),
    **unmodelled(_ELSEWHERE + " pause_collection"),
)


@resource.create(CREATE)
def create(call: Call) -> Object:
    """Create a subscription and charge its first invoice, unless `payment_behavior` says otherwise."""
    sandbox, params = call.sandbox, call.params
    customer = sandbox.require("customer", params["customer"], param="customer")
    method = None
    if params.get("default_payment_method") is not None:
        method = payment_methods.resolve(
            sandbox, params["default_payment_method"], param="default_payment_method"
        )
        payment_methods.attach(sandbox, method, customer["id"])
    items = [
        plan_changes.priced(sandbox, item, f"items[{index}]") for index, item in enumerate(params["items"])
    ]
    with sandbox.clock.at(sandbox.time_of(customer["test_clock"])):
        requested = SubscriptionRequest(
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
        subscription = subscriptions.start(sandbox, requested, pay=not waits)
        if params.get("payment_behavior") == "error_if_incomplete":
            subscriptions.require_paid(sandbox, subscription)
        return subscription


@operations.get(
    resource.url,
    listed(
        created=TimeRange(),
        customer=Text(),
        price=Text(),
        status=choice("all", "ended", *subscription_reads.LIVE, "canceled", "incomplete_expired"),
        test_clock=Text(),
        **unmodelled(
            "automatic_tax collection_method current_period_end current_period_start customer_account plan"
        ),
    ),
)
def list_all(call: Call) -> Object:
    """List subscriptions; without a status, those that are not canceled."""
    where = filters(call, "customer", "test_clock")
    status = call.params.get("status")
    if status in (None, "ended"):
        where["status"] = subscription_reads.LIVE if status is None else ("canceled", "incomplete_expired")
    elif status != "all":
        where["status"] = status
    return page(call, "subscription", resource.url, where=where)


resource.add_retrieve()


@resource.post(params=UPDATE)
def update(call: Call, subscription: Object) -> Object:
    """Change a subscription: items, card, discounts, trial, or cancellation at period end."""
    sandbox, params = call.sandbox, call.params
    subscription_reads.require_live(subscription)
    with sandbox.clock.at(sandbox.time_of(subscription["test_clock"])):
        changes = _plain_changes(call, subscription)
        how = plan_changes.billing_options(params, sandbox.clock.now())
        if not params.get("items") and not how.restart and how.trial_end is None:
            return sandbox.events.changed(subscription, "customer.subscription.updated", **changes)
        new = plan_changes.items_after(sandbox, subscription, params.get("items") or [])
        return plan_changes.apply(sandbox, subscription, new, how, changes)


@resource.delete("/discount")
def delete_discount(call: Call, subscription: Object) -> Object:
    """Remove the subscription's discount: `customer.discount.deleted`."""
    discount = standing_discounts.remove(call.sandbox, subscription)
    if discount is None:
        raise InvalidRequest(
            f"No active discount for subscription: {call.id}", code="resource_missing", status=404
        )
    call.sandbox.store.update(subscription)
    return standing_discounts.deleted(discount)


@resource.delete(
    params=shape(cancellation_details=CANCELLATION, invoice_now=Boolean(), prorate=Boolean()), expands=True
)
def cancel(call: Call, subscription: Object) -> Object:
    """Cancel immediately. `prorate` credits the unused time, `invoice_now` bills pending lines."""
    sandbox, params = call.sandbox, call.params
    if params.get("cancellation_details"):
        subscription["cancellation_details"] |= params["cancellation_details"]
    with sandbox.clock.at(sandbox.time_of(subscription["test_clock"])):
        ended = subscriptions.end(sandbox, subscription)
        if params.get("prorate"):
            old = subscription_reads.items(ended)
            ended["_"]["pending_lines"] += proration.lines(sandbox, ended, old, [])
        if params.get("invoice_now") and ended["_"]["pending_lines"]:
            lines, ended["_"]["pending_lines"] = ended["_"]["pending_lines"], []
            plan_changes.bill_now(sandbox, ended, lines, new_period=False)
        return sandbox.store.update(ended)


@resource.post(
    "/resume",
    shape(
        billing_cycle_anchor=Anchor(),
        proration_behavior=PRORATION,
        **unmodelled("payment_behavior proration_date"),
    ),
)
def resume(call: Call, subscription: Object) -> Object:
    """Resume a paused subscription: a new period starts and is invoiced."""
    sandbox = call.sandbox
    if subscription["status"] != "paused":
        raise InvalidRequest("Only a paused subscription can be resumed.", param="id")
    with sandbox.clock.at(sandbox.time_of(subscription["test_clock"])):
        proration.restart(sandbox, subscription)
        invoice = plan_changes.bill_now(sandbox, subscription, [], new_period=True)
        if invoice["status"] == "paid":
            renewed = subscription_reads.period(subscription)[1]
            sandbox.store.schedule(
                "subscription.renew", subscription["id"], renewed, subscription["test_clock"]
            )
            changes: Object = {"status": "active", "status_details": None}
            sandbox.events.changed(subscription, "customer.subscription.updated", **changes)
            sandbox.events.emit("customer.subscription.resumed", subscription)
        return sandbox.store.update(subscription)


def _missing(params: dict[str, Any]) -> str:
    settings = (params.get("trial_settings") or {}).get("end_behavior") or {}
    return settings.get("missing_payment_method") or "create_invoice"


def _discount(call: Call) -> standing_discounts.Chosen | None:
    given = call.params.get("discounts")
    return standing_discounts.chosen(call.sandbox, given[0], "discounts[0]") if given else None


def _changed_discounts(call: Call, subscription: Object) -> list[str]:
    """The discounts after an update; an entry with `discount` keeps an existing one."""
    given = call.params["discounts"] or []
    kept = [one["discount"] for one in given if one.get("discount") is not None]
    unknown = [id_ for id_ in kept if id_ not in subscription["discounts"]]
    if unknown:
        raise InvalidRequest(
            f"No such discount: '{unknown[0]}'", param="discounts[0][discount]", code="resource_missing"
        )
    copy = {**subscription}
    if not kept:
        standing_discounts.remove(call.sandbox, copy)
    new = [one for one in given if one.get("discount") is None]
    if new:
        chosen = standing_discounts.chosen(call.sandbox, new[0], "discounts[0]")
        standing_discounts.add(call.sandbox, copy, chosen)
    return list(copy["discounts"])


def _plain_changes(call: Call, subscription: Object) -> Object:
    """The changes other than the items."""
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
    if "discounts" in params:
        changes["discounts"] = _changed_discounts(call, subscription)
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
