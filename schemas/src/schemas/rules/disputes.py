"""What a dispute does to the payment that it is about.

A dispute takes money like a refund of its amount: when it is withdrawn, until it is reinstated. Which lines
it covers is decided together with the refunds (`schemas.rules.coverage`). Amounts are in minor units.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import takewhile
from typing import Protocol, Self

from schemas.rules.refund_history import SECOND, Move, Refund

DISPUTE_EVENTS = frozenset(
    f"charge.dispute.{action}"
    for action in ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated", "reread")
)
"""The types of events about a dispute."""

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


@dataclass(frozen=True, slots=True)
class Booking:
    """What a dispute moved on the balance at Stripe, which may be in another currency than the payment.

    Services store it as JSON, so it may change only as `messaging.eventset.facts` describes.
    """

    booking_id: str
    at: int
    """In seconds since the epoch."""
    amount: int
    """Negative when it was withdrawn, positive when it was reinstated."""
    currency: str
    fee: int = 0
    """Stripe's fee for the dispute; negative when Stripe returned it."""


class DisputeTerms(Protocol):
    """What a service stores of a dispute: the fields of the same names in a `DisputeReport`."""

    @property
    def amount(self) -> int | None: ...
    @property
    def currency(self) -> str | None: ...
    @property
    def created(self) -> int | None: ...
    @property
    def bookings(self) -> tuple[Booking, ...]: ...


@dataclass(frozen=True, slots=True)
class DisputeReport:
    """A dispute as one event reports it."""

    dispute_id: str
    at: int
    """The event's time, in microseconds since the epoch."""
    status: str | None
    amount: int | None = None
    currency: str | None = None
    created: int | None = None
    """The dispute's own `created`, in seconds since the epoch; None if the event was stored without it."""
    bookings: tuple[Booking, ...] = ()

    @classmethod
    def of(cls, terms: DisputeTerms, *, dispute_id: str, at: int, status: str | None) -> Self:
        """Return the report of a dispute that a service stored."""
        return cls(dispute_id, at, status, terms.amount, terms.currency, terms.created, terms.bookings)

    @property
    def takes(self) -> bool:
        """Whether the money is withdrawn in this status."""
        return not dispute_effect(self.status).harmless


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute and its history. `amount` is None if no event reported it."""

    dispute_id: str
    created: int
    status: str | None
    amount: int | None
    currency: str | None
    moves: tuple[Move, ...] = ()
    """When money left (sign 1) and came back (sign -1); empty for an inquiry. The last one agrees with the
    status."""
    bookings: tuple[Booking, ...] = ()

    @property
    def effect(self) -> DisputeEffect:
        """What it does to its payment now."""
        return dispute_effect(self.status)

    def as_refund(self, currency: str, most: int) -> Refund:
        """Return the refund to which the dispute amounts, of a payment in this currency.

        A dispute in another currency, or of an unknown amount, counts as one over `most`.
        """
        amount = self.amount if (self.currency or currency).lower() == currency.lower() else None
        return Refund(
            refund_id=self.dispute_id,
            created=self.created,
            amount=most if amount is None else amount,
            currency=currency,
            moves=self.moves,
        )


def read_disputes(reports: Iterable[DisputeReport]) -> tuple[Dispute, ...]:
    """Return the disputes of one payment by creation and id, from their reports in chronological order."""
    found: dict[str, list[DisputeReport]] = defaultdict(list)
    for report in reports:
        found[report.dispute_id].append(report)
    return tuple(sorted(map(_dispute, found.values()), key=lambda each: (each.created, each.dispute_id)))


def _dispute(reports: Sequence[DisputeReport]) -> Dispute:
    last = reports[-1]
    by_id = {booking.booking_id: booking for report in reports for booking in report.bookings}
    bookings = sorted(by_id.values(), key=lambda booking: (booking.at, booking.booking_id))
    created = next((report.created for report in reports if report.created is not None), None)
    return Dispute(
        dispute_id=last.dispute_id,
        created=min(report.at for report in reports) // SECOND if created is None else created,
        status=last.status,
        amount=next((report.amount for report in reversed(reports) if report.amount is not None), None),
        currency=next((report.currency for report in reversed(reports) if report.currency), None),
        moves=_moves(reports, bookings),
        bookings=tuple(bookings),
    )


def _moves(reports: Sequence[DisputeReport], bookings: Sequence[Booking]) -> tuple[Move, ...]:
    """The moves that were booked; those that follow from the statuses if none was, or one is not booked
    yet."""
    moves: list[Move] = []
    for booking in bookings:
        if booking.amount:
            _move(moves, booking.amount < 0, booking.at * SECOND)
    if not moves:
        for report in reports:
            _move(moves, report.takes, report.at)
    taken = reports[-1].takes
    since = [*takewhile(lambda report: report.takes is taken, reversed(reports))][-1].at
    _move(moves, taken, max([since, *(move.at for move in moves)]))
    return tuple(moves)


def _move(moves: list[Move], taken: bool, at: int) -> None:
    """Add a move, unless the money is there already."""
    if taken is not bool(moves and moves[-1].sign == 1):
        moves.append(Move(1 if taken else -1, at))
