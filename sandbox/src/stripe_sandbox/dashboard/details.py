"""An object's page: related objects and history."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from stripe_sandbox.control.deliveries import Deliveries, Delivery
from stripe_sandbox.core.store import Object, Store, public
from stripe_sandbox.pages.rendering import Piece, pieces

#: How many related objects of each kind are shown.
FEW = 20
_ID = re.compile(
    r"\b(?:cs_test|acct|bpc|bps|ch|clock|cus|di|du|evt|ii|inpay|in|issfr|pi|pm|price|prod|promo|re|seti|si|sub"
    r"|txn|we)_[A-Za-z0-9]{8,}\b"
)


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An event in the history of an object, with its deliveries."""

    event: Object
    deliveries: list[Delivery]


def related(store: Store, obj: Object) -> list[tuple[str, list[Object]]]:
    """Related objects by their relation; without empty relations."""
    kind = obj["object"]
    found: list[tuple[str, list[Object]]] = []
    for field, title in _NAMED.items():
        other = store.get(obj[field]) if isinstance(obj.get(field), str) else None
        if other is not None:
            found.append((title, [other]))
    for other_kind, field, title in _NAMING.get(kind, ()):
        found.append((title, store.find(other_kind, {field: obj["id"]}, limit=FEW)))
    if kind == "subscription":
        invoices = store.find("invoice", {"customer": obj["customer"]}, limit=100)
        found.append(("Invoices", [one for one in invoices if one["_"]["subscription"] == obj["id"]][:FEW]))
    if kind == "invoice":
        parent = (obj["parent"] or {}).get("subscription_details") or {}
        ids = (parent.get("subscription"), obj["_"]["intent"])
        found += [
            (title, [one for one in [store.get(id_ or "")] if one is not None])
            for title, id_ in zip(("Subscription", "Payment"), ids, strict=True)
        ]
    seen: set[str] = {obj["id"]}
    result = []
    for title, others in found:
        fresh = [one for one in others if one["id"] not in seen]
        seen |= {one["id"] for one in fresh}
        if fresh:
            result.append((title, fresh))
    return result


_NAMED = {
    "customer": "Customer",
    "payment_intent": "Payment",
    "setup_intent": "Setup",
    "latest_charge": "Charge",
    "charge": "Charge",
    "payment_method": "Paid with",
    "default_payment_method": "Pays with",
    "subscription": "Subscription",
    "invoice": "Invoice",
    "latest_invoice": "Latest invoice",
    "product": "Product",
    "balance_transaction": "Balance transaction",
    "test_clock": "Test clock",
    "recovered_from": "Recovered from",
}
_NAMING: dict[str, tuple[tuple[str, str, str], ...]] = {
    "payment_intent": (
        ("checkout.session", "payment_intent", "Checkout Session"),
        ("charge", "payment_intent", "Charges"),
        ("refund", "payment_intent", "Refunds"),
        ("dispute", "payment_intent", "Disputes"),
    ),
    "charge": (
        ("refund", "charge", "Refunds"),
        ("dispute", "charge", "Disputes"),
        ("balance_transaction", "source", "Balance transactions"),
    ),
    "customer": (
        ("subscription", "customer", "Subscriptions"),
        ("payment_intent", "customer", "Payments"),
        ("invoice", "customer", "Invoices"),
        ("payment_method", "customer", "Payment methods"),
        ("checkout.session", "customer", "Checkout Sessions"),
    ),
    "subscription": (("checkout.session", "subscription", "Checkout Session"),),
    "invoice": (("invoice_payment", "invoice", "Invoice payments"),),
    "product": (("price", "product", "Prices"),),
    "refund": (("balance_transaction", "source", "Balance transactions"),),
    "dispute": (("balance_transaction", "source", "Balance transactions"),),
}


def timeline(
    store: Store, deliveries: Deliveries, obj: Object, others: list[tuple[str, list[Object]]]
) -> list[TimelineEntry]:
    """The events of an object and of objects that belong only to it, newest first."""
    own = {"Charges", "Charge", "Refunds", "Disputes", "Checkout Session", "Invoices", "Latest invoice"}
    ids = [obj["id"], *(one["id"] for title, found in others if title in own for one in found)]
    events = store.find_any("event", "data.object.id", ids, limit=50)
    return [TimelineEntry(event, deliveries.page(event=event["id"], limit=FEW)) for event in events]


def linked_json(obj: Any) -> list[Piece]:
    """The object's JSON in pieces: (text, None), or (id, id) for a possible link to another object."""
    text = json.dumps(public(obj) if isinstance(obj, dict) else obj, indent=2, ensure_ascii=False)
    return pieces(text, _ID, lambda match: (match[0], match[0]))
