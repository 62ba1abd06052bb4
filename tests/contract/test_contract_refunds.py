"""A refund means the same everywhere: order state, access, mails and reports agree on lines and amounts.

The messages of an order, its payment and its refunds go through the facts and rules of all four services.
"""

import json
import tomllib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from checkout.domain import OrderRecord, RecordedLine, derive_state, group_events
from checkout.handlers import CheckoutHandler
from enrollment.domain import Policy, State, decide
from enrollment.facts import event_of as enrollment_event
from messaging.eventset.event import Event, chronological
from messaging.message import Message
from notifications.domain.contexts import RefundContext
from notifications.domain.mails import mails_of
from notifications.facts import event_of as notifications_event
from reporting.domain.sales import ledger_of
from reporting.facts import event_of as reporting_event
from schemas.contracts.files import EXAMPLES

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = START + timedelta(days=1)
ORDER, USER, PAYMENT, CHARGE, SESSION = "ord_1", "user_1", "pi_1", "ch_1", "cs_1"
TABLE: list[dict[str, Any]] = tomllib.loads(
    (EXAMPLES / "rules" / "refunds.toml").read_text(encoding="utf-8")
)["example"]

Shares = dict[str, dict[str, int]]


@dataclass
class Purchase:
    """A paid order and its refunds, as messages. `lines`: line id -> price before tax, in minor units."""

    lines: dict[str, int]
    bundles: dict[str, str] = field(default_factory=dict)
    tax: int = 0
    messages: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        total = sum(self.lines.values())
        ours = {"order_id": ORDER, "user_id": USER}
        lines = [
            {"line_id": name, "kind": "bundle" if name in self.bundles else "course", "course_id": name,
             "bundle_id": self.bundles.get(name), "title": name, "list_amount": price}
            for name, price in self.lines.items()
        ]  # fmt: skip
        order = {
            **ours, "email": "asha@example.com", "currency": "eur", "amount_total": total, "lines": lines,
            "terms": {"version": "1", "accepted_at": START.isoformat()},
        }  # fmt: skip
        self._add("orders", "masterji.order.placed.v1", 0, order)
        self._stripe("checkout", "checkout.session.completed", 1, {
            "id": SESSION, "object": "checkout.session", "mode": "payment", "status": "complete",
            "payment_status": "paid" if total else "no_payment_required", "currency": "eur",
            "amount_subtotal": total, "amount_total": total + self.tax,
            "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": self.tax},
            "payment_intent": PAYMENT if total else None, "client_reference_id": ORDER, "metadata": ours,
        })  # fmt: skip

    def refund(
        self, refund: str, amount: int, at: int, names: Sequence[str] = (), undone_at: int = 0
    ) -> None:
        """A refund that succeeds in the second in which it is created, and may fail later."""
        body = {
            "id": refund, "object": "refund", "amount": amount, "currency": "eur", "payment_intent": PAYMENT,
            "created": int(START.timestamp()) + at, "metadata": {"line_ids": ",".join(names)},
        }  # fmt: skip
        self._stripe("refunds", "refund.created", at, body | {"status": "succeeded"})
        if undone_at:
            failed = body | {"status": "failed"}
            self._stripe("refunds", "refund.failed", undone_at, failed, {"status": "succeeded"})

    def charge_refunded(self, amount: int, at: int, *listed: dict[str, Any]) -> None:
        """The charge states that this much of it is refunded in all."""
        total = sum(self.lines.values()) + self.tax
        body = {
            "id": CHARGE, "object": "charge", "amount": total, "amount_captured": total, "captured": True,
            "currency": "eur", "status": "succeeded", "payment_intent": PAYMENT, "amount_refunded": amount,
            "refunded": amount == total, "metadata": {},
        }  # fmt: skip
        if listed:
            body["refunds"] = {"object": "list", "data": list(listed), "has_more": False}
        self._stripe("refunds", "charge.refunded", at, body)

    def _stripe(self, topic: str, type_: str, at: int, obj: dict[str, Any], previous: Any = None) -> None:
        body = {
            "id": f"evt_{len(self.messages)}", "object": "event", "type": type_, "livemode": False,
            "created": int(START.timestamp()) + at, "api_version": "2026-10-28.endive",
            "data": {"object": obj, "previous_attributes": previous or {}},
        }  # fmt: skip
        self._add(f"stripe.{topic}", type_, at, body)

    def _add(self, topic: str, type_: str, at: int, body: dict[str, Any]) -> None:
        value, number = json.dumps(body).encode(), len(self.messages)
        time = START + timedelta(seconds=at)
        self.messages.append(Message(topic, 0, number, None, value, f"evt_{number}", type_, "test", time))

    def events(self, decode: Callable[[Message], Event | None]) -> list[Event]:
        """The events that one service stores of these messages, in the order in which they apply."""
        return chronological(event for each in self.messages if (event := decode(each)) is not None)


@dataclass(frozen=True)
class Outcome:
    """What one service says about refunds. None: it does not say that."""

    shares: Shares | None = None
    remaining: dict[str, int] | None = None
    lost: set[str] | None = None
    state: str | None = None


def checkout(purchase: Purchase) -> Outcome:
    """The state of the order and of its lines."""
    lines = [RecordedLine(name, price, purchase.bundles.get(name)) for name, price in purchase.lines.items()]
    events = group_events(purchase.events(CheckoutHandler(lambda: NOW).decode))
    state = derive_state(OrderRecord(ORDER, "eur", tuple(lines), SESSION), events)
    return Outcome(
        remaining={name: line.paid - line.refunded for name, line in state.lines.items()},
        lost={name for name, line in state.lines.items() if line.refunded_at is not None},
        state=state.state.value,
    )


