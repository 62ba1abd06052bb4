"""Money on its way back: refunds, disputes, and the warnings that come before."""

from collections.abc import Sequence

from schemas.rules.disputes import Booking
from schemas.rules.refund_lines import line_ids_of
from schemas.stripe.base import Inside, Part, Resource, linked
from schemas.stripe.fields import Amount, Count, Currency, Id, Ref, SignedAmount, Timestamp, Word


class _OfCharge(Resource, kw_only=True):
    charge: Ref | None = None
    payment_intent: Ref | None = None


class Refund(_OfCharge, tag="refund"):
    """A refund. Counts once `status` is succeeded, and can still end in failed or canceled."""

    LINKS = linked("charge", "payment_intent", refund_id="id")

    amount: Amount
    currency: Currency
    status: Word | None = None
    """pending, requires_action, succeeded, failed or canceled."""
    reason: Word | None = None
    failure_reason: Word | None = None
    balance_transaction: Ref | None = None
    failure_balance_transaction: Ref | None = None

    @property
    def line_ids(self) -> tuple[str, ...]:
        """The order lines that the metadata names; empty if it names none."""
        return line_ids_of(self.metadata)


class _Evidence(Part):
    due_by: Timestamp | None = None
    submission_count: Count | None = None


class BalanceTransaction(Part):
    """A booking on the Stripe balance: negative withdraws, positive adds. `fee` is Stripe's dispute fee."""

    id: Id
    amount: SignedAmount
    fee: SignedAmount = 0
    net: SignedAmount = 0
    currency: Currency | None = None
    reporting_category: Word | None = None
    created: Timestamp | None = None


class Dispute(_OfCharge, tag="dispute"):
    """A dispute. While `is_inquiry`, the bank only asks and no money has moved."""

    LINKS = linked("charge", "payment_intent")

    amount: Amount
    currency: Currency
    status: Word
    reason: Word | None = None
    _evidence_details: _Evidence | None = None
    _balance_transactions: list[BalanceTransaction] | None = None
    is_charge_refundable: bool | None = None

    due_by = Inside[int | None]("_evidence_details.due_by")
    """When evidence must be in; null where none is taken."""
    submission_count = Inside[int]("_evidence_details.submission_count", default=0)
    balance_transactions = Inside[Sequence[BalanceTransaction]]("_balance_transactions", default=())

    @property
    def bookings(self) -> tuple[Booking, ...]:
        """What the dispute has moved on the balance, as far as the event lists it."""
        return tuple(
            Booking(each.id, each.created, each.amount, each.currency, each.fee)
            for each in self.balance_transactions
            if each.created is not None and each.currency is not None
        )

    @property
    def is_inquiry(self) -> bool:
        """True for the statuses warning_*: an inquiry, not a chargeback."""
        return self.status.startswith("warning_")


class EarlyFraudWarning(_OfCharge, tag="radar.early_fraud_warning"):
    """The card network says that the cardholder called a charge fraud. Refund it now and no dispute
    follows."""

    LINKS = linked("charge", "payment_intent")

    fraud_type: Word | None = None
    actionable: bool = False
