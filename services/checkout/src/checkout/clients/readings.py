"""What Stripe reports now of the objects of an order, in the form of its events."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from stripe import StripeResponse

# The event type under which an object that was read again is published.
SESSION = "checkout.session.reread"
INTENT = "payment_intent.reread"
DISPUTE = "charge.dispute.reread"


@dataclass(frozen=True, slots=True)
class Reading:
    """An object as Stripe returned it at `at`, by Stripe's clock."""

    object: dict[str, Any]
    event_type: str
    at: datetime


def answered_at(response: StripeResponse) -> datetime:
    """Return the time in the answer; the present if it has none."""
    try:
        return parsedate_to_datetime(str(response.headers["date"])).astimezone(UTC)
    except (KeyError, ValueError):
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Payment:
    """How far the payment of a session is, from the readings of the session and of its payment intent."""

    session: Reading
    intent: Reading | None

    @property
    def readings(self) -> list[Reading]:
        """Both, as far as they exist."""
        return [self.session, *([self.intent] if self.intent else [])]

    @property
    def page_is_open(self) -> bool:
        """Whether the buyer can still pay on the page."""
        return self.session.object.get("status") == "open"

    @property
    def is_paid(self) -> bool:
        """Whether the money has arrived, or nothing was to be paid."""
        session = self.session.object
        settled = session.get("status") == "complete" and session.get("payment_status") != "unpaid"
        return settled or self._intent_status == "succeeded"

    @property
    def has_ended(self) -> bool:
        """Whether no money can arrive any more without a new attempt, for which no page exists."""
        return self._intent_status in (None, "canceled", "requires_payment_method")

    @property
    def intent_id(self) -> str | None:
        """The payment intent's id."""
        return self.intent.object.get("id") if self.intent else None

    @property
    def _intent_status(self) -> str | None:
        return self.intent.object.get("status") if self.intent else None
