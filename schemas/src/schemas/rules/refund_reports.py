"""What events report of refunds: each of a refund's own events, and each event of its charge.

A charge states how much of it was refunded, and in old API versions it lists its refunds. For endpoints on a
version before 2024-10-28, Stripe sends no other event about the refund of a card payment. Amounts are in
minor units, times of events in microseconds since the epoch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, Self


class RefundTerms(Protocol):
    """What a service stores of a refund: the fields of the same names in a `RefundReport`."""

    @property
    def amount(self) -> int: ...
    @property
    def currency(self) -> str | None: ...
    @property
    def created(self) -> int | None: ...
    @property
    def line_ids(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class RefundReport:
    """A refund as one event reports it."""

    refund_id: str
    at: int
    """The event's time."""
    status: str | None
    amount: int
    currency: str
    created: int | None = None
    """The refund's own `created`, in seconds since the epoch; None if the event was stored without it."""
    line_ids: tuple[str, ...] = ()
    """The lines that the refund names (`schemas.rules.refund_lines`)."""

    @classmethod
    def of(cls, terms: RefundTerms, *, refund_id: str, at: int, status: str | None) -> Self:
        """Return the report of a refund that a service stored."""
        return cls(refund_id, at, status, terms.amount, terms.currency or "", terms.created, terms.line_ids)


@dataclass(frozen=True, slots=True)
class ListedRefund:
    """A refund in the list of its charge.

    Services store it as JSON, so it may change only as `messaging.eventset.facts` describes.
    """

    refund_id: str
    amount: int
    currency: str
    status: str | None = None
    created: int | None = None
    line_ids: tuple[str, ...] = ()


class ChargeTerms(Protocol):
    """What a service stores of a charge: the fields of the same names in a `ChargeReport`."""

    @property
    def amount_returned(self) -> int: ...
    @property
    def currency(self) -> str | None: ...
    @property
    def refunds(self) -> tuple[ListedRefund, ...]: ...


@dataclass(frozen=True, slots=True)
class ChargeReport:
    """A charge as one event reports it."""

    charge_id: str
    at: int
    """The event's time."""
    amount_returned: int
    """How much of the captured amount was refunded."""
    currency: str | None
    """None if the event was stored by a release that did not read charges. Then it states nothing."""
    refunds: tuple[ListedRefund, ...] = ()
    """The newest of its refunds, if this API version lists them."""

    @classmethod
    def of(cls, terms: ChargeTerms, *, charge_id: str, at: int) -> Self:
        """Return the report of a charge that a service stored."""
        return cls(charge_id, at, terms.amount_returned, terms.currency, terms.refunds)

    def listed(self) -> Iterator[RefundReport]:
        """Yield what this event reports of each refund in the list."""
        for refund in self.refunds:
            yield RefundReport.of(refund, refund_id=refund.refund_id, at=self.at, status=refund.status)
