"""The lists of the dashboard: which objects, which columns, which filters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Literal

from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object

Look = Literal["text", "code", "money", "moment", "status", "object"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A value and its format: `money` is (amount, currency), `object` an id that links to its page."""

    look: Look
    value: Any


@dataclass(frozen=True, slots=True)
class Section:
    """A list: its title, kind of objects, columns and filters. Each row ends with a moment and the id.

    A filter with values is a choice; without values it is a text field.
    """

    title: str
    kind: str
    columns: tuple[str, ...]
    cells: Callable[[Sandbox, Object], tuple[Cell, ...]]
    filters: dict[str, tuple[str, ...]]
    none: str
    moment: tuple[str, Callable[[Object], int]] = ("Created", itemgetter("created"))

    @property
    def name(self) -> str:
        """The last segment of the list's address."""
        return self.title.lower()

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of all columns."""
        return (*self.columns, self.moment[0], "")

    def row(self, sandbox: Sandbox, obj: Object) -> tuple[Cell, ...]:
        """The row of an object."""
        moment = Cell("moment", self.moment[1](obj))
        return (*self.cells(sandbox, obj), moment, reference(obj["id"]))


def money(obj: Object, field: str = "amount") -> Cell:
    """An amount of the object in its currency."""
    amount = obj.get(field)
    return Cell("text", "–") if amount is None else Cell("money", (amount, obj["currency"]))


def reference(id_: str | None) -> Cell:
    """An id that links to its object, if it is set."""
    return Cell("text", "–") if not id_ else Cell("object", id_)


def _text(value: Any) -> Cell:
    return Cell("text", "–" if value in (None, "") else value)


def _words(code: str | None) -> Cell:
    return _text((code or "").replace("_", " "))


def _status(value: str) -> Cell:
    return Cell("status", value)


def _card(sandbox: Sandbox, id_: str | None) -> Cell:
    method = sandbox.store.get(id_ or "", "payment_method")
    if method is None:
        return _text(None)
    kept = method.get("card") or method.get("sepa_debit") or {}
    return _text(f"{kept.get('brand', 'IBAN')}\N{NO-BREAK SPACE}••••\N{NO-BREAK SPACE}{kept.get('last4')}")


def _who(sandbox: Sandbox, id_: str | None) -> Cell:
    customer = sandbox.store.get(id_ or "", "customer")
    return _text(None if customer is None else customer["email"] or customer["name"] or customer["id"])


def _payment(sandbox: Sandbox, intent: Object) -> tuple[Cell, ...]:
    error = intent["last_payment_error"]
    method = intent["payment_method"] or ((error or {}).get("payment_method") or {}).get("id")
    return (
        money(intent),
        _status(intent["status"]),
        _card(sandbox, method),
        _who(sandbox, intent["customer"]),
        _text(error["message"] if error else intent["description"]),
    )


def _session(_: Sandbox, session: Object) -> tuple[Cell, ...]:
    return (
        money(session, "amount_total"),
        _status(session["status"]),
        _text(session["payment_status"]),
        _text(session["mode"]),
        _text((session["customer_details"] or {}).get("email")),
        _text(session["client_reference_id"]),
    )


def _subscription(sandbox: Sandbox, subscription: Object) -> tuple[Cell, ...]:
    first = subscription["items"]["data"][0]
    product = sandbox.store.get(first["price"]["product"], "product")
    return (
        _text(product["name"] if product is not None else first["price"]["id"]),
        money({"amount": first["price"]["unit_amount"], "currency": subscription["currency"]}),
        _status(subscription["status"]),
        _who(sandbox, subscription["customer"]),
        _text("ends" if subscription["cancel_at"] else "renews"),
    )


def _ends(subscription: Object) -> int:
    end: int = subscription["cancel_at"] or subscription["items"]["data"][0]["current_period_end"]
    return end


def _customer(_: Sandbox, customer: Object) -> tuple[Cell, ...]:
    return (
        _text(customer["email"]),
        _text(customer["name"]),
        _text(customer["description"]),
    )


def _invoice(sandbox: Sandbox, invoice: Object) -> tuple[Cell, ...]:
    return (
        _text(invoice["number"] or "draft"),
        money(invoice, "total"),
        _status(invoice["status"]),
        _who(sandbox, invoice["customer"]),
        _words(invoice["billing_reason"]),
    )


def _refund(_: Sandbox, refund: Object) -> tuple[Cell, ...]:
    return (
        money(refund),
        _status(refund["status"]),
        _words(refund.get("failure_reason") or refund["reason"]),
        reference(refund["payment_intent"]),
    )


def _dispute(_: Sandbox, dispute: Object) -> tuple[Cell, ...]:
    return (
        money(dispute),
        _status(dispute["status"]),
        _words(dispute["reason"]),
        Cell("moment", dispute["evidence_details"]["due_by"]),
        reference(dispute["payment_intent"]),
    )


def _event(_: Sandbox, event: Object) -> tuple[Cell, ...]:
    pending = event["pending_webhooks"]
    return (
        Cell("code", event["type"]),
        reference(event["data"]["object"].get("id")),
        _text(f"{pending or 'none'} pending"),
    )


_INTENT = ("succeeded", "processing", "requires_action", "requires_payment_method", "requires_confirmation")
_SUBSCRIPTION = ("active", "trialing", "past_due", "unpaid", "incomplete", "paused", "canceled")
SECTIONS = (
    Section(
        "Payments",
        "payment_intent",
        ("Amount", "Status", "Paid with", "Customer", "Description or error"),
        _payment,
        {"status": (*_INTENT, "canceled"), "customer": ()},
        "No payments yet. Create a Checkout Session or a payment intent with the API.",
    ),
    Section(
        "Checkout",
        "checkout.session",
        ("Total", "Status", "Payment", "Mode", "Buyer", "Reference"),
        _session,
        {"status": ("open", "complete", "expired"), "client_reference_id": (), "customer": ()},
        "No Checkout Sessions yet. Create one with POST /v1/checkout/sessions.",
    ),
    Section(
        "Subscriptions",
        "subscription",
        ("Product", "Price", "Status", "Customer", ""),
        _subscription,
        {"status": (*_SUBSCRIPTION, "incomplete_expired"), "customer": ()},
        "No subscriptions yet.",
        ("On", _ends),
    ),
    Section(
        "Customers",
        "customer",
        ("Email", "Name", "Description"),
        _customer,
        {"email": ()},
        "No customers yet.",
    ),
    Section(
        "Invoices",
        "invoice",
        ("Number", "Total", "Status", "Customer", "Why"),
        _invoice,
        {"status": ("draft", "open", "paid", "void", "uncollectible"), "customer": ()},
        "No invoices yet.",
    ),
    Section(
        "Refunds",
        "refund",
        ("Amount", "Status", "Reason", "Payment"),
        _refund,
        {"status": ("pending", "succeeded", "failed", "canceled", "requires_action")},
        "No refunds yet. Create one on a payment's page.",
    ),
    Section(
        "Disputes",
        "dispute",
        ("Amount", "Status", "Reason", "Respond by", "Payment"),
        _dispute,
        {
            "status": (
                "needs_response",
                "under_review",
                "won",
                "lost",
                "warning_needs_response",
                "warning_under_review",
                "warning_closed",
            )
        },
        "No disputes. Open one on a payment's page.",
    ),
    Section(
        "Events",
        "event",
        ("Type", "Object", "Webhooks"),
        _event,
        {"type": ()},
        "No events yet.",
    ),
)
BY_NAME = {section.name: section for section in SECTIONS}
