"""The test cards and their behaviour. Any other number is refused and not kept.

https://docs.stripe.com/testing
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stripe_sandbox.errors import CardDeclined, InvalidRequest

ThreeDS = Literal["none", "required", "then_decline"]


@dataclass(frozen=True, slots=True)
class Decline:
    """How a charge is declined."""

    code: str
    decline_code: str | None
    message: str
    #: Whether the card can still be attached, so that only a charge is declined.
    at_charge_only: bool = False


@dataclass(frozen=True, slots=True)
class TestCard:
    """A test card, identified by its name; its number is not stored anywhere else."""

    __test__ = False

    name: str
    brand: str
    last4: str
    decline: Decline | None = None
    three_ds: ThreeDS = "none"
    #: The reason of the dispute that follows the payment, or `inquiry`.
    disputed: str | None = None
    refund: Literal["instant", "later", "fails_later"] = "instant"
    #: A bank debit: accepted immediately; paid or failed later.
    delayed: Literal["succeeds", "fails"] | None = None
    #: The money is in the available balance immediately.
    available_at_once: bool = False
    country: str = "US"
    funding: str = "credit"


_MESSAGES = {
    "card_declined": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
}


def _decline(code: str, decline_code: str | None = None, *, at_charge_only: bool = False) -> Decline:
    message = _MESSAGES.get(decline_code or "") or _MESSAGES[code]
    return Decline(code, decline_code, message, at_charge_only)


_GENERIC = _decline("card_declined", "generic_decline")

CARDS: dict[str, TestCard] = {
    "4242424242424242": TestCard("visa", "visa", "4242"),
    "4000056655665556": TestCard("visa_debit", "visa", "5556", funding="debit"),
    "5555555555554444": TestCard("mastercard", "mastercard", "4444"),
    "378282246310005": TestCard("amex", "amex", "0005"),
    "4000002760000016": TestCard("de", "visa", "0016", country="DE"),
    "4000003560000008": TestCard("in", "visa", "0008", country="IN"),
    "4000003920000003": TestCard("jp", "visa", "0003", country="JP"),
    "4000000000000002": TestCard("generic_decline", "visa", "0002", _GENERIC),
    "4000000000009995": TestCard(
        "insufficient_funds", "visa", "9995", _decline("card_declined", "insufficient_funds")
    ),
    "4000000000009987": TestCard("lost_card", "visa", "9987", _decline("card_declined", "lost_card")),
    "4000000000009979": TestCard("stolen_card", "visa", "9979", _decline("card_declined", "stolen_card")),
    "4000000000000069": TestCard("expired_card", "visa", "0069", _decline("expired_card", "expired_card")),
    "4000000000000127": TestCard("incorrect_cvc", "visa", "0127", _decline("incorrect_cvc", "incorrect_cvc")),
    "4000000000000119": TestCard(
        "processing_error", "visa", "0119", _decline("processing_error", "processing_error")
    ),
    "4000002500003155": TestCard("3ds", "visa", "3155", three_ds="required"),
    "4000000000003220": TestCard("3ds2", "visa", "3220", three_ds="required"),
    "4000008400001629": TestCard("3ds_then_decline", "visa", "1629", _GENERIC, three_ds="then_decline"),
    "4000000000000341": TestCard(
        "attaches_then_declines",
        "visa",
        "0341",
        _decline("card_declined", "generic_decline", at_charge_only=True),
    ),
    "4000000000000077": TestCard("bypass_pending", "visa", "0077", available_at_once=True),
    "4000000000000259": TestCard("disputed", "visa", "0259", disputed="fraudulent"),
    "4000000000002685": TestCard("disputed_not_received", "visa", "2685", disputed="product_not_received"),
    "4000000000001976": TestCard("disputed_inquiry", "visa", "1976", disputed="inquiry"),
    "4000000000007726": TestCard("refund_pending", "visa", "7726", refund="later"),
    "4000000000005126": TestCard("refund_fails", "visa", "5126", refund="fails_later"),
}

_REFUSED = Decline("generic_decline", None, "The bank refused the debit.", at_charge_only=True)


def _account(name: str, last4: str, country: str, *, fails: bool = False) -> TestCard:
    return TestCard(
        name,
        "sepa_debit",
        last4,
        _REFUSED if fails else None,
        delayed="fails" if fails else "succeeds",
        country=country,
    )


#: Test accounts of bank debits, which settle later. https://docs.stripe.com/testing#sepa-direct-debit
ACCOUNTS: dict[str, TestCard] = {
    "DE89370400440532013000": _account("bank_debit", "3000", "DE"),
    "DE08370400440532013003": _account("bank_debit_de_late", "3003", "DE"),
    "DE62370400440532013001": _account("bank_debit_fails", "3001", "DE", fails=True),
    "AT611904300234573201": _account("bank_debit_at", "3201", "AT"),
    "AT321904300235473204": _account("bank_debit_at_late", "3204", "AT"),
    "AT861904300235473202": _account("bank_debit_at_fails", "3202", "AT", fails=True),
    "IT40S0542811101000000123456": _account("bank_debit_it", "3456", "IT"),
    "IT60X0542811101000000123456": _account("bank_debit_it_fails", "3456", "IT", fails=True),
}

BY_NAME = {card.name: card for card in (*CARDS.values(), *ACCOUNTS.values())}

#: Ready-made payment methods and tokens of Stripe's documentation.
ALIASES = {
    "pm_card_visa": "visa",
    "pm_card_visa_debit": "visa_debit",
    "pm_card_mastercard": "mastercard",
    "pm_card_amex": "amex",
    "pm_card_visa_chargeDeclined": "generic_decline",
    "pm_card_chargeDeclined": "generic_decline",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_chargeDeclinedExpiredCard": "expired_card",
    "pm_card_chargeDeclinedIncorrectCvc": "incorrect_cvc",
    "pm_card_chargeDeclinedProcessingError": "processing_error",
    "pm_card_chargeCustomerFail": "attaches_then_declines",
    "pm_card_threeDSecure2Required": "3ds2",
    "pm_card_authenticationRequired": "3ds",
    "pm_card_bypassPending": "bypass_pending",
    "pm_card_createDispute": "disputed",
    "pm_card_createDisputeInquiry": "disputed_inquiry",
    "pm_card_createDisputeProductNotReceived": "disputed_not_received",
    "pm_card_pendingRefund": "refund_pending",
    "pm_card_refundFail": "refund_fails",
    "tok_visa": "visa",
    "tok_mastercard": "mastercard",
    "tok_chargeDeclined": "generic_decline",
    "tok_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "tok_chargeCustomerFail": "attaches_then_declines",
    "tok_bypassPending": "bypass_pending",
    "tok_createDispute": "disputed",
}


def by_iban(iban: str) -> TestCard:
    """The test account with this IBAN; raises InvalidRequest for any other, without repeating it."""
    account = ACCOUNTS.get(iban.replace(" ", "").upper())
    if account is None:
        raise InvalidRequest(
            "This IBAN is not a test account. For a list of test accounts, visit "
            "https://docs.stripe.com/testing#sepa-direct-debit.",
            param="sepa_debit[iban]",
        )
    return account


def _luhn(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def by_number(number: str) -> TestCard:
    """The test card (or test bank account) with this number; raises CardDeclined for any other, without
    repeating the number.
    """
    digits = number.replace(" ", "").replace("-", "")
    card = CARDS.get(digits) or ACCOUNTS.get(digits.upper())
    if card is not None:
        return card
    if not (digits.isascii() and digits.isdigit() and 12 <= len(digits) <= 19) or not _luhn(digits):
        raise CardDeclined("Your card number is incorrect.", code="incorrect_number", param="number")
    raise CardDeclined(
        "Your card was declined. Your request was in test mode, but used a non test card. For a list of "
        "valid test "
        "cards, visit: https://stripe.com/docs/testing.",
        code="card_declined",
        decline_code="test_mode_live_card",
        param="number",
    )
