"""When a Checkout Session is settled, which order it is for, and whether it pays that order.

Each function asks for as little of a session as it needs, so that a service can pass its stored facts as they
are. `SessionState` has all of it. Amounts are in minor units of the session's currency.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from schemas.money import spread

Mismatch = Literal["session_unknown", "payment_missing", "currency_differs", "amount_differs"]

_SETTLED = frozenset({"paid", "no_payment_required"})


class SessionStatus(Protocol):
    """How far a session is."""

    @property
    def status(self) -> str | None: ...
    @property
    def payment_status(self) -> str | None: ...


class SessionNames(Protocol):
    """The id of a session, and the order in its metadata."""

    @property
    def session_id(self) -> str | None: ...
    @property
    def order_id(self) -> str | None: ...


class SessionPrice(Protocol):
    """What a session asks for."""

    @property
    def currency(self) -> str | None: ...
    @property
    def before_tax(self) -> int | None: ...


class SessionTerms(SessionNames, SessionStatus, SessionPrice, Protocol):
    """What decides whether a session pays its order."""

    @property
    def paid(self) -> int: ...
    @property
    def payment_id(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class SessionState:
    """A Checkout Session as an event reports it."""

    session_id: str | None
    status: str | None
    """open, complete or expired."""
    payment_status: str | None
    """paid, unpaid or no_payment_required."""
    currency: str | None
    before_tax: int | None
    """The subtotal less the discount."""
    paid: int
    """The session's total: what the buyer pays, with tax."""
    tax: int = 0
    order_id: str | None = None
    """The order that the session's metadata names."""
    payment_id: str | None = None
    """What takes the money: a payment intent, or a subscription. None, or the session's own id, if nothing
    does."""


def is_complete(session: SessionStatus) -> bool:
    """Whether the buyer completed the session. With a delayed payment method the money may be on its way."""
    return session.status == "complete"


def is_settled(session: SessionStatus) -> bool:
    """Whether the session is complete and nothing is left to pay.

    The payment status alone is not enough: a session whose whole price is discounted reports
    `no_payment_required` also while it is open and after it expired unused.
    """
    return is_complete(session) and session.payment_status in _SETTLED


def names_order(session: SessionNames, order_id: str, session_ids: Collection[str]) -> bool:
    """Whether the session is for this order: its metadata names the order, or it is one of the sessions that
    checkout made for the order (`session_ids`)."""
    return session.order_id == order_id or session.session_id in session_ids


def mismatch(
    session: SessionPrice, currency: str, total_before_tax: int, *, accepted: bool = False
) -> Mismatch | None:
    """Return what differs between a session and the order that it is for; None if the session pays the order.

    Tax that Stripe adds on top does not matter, nor the currency in which the buyer was charged: Stripe keeps
    the latter apart (`presentment_details`).

    `accepted`: staff accepted the session as the payment of the order, so its amount may differ. Its currency
    may not, since a refund of another currency could not be compared with the price of a line.
    """
    if session.currency is None or session.currency.lower() != currency.lower():
        return "currency_differs"
    return None if accepted or session.before_tax == total_before_tax else "amount_differs"


def payment_mismatch(
    session: SessionTerms,
    currency: str,
    total_before_tax: int,
    session_ids: Collection[str],
    *,
    accepted: bool = False,
) -> Mismatch | None:
    """Return what keeps a session from paying the order that it is for; None if it pays the order.

    Only a session that checkout made for the order (`session_ids`) pays it: everybody with access to the
    account can write metadata. `session_ids` is empty for orders of earlier releases: for these metadata is
    enough. A session that reports money names what took it, or no money has moved.
    """
    if session_ids and session.session_id not in session_ids and not accepted:
        return "session_unknown"
    unnamed = session.payment_id in (None, session.session_id)
    if session.payment_status == "paid" and session.paid > 0 and unnamed:
        return "payment_missing"
    return mismatch(session, currency, total_before_tax, accepted=accepted)


def paid_by_line(amounts: Sequence[int], paid: int) -> list[int]:
    """Return what was paid for each line, in proportion to the lines' amounts; it sums to `paid` exactly.

    `amounts` are before tax, `paid` is the session's total: tax on top is part of what was paid for a line.
    """
    return spread(paid, amounts)