def enrollment(purchase: Purchase) -> Outcome:
    """The grants that refunds revoked."""
    grants = decide(USER, purchase.events(enrollment_event), NOW, Policy()).grants
    assert {grant.line_id for grant in grants} == set(purchase.lines)
    return Outcome(lost={grant.line_id for grant in grants if grant.state is State.REVOKED})


def notifications(purchase: Purchase) -> Outcome:
    """What the mails about refunds tell the buyer. They are not corrected when a refund fails later."""
    shares: Shares = defaultdict(dict)
    lost: set[str] = set()
    for mail in mails_of(ORDER, purchase.events(notifications_event)):
        if not isinstance(mail.context, RefundContext):
            continue
        for line in mail.context.lines:
            if line.refunded:
                shares[mail.about][line.line_id] = line.refunded
            if line.lost:
                lost.add(line.line_id)
        assert mail.context.amount == sum(shares[mail.about].values())
    return Outcome(shares=dict(shares), lost=lost)


def reporting(purchase: Purchase) -> Outcome:
    """The rows of the ledger: prices and tax together are what was paid and refunded."""
    shares: Shares = defaultdict(dict)
    remaining = dict.fromkeys(purchase.lines, 0)
    for row in ledger_of(ORDER, purchase.events(reporting_event)).lines:
        remaining[row.line_id] += row.gross - row.discount - row.refunded + row.tax
        if row.kind == "refund":
            shares[row.reference][row.line_id] = row.refunded - row.tax
    # A refund of more than was paid leaves a negative balance in the ledger, and nothing to be refunded.
    left = {name: max(amount, 0) for name, amount in remaining.items()}
    return Outcome(shares=dict(shares), remaining=left)


def assert_agreement(purchase: Purchase, expected: Outcome, *, undone: bool = False) -> None:
    """Compare what each service says with what is expected. `undone`: a refund failed after it succeeded."""
    for service in (checkout, enrollment, notifications, reporting):
        found = service(purchase)
        for name in ("shares", "remaining", "lost", "state"):
            said = getattr(found, name)
            if said is None or (undone and service is notifications and name == "lost"):
                continue
            assert said == getattr(expected, name), f"{name} of {service.__name__}"


@pytest.mark.parametrize("example", TABLE, ids=lambda example: example["case"])
def test_all_services_agree_on_the_shared_examples(example: dict[str, Any]) -> None:
    purchase = Purchase(example["lines"], example.get("bundles", {}))
    for each in example["refunds"]:
        purchase.refund(
            each["id"], each["amount"], each["at"], each.get("names", ()), each.get("undone_at", 0)
        )

    expected = Outcome(example["shares"], example["remaining"], set(example["lost"]), example["state"])
    assert_agreement(purchase, expected, undone=any("undone_at" in each for each in example["refunds"]))


def test_all_services_agree_on_a_refund_of_one_line_with_its_tax() -> None:
    purchase = Purchase({"a": 3000, "b": 2000}, tax=950)
    purchase.refund("re_1", 2380, 10)

    assert_agreement(
        purchase,
        Outcome({"re_1": {"b": 2380}}, {"a": 3570, "b": 0}, {"b"}, "partially_refunded"),
    )


def test_all_services_agree_on_a_refund_that_names_lines_of_a_taxed_order() -> None:
    purchase = Purchase({"a": 3000, "b": 2000, "c": 1000}, tax=1200)
    purchase.refund("re_1", 3000, 10, names=["b", "c"])
    purchase.refund("re_2", 4200, 20)

    assert_agreement(
        purchase,
        Outcome(
            {"re_1": {"b": 2000, "c": 1000}, "re_2": {"a": 3600, "b": 400, "c": 200}},
            {"a": 0, "b": 0, "c": 0},
            {"a", "b", "c"},
            "refunded",
        ),
    )


def test_all_services_agree_on_a_refund_that_only_its_charge_reports() -> None:
    purchase = Purchase({"a": 3000, "b": 2000})
    purchase.charge_refunded(2000, 10)
    purchase.charge_refunded(5000, 20)

    shares = {"ch_1_refunded_2000": {"b": 2000}, "ch_1_refunded_5000": {"a": 3000}}
    assert_agreement(purchase, Outcome(shares, {"a": 0, "b": 0}, {"a", "b"}, "refunded"))


def test_all_services_agree_on_a_refund_that_a_charge_lists() -> None:
    purchase = Purchase({"a": 3000, "b": 3000})
    listed = {
        "id": "re_1", "object": "refund", "amount": 3000, "currency": "eur", "status": "succeeded",
        "charge": CHARGE, "created": int(START.timestamp()) + 10, "metadata": {"line_ids": "b"},
    }  # fmt: skip
    purchase.charge_refunded(3000, 10, listed)

    assert_agreement(
        purchase, Outcome({"re_1": {"b": 3000}}, {"a": 3000, "b": 0}, {"b"}, "partially_refunded")
    )


# What a charge states after a refund was undone depends on when its events were made.
@pytest.mark.parametrize(
    "example",
    [each for each in TABLE if not any("undone_at" in refund for refund in each["refunds"])],
    ids=lambda example: example["case"],
)
def test_a_charge_that_reports_the_same_refunds_changes_nothing(example: dict[str, Any]) -> None:
    purchase, total = Purchase(example["lines"], example.get("bundles", {})), 0
    for each in sorted(example["refunds"], key=lambda each: each["at"]):
        total += each["amount"]
        purchase.charge_refunded(total, each["at"])
        purchase.refund(each["id"], each["amount"], each["at"], each.get("names", ()))

    expected = Outcome(example["shares"], example["remaining"], set(example["lost"]), example["state"])
    assert_agreement(purchase, expected)
