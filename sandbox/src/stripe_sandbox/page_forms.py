"""What the buyer types on the payment page, checked field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from stripe_sandbox.checkout import needs_card
from stripe_sandbox.store import Object

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+\Z")
_EXPIRY = re.compile(r"(0?[1-9]|1[0-2])\s*/\s*(?:20)?([0-9]{2})\Z")


class FieldError(Exception):
    """Something to correct: `field` is the input's name, or `card` for what the bank said."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Entry:
    """A complete form. The number is used once, to find the test card, and kept nowhere."""

    email: str
    name: str | None
    number: str | None
    exp_month: int
    exp_year: int

    def __repr__(self) -> str:
        return f"Entry(email={self.email!r}, name={self.name!r}, number=…)"


def read_payment_form(session: Object, form: Mapping[str, str], now: float) -> Entry:
    """The form's entry; raises FieldError on the first field that is wrong."""
    email = session["_"].get("customer_email") or form.get("email", "").strip()
    if not _EMAIL.match(email):
        raise FieldError("email", "Your email is incomplete.")
    consent = session["consent_collection"] or {}
    if consent.get("terms_of_service") == "required" and form.get("terms") != "accepted":
        raise FieldError("terms", "Please accept the terms of service to continue.")
    name = form.get("name", "").strip()[:256] or None
    if not needs_card(session):
        return Entry(email, name, None, 12, 2034)
    if form.get("iban", "").strip():
        if name is None:
            raise FieldError("name", "Please write the name of the account's holder.")
        return Entry(email, name, re.sub(r"\s", "", form["iban"]), 12, 2034)
    number, month, year = read_card(form, now)
    if name is None:
        raise FieldError("name", "Please write the name that stands on the card.")
    return Entry(email, name, number, month, year)


def read_card(form: Mapping[str, str], now: float) -> tuple[str, int, int]:
    """Number, month and year of expiry; raises FieldError on the first field that is wrong."""
    number = re.sub(r"[\s-]", "", form.get("number", ""))
    if not number:
        raise FieldError("number", "Your card number is incomplete.")
    match = _EXPIRY.match(form.get("expiry", "").strip())
    if match is None:
        raise FieldError("expiry", "Your card's expiration date is incomplete.")
    month, year = int(match[1]), 2000 + int(match[2])
    today = datetime.fromtimestamp(now, UTC)
    if (year, month) < (today.year, today.month):
        raise FieldError("expiry", "Your card's expiration year is in the past.")
    if not re.fullmatch(r"[0-9]{3,4}", form.get("cvc", "").strip()):
        raise FieldError("cvc", "Your card's security code is incomplete.")
    return number, month, year
