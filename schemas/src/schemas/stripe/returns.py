"""Money on its way back: refunds, disputes, and the warnings that come before."""

from typing import ClassVar

from msgspec import field

from schemas.rules.refund_lines import line_ids_of
from schemas.stripe.base import Part, View, Wire, links
from schemas.stripe.fields import Amount, Count, Currency, Id, Metadata, Ref, SignedAmount, Timestamp, Word


class RefundWire(Wire, tag_field="object", tag="refund"):
    id: Id
    amount: Amount
    currency: Currency
    status: Word | None = None
    charge: Ref = None
    payment_intent: Ref = None
    reason: Word | None = None
    failure_reason: Word | None = None
    balance_transaction: Ref = None
    failure_balance_transaction: Ref = None
    metadata: Metadata | None = None
    created: Timestamp | None = None

    def view(self) -> "RefundView":
        return self.read_as(RefundView)


class RefundView(View, frozen=True, kw_only=True):
    """A refund. Counts once `status` is succeeded, and can still end in failed or canceled."""

    KIND: ClassVar[str] = "refund"

    id: str
    amount: int
    currency: str
    status: str | None
    """pending, requires_action, succeeded, failed or canceled."""
    charge: str | None
    payment_intent: str | None
    reason: str | None
    failure_reason: str | None
    balance_transaction: str | None
    failure_balance_transaction: str | None
    metadata: dict[str, str] = field(default_factory=dict)
    created: int | None

    @property
    def line_ids(self) -> tuple[str, ...]:
        """The order lines that the metadata names; empty if it names none."""
        return line_ids_of(self.metadata)

    def links(self) -> dict[str, str]:
        return links(
            self.metadata,
            refund_id=self.id,
            charge_id=self.charge,
            payment_intent_id=self.payment_intent,
        )


class _Evidence(Wire):
    due_by: Timestamp | None = None
    submission_count: Count | None = None


class BalanceTransaction(Part, frozen=True, kw_only=True):
    """A booking on the Stripe balance: negative withdraws, positive adds. `fee` is Stripe's dispute fee."""

    id: Id
    amount: SignedAmount
    fee: SignedAmount = 0
    net: SignedAmount = 0
    currency: Currency | None = None
    reporting_category: Word | None = None
    created: Timestamp | None = None


class DisputeWire(Wire, tag_field="object", tag="dispute"):
    id: Id
    amount: Amount
    currency: Currency
    status: Word
    reason: Word | None = None
    charge: Ref = None
    payment_intent: Ref = None
    evidence_details: _Evidence | None = None
    balance_transactions: list[BalanceTransaction] | None = None
    is_charge_refundable: bool | None = None
    metadata: Metadata | None = None
    created: Timestamp | None = None

    def view(self) -> "DisputeView":
        evidence = self.evidence_details or _Evidence()
        return self.read_as(
            DisputeView,
            due_by=evidence.due_by,
            submission_count=evidence.submission_count or 0,
        )


class DisputeView(View, frozen=True, kw_only=True):
    """A dispute. While `is_inquiry`, the bank only asks and no money has moved."""

    KIND: ClassVar[str] = "dispute"

    id: str
    amount: int
    currency: str
    status: str
    reason: str | None
    charge: str | None
    payment_intent: str | None
    due_by: int | None
    """When evidence must be in; null where none is taken."""
    submission_count: int
    balance_transactions: list[BalanceTransaction] = field(default_factory=list)
    is_charge_refundable: bool | None
    metadata: dict[str, str] = field(default_factory=dict)
    created: int | None

    @property
    def is_inquiry(self) -> bool:
        """True for the statuses warning_*: an inquiry, not a chargeback."""
        return self.status.startswith("warning_")

    def links(self) -> dict[str, str]:
        return links(self.metadata, charge_id=self.charge, payment_intent_id=self.payment_intent)


class EarlyFraudWarningWire(Wire, tag_field="object", tag="radar.early_fraud_warning"):
    id: Id
    charge: Ref = None
    payment_intent: Ref = None
    fraud_type: Word | None = None
    actionable: bool = False
    created: Timestamp | None = None

    def view(self) -> "EarlyFraudWarningView":
        return self.read_as(EarlyFraudWarningView)


class EarlyFraudWarningView(View, frozen=True, kw_only=True):
    """The card network says that the cardholder called a charge fraud. Refund it now and no dispute
    follows."""

    KIND: ClassVar[str] = "radar.early_fraud_warning"

    id: str
    charge: str | None
    payment_intent: str | None
    fraud_type: str | None
    actionable: bool
    created: int | None

    def links(self) -> dict[str, str]:
        return links(charge_id=self.charge, payment_intent_id=self.payment_intent)
