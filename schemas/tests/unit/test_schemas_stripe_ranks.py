"""What comes first inside one second of Stripe's clock."""

from itertools import pairwise

import pytest

from schemas.stripe import rank

LIVES = {
    "a refund": [
        ("refund.created", "refund", "pending"),
        ("refund.updated", "refund", "pending"),
        ("refund.updated", "refund", "requires_action"),
        ("charge.refund.updated", "refund", "succeeded"),
        ("refund.updated", "refund", "canceled"),
        ("refund.failed", "refund", "failed"),
    ],
    "a payment": [
        ("payment_intent.created", "payment_intent", "requires_payment_method"),
        ("payment_intent.requires_action", "payment_intent", "requires_action"),
        ("payment_intent.processing", "payment_intent", "processing"),
        ("payment_intent.payment_failed", "payment_intent", "requires_payment_method"),
        ("payment_intent.succeeded", "payment_intent", "succeeded"),
        ("payment_intent.canceled", "payment_intent", "canceled"),
    ],
    "a session": [
        ("checkout.session.completed", "checkout.session", "complete"),
        ("checkout.session.async_payment_succeeded", "checkout.session", "complete"),
        ("checkout.session.expired", "checkout.session", "expired"),
    ],
    "a dispute": [
        ("charge.dispute.created", "dispute", "warning_needs_response"),
        ("charge.dispute.updated", "dispute", "needs_response"),
        ("charge.dispute.funds_withdrawn", "dispute", "needs_response"),
        ("charge.dispute.updated", "dispute", "under_review"),
        ("charge.dispute.closed", "dispute", "won"),
        ("charge.dispute.funds_reinstated", "dispute", "won"),
        ("charge.dispute.closed", "dispute", "lost"),
    ],
    "a subscription": [
        ("customer.subscription.created", "subscription", "incomplete"),
        ("customer.subscription.updated", "subscription", "active"),
        ("customer.subscription.updated", "subscription", "past_due"),
        ("customer.subscription.deleted", "subscription", "canceled"),
    ],
    "an invoice": [
        ("invoice.created", "invoice", "draft"),
        ("invoice.finalized", "invoice", "open"),
        ("invoice.payment_failed", "invoice", "open"),
        ("invoice.payment_action_required", "invoice", "open"),
        ("invoice.marked_uncollectible", "invoice", "uncollectible"),
        ("invoice.paid", "invoice", "paid"),
        ("invoice.payment_succeeded", "invoice", "paid"),
    ],
    "a charge": [
        ("charge.pending", "charge", "pending"),
        ("charge.failed", "charge", "failed"),
        ("charge.succeeded", "charge", "succeeded"),
        ("charge.refunded", "charge", "succeeded"),
    ],
    "a purchase and its end": [
        ("customer.created", "customer", None),
        ("payment_intent.succeeded", "payment_intent", "succeeded"),
        ("charge.succeeded", "charge", "succeeded"),
        ("checkout.session.completed", "checkout.session", "complete"),
        ("radar.early_fraud_warning.created", "radar.early_fraud_warning", None),
        ("refund.created", "refund", "succeeded"),
        ("charge.dispute.created", "dispute", "needs_response"),
    ],
}


@pytest.mark.parametrize("life", LIVES)
def test_a_life_has_one_order(life: str) -> None:
    ranks = [rank(*event) for event in LIVES[life]]
    assert all(earlier < later for earlier, later in pairwise(ranks)), ranks


def test_an_unknown_kind_has_no_rank_and_an_unknown_action_stands_inside_its_kind() -> None:
    assert rank("balance.available", "balance", None) == 0
    created, new, other = (
        rank("payment_intent.created", "payment_intent", None),
        rank("payment_intent.brand_new", "payment_intent", None),
        rank("charge.pending", "charge", None),
    )
    assert created < new < other


@pytest.mark.parametrize("life", [life for life in LIVES if life != "a purchase and its end"])
def test_what_was_read_again_is_newer_than_every_event_of_the_second(life: str) -> None:
    event_type, kind, _ = LIVES[life][0]
    reread = rank(event_type.rpartition(".")[0] + ".reread", kind, None)
    assert reread > max(rank(*event) for event in LIVES[life])
