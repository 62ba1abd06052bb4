"""What a dispute does to the payment that it is about."""

from enum import IntEnum

_NO_EFFECT = frozenset({"won", "prevented", "charge_refunded"})
"""The dispute ended without a chargeback. Older API versions report an inquiry that a refund settled as
`charge_refunded`; the refund has its own events."""

ENDED_DISPUTES = _NO_EFFECT | {"lost", "warning_closed"}
"""The statuses after which Stripe reports nothing more of a dispute, unless an appeal is made."""


class DisputeEffect(IntEnum):
    """The effect of a dispute, from the lightest to the gravest: `max` gives the effect of several."""

    NONE = 0
    """It ended in the seller's favor, or without a chargeback."""
    INQUIRY_CLOSED = 1
    """The bank asked, and no chargeback followed."""
    INQUIRY = 2
    """The bank asks; no money has moved."""
    OPEN = 3
    """The money is withdrawn until the dispute is decided."""
    LOST = 4
    """The money is withdrawn permanently."""

    @property
    def harmless(self) -> bool:
        """Whether the money is still with the seller."""
        return self <= DisputeEffect.INQUIRY


def dispute_effect(status: str | None) -> DisputeEffect:
    """Return the effect of a dispute in this status of Stripe's.

    An unknown or absent status counts as open: the money may be withdrawn until Stripe reports otherwise.
    """
    if status is None:
        return DisputeEffect.OPEN
    if status == "lost":
        return DisputeEffect.LOST
    if status in _NO_EFFECT:
        return DisputeEffect.NONE
    if status == "warning_closed":
        return DisputeEffect.INQUIRY_CLOSED
    return DisputeEffect.INQUIRY if status.startswith("warning_") else DisputeEffect.OPEN
