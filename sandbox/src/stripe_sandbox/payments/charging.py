"""Charges: attempts to collect money from a card or bank account."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.core import money
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.payments import balance_sheet as balance
from stripe_sandbox.payments.cards import Decline, TestCard
from stripe_sandbox.payments.methods import debit_details, test_card_of


def attempt(sandbox: Sandbox, intent: Object, method: Object, *, authenticated: bool) -> Object:
    """Charge the intent's amount: `charge.succeeded`, `charge.failed` or (a bank debit) `charge.pending`.

    With `capture_method` manual the amount is only authorized: the charge succeeds with `captured` false.
    """
    card = test_card_of(method)
    charge = _charge(sandbox, intent, method, card, authenticated=authenticated)
    if card.delayed is not None:
        charge |= {"status": "pending", "paid": False, "failure_code": None, "failure_message": None}
        charge |= {"captured": True, "amount_captured": charge["amount"], "outcome": _outcome(None)}
        sandbox.store.insert(charge)
        sandbox.events.emit("charge.pending", charge)
        return charge
    sandbox.store.insert(charge)
    return _conclude(sandbox, charge, succeeded=card.decline is None)


def settle(sandbox: Sandbox, charge: Object, method: Object, *, succeeded: bool) -> Object:
    """A bank debit has succeeded or failed: `charge.succeeded` or `charge.failed`."""
    if not succeeded:
        decline = test_card_of(method).decline
        charge |= {
            "failure_code": decline.code if decline else "generic_decline",
            "failure_message": decline.message if decline else "The bank refused the debit.",
            "captured": False,
            "amount_captured": 0,
        }
    return _conclude(sandbox, charge, succeeded=succeeded)


def _conclude(sandbox: Sandbox, charge: Object, *, succeeded: bool) -> Object:
    charge["status"] = "succeeded" if succeeded else "failed"
    charge["paid"] = succeeded
    if succeeded and charge["captured"]:
        _book(sandbox, charge)
    sandbox.store.update(charge)
    sandbox.events.emit(f"charge.{charge['status']}", charge)
    return charge


def capture(sandbox: Sandbox, charge: Object, amount: int) -> Object:
    """Capture this many minor units of an authorized amount: `charge.captured`. The rest is released."""
    charge.update(captured=True, amount_captured=amount)
    _book(sandbox, charge)
    sandbox.store.update(charge)
    sandbox.events.emit("charge.captured", charge, {"captured": False, "amount_captured": 0})
    return charge


def release(sandbox: Sandbox, charge: Object, event: str) -> Object:
    """Release an authorized amount: `charge.refunded` if it is canceled, `charge.expired` if it expires."""
    previous = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge.update(amount_refunded=charge["amount"], refunded=True)
    sandbox.store.update(charge)
    sandbox.events.emit(event, charge, previous)
    return charge


def _book(sandbox: Sandbox, charge: Object) -> None:
    amount = charge["amount_captured"]
    fee = money.fee(amount, charge["currency"])
    method = sandbox.store.get(charge["payment_method"], "payment_method")
    moved = balance.record(
        sandbox,
        "charge",
        charge,
        amount,
        fee=fee,
        description=charge["description"],
        at_once=method is not None and test_card_of(method).available_at_once,
    )
    charge["balance_transaction"] = moved["id"]


def _charge(
    sandbox: Sandbox, intent: Object, method: Object, card: TestCard, *, authenticated: bool
) -> Object:
    decline = card.decline
    captured = decline is None and intent["capture_method"] != "manual"
    return sandbox.new(
        "ch",
        "charge",
        null="""
            application application_fee application_fee_amount balance_transaction
            failure_balance_transaction on_behalf_of receipt_number review
            source_transfer statement_descriptor statement_descriptor_suffix
            transfer_data
        """,
        amount=intent["amount"],
        amount_captured=intent["amount"] if captured else 0,
        amount_refunded=0,
        billing_details=method["billing_details"],
        calculated_statement_descriptor="STRIPE SANDBOX",
        captured=captured,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        disputed=False,
        failure_code=decline.code if decline else None,
        failure_message=decline.message if decline else None,
        fraud_details={},
        metadata=dict(intent["metadata"]),
        outcome=_outcome(card.decline),
        paid=decline is None,
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details=_details(intent, method, card, authenticated=authenticated),
        radar_options={},
        receipt_email=intent["receipt_email"],
        receipt_url=None if decline else f"{sandbox.settings.base_url}/receipts/{intent['id']}",
        refunded=False,
        shipping=intent["shipping"],
        status="failed" if decline else "succeeded",
        transfer_group=intent["transfer_group"],
    )


def _outcome(decline: Decline | None) -> dict[str, Any]:
    if decline is None:
        return {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    return {
        "advice_code": "try_again_later" if decline.code == "processing_error" else None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network",
        "reason": decline.decline_code or decline.code,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }


def _details(intent: Object, method: Object, card: TestCard, *, authenticated: bool) -> dict[str, Any]:
    if card.delayed is not None:
        debit = debit_details(card) | {"mandate": None}
        return {"type": "sepa_debit", "sepa_debit": debit}
    kept = method["card"]
    secure: dict[str, Any] | None = None
    if authenticated:
        secure = {
            "authentication_flow": "challenge",
            "electronic_commerce_indicator": "05",
            "exemption_indicator": None,
            "result": "authenticated",
            "result_reason": None,
            "transaction_id": None,
            "version": "2.2.0",
        }
    return {
        "type": "card",
        "card": {
            "amount_authorized": None if card.decline else intent["amount"],
            "authorization_code": None,
            "brand": kept["brand"],
            "checks": kept["checks"],
            "country": kept["country"],
            "exp_month": kept["exp_month"],
            "exp_year": kept["exp_year"],
            "extended_authorization": {"status": "disabled"},
            "fingerprint": kept["fingerprint"],
            "funding": kept["funding"],
            "incremental_authorization": {"status": "unavailable"},
            "installments": None,
            "last4": kept["last4"],
            "mandate": None,
            "multicapture": {"status": "unavailable"},
            "network": kept["brand"],
            "network_token": {"used": False},
            "network_transaction_id": None,
            "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
            "regulated_status": kept["regulated_status"],
            "three_d_secure": secure,
            "wallet": None,
        },
    }
