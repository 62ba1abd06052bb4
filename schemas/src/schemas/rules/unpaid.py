"""When a completed session that was not paid has ended without money.

With a delayed payment method, such as a bank debit or a voucher, the buyer completes the session days before
the money arrives. Each of several events may be the last one: the session's own, or one of its payment intent
if the intent is canceled or if the session's event was lost.
"""

from collections.abc import Sequence
from typing import Protocol

_SESSION_FAILED = "checkout.session.async_payment_failed"
_NOT_TRIED = frozenset({"payment_intent.created", "payment_intent.succeeded"})
"""These report no failed attempt. A success is believed once the session reports it, as everywhere."""


class StripeReport(Protocol):
    """An event about a session or a payment intent, as services store it."""

    @property
    def type(self) -> str: ...
    @property
    def created(self) -> int: ...
    @property
    def status(self) -> str | None: ...


def ended_unpaid(session: Sequence[StripeReport], intent: Sequence[StripeReport]) -> int | None:
    """Return when the payment of a completed session ended without money, in the unit of `created`.

    None: the session is not complete, or the money may still arrive. `session` are the events about the
    session, `intent` those about its payment intent, both oldest first.

    A canceled intent never takes money. A failed attempt ends the payment only if it followed the completed
    session and no attempt followed it: a card that was declined before is why the buyer chose another method.
    """
    completed_at = next((event.created for event in session if event.status == "complete"), None)
    if completed_at is None:
        return None
    attempts = [event for event in intent if event.type not in _NOT_TRIED]
    ends = [event.created for event in session if event.type == _SESSION_FAILED]
    ends += [event.created for event in attempts if event.status == "canceled"]
    if attempts and attempts[-1].status == "requires_payment_method":
        ends += [event.created for event in attempts[-1:] if event.created >= completed_at]
    return min(ends, default=None)
