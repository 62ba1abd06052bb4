"""Disputes: the cardholder's bank withdraws the money, and returns it if the dispute is won."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object, public
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import balance_sheet as balance

#: The fee of a dispute in minor units, and the number of days to respond.
FEE = 1500
ANSWER_DAYS = 9
OPEN = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")
EVIDENCE = """access_activity_log billing_address cancellation_policy
    cancellation_policy_disclosure cancellation_rebuttal customer_communication
    customer_email_address customer_name customer_purchase_ip customer_signature
    duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id
    product_description receipt refund_policy refund_policy_disclosure
    refund_refusal_explanation service_date service_documentation shipping_address
    shipping_carrier shipping_date shipping_documentation shipping_tracking_number
    uncategorized_file uncategorized_text""".split()  # noqa: SIM905
REASONS = """bank_cannot_process check_returned credit_not_processed customer_initiated
    debit_not_authorized duplicate fraudulent general incorrect_account_details
    insufficient_funds product_not_received product_unacceptable subscription_canceled
    unrecognized""".split()  # noqa: SIM905


def open_(
    sandbox: Sandbox, charge: Object, reason: str, *, inquiry: bool = False, amount: int | None = None
) -> Object:
    """Open a dispute: `charge.dispute.created` and, unless it is only an inquiry,
    `charge.dispute.funds_withdrawn`. `amount` is in minor units; None: what was not refunded.
    """
    if charge["status"] != "succeeded" or charge["disputed"]:
        raise InvalidRequest(f"Charge {charge['id']} has not succeeded, or is already disputed.", param="id")
    left = charge["amount"] - charge["amount_refunded"]
    if amount is not None and not 0 < amount <= left:
        raise InvalidRequest(f"amount must be between 1 and {left}, what was not refunded.", param="amount")
    dispute = sandbox.new(
        "du",
        "dispute",
        amount=left if amount is None else amount,
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence={**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        evidence_details={
            "due_by": sandbox.clock.now() + ANSWER_DAYS * 24 * 3600,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        intended_submission_method=None,
        is_charge_refundable=inquiry,
        network_reason_code="10.4",
        payment_intent=charge["payment_intent"],
        payment_method_details={
            "card": {
                "brand": charge["payment_method_details"].get("card", {}).get("brand", "visa"),
                "case_type": "inquiry" if inquiry else "chargeback",
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        reason=reason,
        status="warning_needs_response" if inquiry else "needs_response",
    )
    sandbox.store.insert(dispute)
    charge["disputed"] = True
    sandbox.store.update(charge)
    sandbox.events.emit("charge.dispute.created", dispute)
    if not inquiry:
        _move(sandbox, dispute, -dispute["amount"], FEE, "dispute")
        sandbox.events.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def answer(
    sandbox: Sandbox, dispute: Object, changes: dict[str, Any], evidence: dict[str, Any], *, submit: bool
) -> Object:
    """Add evidence. Once submitted, the dispute is under review; the evidence `winning_evidence` or
    `losing_evidence` decides it.
    """
    _require_open(dispute)
    details = dispute["evidence_details"]
    new_details = {**details, "has_evidence": details["has_evidence"] or bool(evidence)}
    status = dispute["status"]
    if submit and evidence:
        new_details["submission_count"] += 1
        status = "warning_under_review" if status.startswith("warning") else "under_review"
    dispute = sandbox.events.changed(
        dispute,
        "charge.dispute.updated",
        evidence={**dispute["evidence"], **evidence},
        evidence_details=new_details,
        status=status,
        **changes,
    )
    # https://docs.stripe.com/testing#disputes: the evidence text that decides a dispute in test mode.
    said = dispute["evidence"]["uncategorized_text"]
    if submit and said in ("winning_evidence", "losing_evidence"):
        return close(sandbox, dispute, won=said == "winning_evidence")
    return dispute


def close(sandbox: Sandbox, dispute: Object, *, won: bool) -> Object:
    """Close a dispute, `charge.dispute.closed`: won (after the money is returned) or lost; an inquiry is only
    closed.
    """
    _require_open(dispute)
    charge = sandbox.require("charge", dispute["charge"])
    if dispute["status"].startswith("warning"):
        status = "warning_closed"
    elif won:
        status = "won"
        _move(sandbox, dispute, dispute["amount"], -FEE, "dispute_reversal")
    else:
        status = "lost"
    previous = {"status": dispute["status"]}
    dispute["status"] = status
    sandbox.store.update(dispute)
    if status != "lost":
        charge["disputed"] = status == "won"
        sandbox.store.update(charge)
    if status == "won":
        sandbox.events.emit("charge.dispute.funds_reinstated", dispute)
    sandbox.events.emit("charge.dispute.closed", dispute, previous)
    return dispute


def create_fraud_warning(sandbox: Sandbox, charge: Object) -> Object:
    """`radar.early_fraud_warning.created`: the bank suspects fraud; no money moves."""
    warning = sandbox.new(
        "issfr",
        "radar.early_fraud_warning",
        actionable=not charge["refunded"] and not charge["disputed"],
        charge=charge["id"],
        fraud_type="made_with_stolen_card",
        payment_intent=charge["payment_intent"],
    )
    del warning["metadata"]
    sandbox.store.insert(warning)
    sandbox.events.emit("radar.early_fraud_warning.created", warning)
    return warning


def _move(sandbox: Sandbox, dispute: Object, amount: int, fee: int, category: str) -> None:
    moved = balance.record(sandbox, "adjustment", dispute, amount, fee=fee, category=category)
    dispute["balance_transactions"].append(public(moved))
    sandbox.store.update(dispute)


def _require_open(dispute: Object) -> None:
    if dispute["status"] not in OPEN:
        raise InvalidRequest(f"This dispute is {dispute['status']} and can no longer be changed.", param="id")
