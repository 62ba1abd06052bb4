"""What a dispute does to its payment."""

import pytest

from schemas.rules import DisputeEffect, dispute_effect
from schemas.stripe.ranks import _STATUSES

EFFECTS = {
    "warning_needs_response": DisputeEffect.INQUIRY,
    "warning_under_review": DisputeEffect.INQUIRY,
    "warning_closed": DisputeEffect.INQUIRY_CLOSED,
    "needs_response": DisputeEffect.OPEN,
    "under_review": DisputeEffect.OPEN,
    "appeal_needs_response": DisputeEffect.OPEN,
    "appeal_under_review": DisputeEffect.OPEN,
    "prevented": DisputeEffect.NONE,
    "charge_refunded": DisputeEffect.NONE,
    "won": DisputeEffect.NONE,
    "lost": DisputeEffect.LOST,
    # Stripe may add statuses. An unknown warning is still an inquiry; anything else may have taken the money.
    "warning_escalated": DisputeEffect.INQUIRY,
    "in_arbitration": DisputeEffect.OPEN,
    "": DisputeEffect.OPEN,
    None: DisputeEffect.OPEN,
}


@pytest.mark.parametrize(("status", "effect"), EFFECTS.items())
def test_each_status_has_its_effect(status: str | None, effect: DisputeEffect) -> None:
    assert dispute_effect(status) is effect


def test_every_status_that_has_a_rank_is_in_the_table() -> None:
    assert set(_STATUSES["dispute"]) <= set(EFFECTS)


def test_only_inquiries_and_disputes_that_ended_well_are_harmless() -> None:
    harmless = {effect for effect in DisputeEffect if effect.harmless}
    assert harmless == {DisputeEffect.NONE, DisputeEffect.INQUIRY_CLOSED, DisputeEffect.INQUIRY}


def test_the_gravest_of_several_disputes_decides() -> None:
    mixed = ["under_review", "warning_closed", "lost", "won", "warning_needs_response"]
    from_light_to_grave = ["won", "warning_closed", "warning_needs_response", "under_review", "lost"]
    assert sorted(mixed, key=dispute_effect) == from_light_to_grave
    assert max(["lost", "won", "needs_response"], key=dispute_effect) == "lost"
