"""What has happened to payments since they were made: refunded, disputed, reported as fraud."""

from collections import defaultdict
from dataclasses import dataclass, field

from enrollment.domain.book import Book
from enrollment.domain.refunds import Refund
from messaging.eventset.event import Event

# The matter ended without a chargeback. `charge_refunded` is what older API versions say of an inquiry that a
# refund settled; the refund speaks for itself.
_HARMLESS_DISPUTES = frozenset({"won", "prevented", "charge_refunded"})


@dataclass(slots=True)
class Aftermath:
    """What came after one payment."""

    refunds: list[Refund] = field(default_factory=list)
    """Succeeded ones, in the order in which they were made."""
    dispute_open: bool = False
    dispute_lost: bool = False
    flagged: bool = False
    """An early fraud warning was given."""
    warning_open: bool = False
    """…and can still be acted on."""
    events: list[Event] = field(default_factory=list)

    @property
    def refunded(self) -> int:
        """Minor units that went back."""
        return sum(refund.amount for refund in self.refunds)


NOTHING = Aftermath()


def aftermaths(book: Book) -> dict[str, Aftermath]:
    """What came after each payment, by payment intent; without those that nothing happened to."""
    result: dict[str, Aftermath] = defaultdict(Aftermath)
    for events in book.refunds.values():
        intent, last = _intent(book, events), events[-1]
        if intent is None:
            continue
        result[intent].events += events
        if last.status == "succeeded":
            lines = tuple(last.facts.get("lines", ()))
            result[intent].refunds.append(Refund(last.facts.get("amount", 0), lines))
    for events in book.disputes.values():
        intent, status = _intent(book, events), events[-1].status or ""
        if intent is None:
            continue
        result[intent].events += events
        if status == "lost":
            result[intent].dispute_lost = True
        elif status not in _HARMLESS_DISPUTES and not status.startswith("warning_"):
            # Also a status unknown when this was written: the money is away until Stripe says more.
            result[intent].dispute_open = True
    for events in book.warnings.values():
        intent = _intent(book, events)
        if intent is None:
            continue
        result[intent].events += events
        result[intent].flagged = True
        result[intent].warning_open |= bool(events[-1].facts.get("actionable"))
    return dict(result)


def _intent(book: Book, events: list[Event]) -> str | None:
    return next((found for event in events if (found := book.intent_of(event))), None)
