"""Refunds: they succeed immediately, later, or fail."""

from __future__ import annotations

from typing import Literal, get_args

from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import balance_sheet as balance
from stripe_sandbox.payments import cards
from stripe_sandbox.payments.methods import test_card_of

REASONS = ("duplicate", "fraudulent", "requested_by_customer")
FailureReason = Literal[
    "charge_for_pending_refund_disputed",
    "declined",
    "expired_or_canceled_card",
    "insufficient_funds",
    "lost_or_stolen_card",
    "merchant_request",
    "unknown",
]
FAILURE_REASONS: tuple[str, ...] = get_args(FailureReason)
#: Seconds until a pending test refund settles or fails.
SETTLES_AFTER = 5


def create(
    sandbox: Sandbox, charge: Object, amount: int | None, *, reason: str | None = None, **fields: object
) -> Object:
    """Refund this many minor units of a charge (None: everything that is left).

    Emits refund.created, charge.refunded, refund.updated and charge.refund.updated. Raises InvalidRequest if
    the charge has less than that left.
    """
    left = charge["amount_captured"] - charge["amount_refunded"]
    _check(charge, amount, left)
    amount = left if amount is None else amount
    card = _card(sandbox, charge)
    pending = card is not None and card.refund == "later"
    refund = sandbox.new(
        "re",
        "refund",
        null="balance_transaction customer_account receipt_number source_transfer_reversal transfer_reversal",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        customer=charge["customer"],
        destination_details={
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        payment_intent=charge["payment_intent"],
        payment_method=charge["payment_method"],
        reason=reason,
        status="pending" if pending else "succeeded",
    )
    del refund["livemode"]
    refund.update(fields)
    if pending:
        refund["pending_reason"] = "processing"
    moved = balance.record(sandbox, "refund", refund, -amount, description="REFUND FOR CHARGE")
    refund["balance_transaction"] = moved["id"]
    sandbox.store.insert(refund)
    sandbox.events.emit("refund.created", refund)
    _refunded(sandbox, charge, amount, event="charge.refunded")
    if card is not None and card.refund != "instant":
        action = "refund.settle" if pending else "refund.fail"
        sandbox.store.schedule(action, refund["id"], sandbox.clock.now() + SETTLES_AFTER)
    if not pending:
        reference = {
            **refund["destination_details"]["card"],
            "reference": "5000000000000000",
            "reference_status": "available",
        }
        _announce(sandbox, refund, destination_details={"card": reference, "type": "card"})
    return refund


def settle(sandbox: Sandbox, refund: Object) -> Object:
    """A pending refund has succeeded."""
    _must_be(refund, ("pending", "requires_action"), "settle")
    refund.pop("pending_reason", None)
    _announce(sandbox, refund, status="succeeded")
    return refund


def fail(sandbox: Sandbox, refund: Object, reason: str = "expired_or_canceled_card") -> Object:
    """A refund has failed: refund.failed, and the charge counts as that much less refunded."""
    _must_be(refund, ("pending", "succeeded", "requires_action"), "fail")
    return _undo(sandbox, refund, "failed", failure_reason=reason)


def cancel(sandbox: Sandbox, refund: Object) -> Object:
    """Cancel a refund that is still pending."""
    _must_be(refund, ("pending", "requires_action"), "cancel")
    return _undo(sandbox, refund, "canceled")


def _undo(sandbox: Sandbox, refund: Object, status: str, **details: str) -> Object:
    moved = balance.record(sandbox, "refund_failure", refund, refund["amount"], description="REFUND FAILURE")
    refund.pop("pending_reason", None)
    charge = sandbox.require("charge", refund["charge"])
    _refunded(sandbox, charge, -refund["amount"], event=None)
    changes = {"status": status, "failure_balance_transaction": moved["id"], **details}
    previous = {"status": refund["status"]}
    refund.update(changes)
    sandbox.store.update(refund)
    if status == "failed":
        sandbox.events.emit("refund.failed", refund)
    sandbox.events.emit("refund.updated", refund, previous)
    sandbox.events.emit("charge.refund.updated", refund, previous)
    return refund


def _announce(sandbox: Sandbox, refund: Object, **changes: object) -> None:
    previous = {name: refund.get(name) for name in changes}
    refund.update(changes)
    sandbox.store.update(refund)
    sandbox.events.emit("refund.updated", refund, previous)
    sandbox.events.emit("charge.refund.updated", refund, previous)


def _refunded(sandbox: Sandbox, charge: Object, amount: int, *, event: str | None) -> None:
    """Count an amount as refunded (negative: no longer). `refunded` is true only if nothing is left."""
    previous = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] >= charge["amount_captured"]
    sandbox.store.update(charge)
    if event is not None:
        changed = {name: value for name, value in previous.items() if value != charge[name]}
        sandbox.events.emit(event, charge, changed)


def _check(charge: Object, amount: int | None, left: int) -> None:
    if charge["status"] != "succeeded":
        raise InvalidRequest(
            f"Charge {charge['id']} has not succeeded and cannot be refunded.", param="charge"
        )
    if not charge["captured"]:
        raise InvalidRequest(
            f"Charge {charge['id']} has not been captured. Cancel its PaymentIntent instead.", param="charge"
        )
    if charge["disputed"]:
        raise InvalidRequest(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    if left <= 0:
        raise InvalidRequest(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if amount is not None and amount > left:
        raise InvalidRequest(
            f"Refund amount ({amount} {charge['currency']}) is greater than unrefunded amount on charge "
            f"({left} {charge['currency']})",
            param="amount",
            code="amount_too_large",
        )


def _must_be(refund: Object, statuses: tuple[str, ...], verb: str) -> None:
    if refund["status"] not in statuses:
        raise InvalidRequest(
            f"Refund {refund['id']} is {refund['status']}; only one that is {' or '.join(statuses)} can "
            f"{verb}.",
        )


def _card(sandbox: Sandbox, charge: Object) -> cards.TestCard | None:
    method = sandbox.store.get(charge["payment_method"], "payment_method")
    return None if method is None else test_card_of(method)
