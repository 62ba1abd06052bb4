"""The fields of the payment page, checked one by one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from stripe_sandbox.core.store import Object
from stripe_sandbox.payments.buyers import Buyer
from stripe_sandbox.sessions.paying import needs_card

#: Entries that are shown again after an error.
KEPT = ("email", "name", "phone", "country", "line1", "line2", "city", "state", "postal_code")
#: The maximum size of a form, in bytes.
MAX_FORM = 64_000

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+\Z")
_EXPIRY = re.compile(r"(0?[1-9]|1[0-2])\s*/?\s*(?:20)?([0-9]{2})\Z")
_COUNTRY = re.compile(r"[A-Z]{2}\Z")
_LONGEST = 256


class FieldError(Exception):
    """An error in a field: `field` is the input's name, or `card` for the bank's message."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Entry:
    """A complete form. The number is used once, to find the test card, and is not stored."""

    buyer: Buyer
    number: str | None

    def __repr__(self) -> str:
        return f"Entry({self.buyer!r}, number=…)"


async def read_form(request: Request) -> dict[str, str]:
    """The posted fields; of a repeated field, the last value. Raises a 413 if the form is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM:
            raise HTTPException(413, "This form is too large.")
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def read_payment_form(session: Object, form: Mapping[str, str], now: float) -> Entry:
    """The form's entry; raises FieldError for the first field that is wrong."""
    email = session["_"].get("customer_email") or form.get("email", "").strip()[:_LONGEST]
    if not _EMAIL.match(email):
        raise FieldError("email", "Your email is incomplete.")
    phone = _text(form, "phone")
    if session["phone_number_collection"]["enabled"] and phone is None:
        raise FieldError("phone", "Your phone number is incomplete.")
    consent = session["consent_collection"] or {}
    if consent.get("terms_of_service") == "required" and form.get("terms") != "accepted":
        raise FieldError("terms", "Please accept the terms of service to continue.")
    name = _text(form, "name")
    if not needs_card(session):
        return Entry(Buyer(email, name, phone=phone), None)
    address = _address(form, required=session["billing_address_collection"] == "required")
    if form.get("iban", "").strip():
        if name is None:
            raise FieldError("name", "Please enter the account holder's name.")
        return Entry(Buyer(email, name, phone=phone, address=address), re.sub(r"\s", "", form["iban"]))
    number, month, year = read_card(form, now)
    if name is None:
        raise FieldError("name", "Please enter the name on the card.")
    buyer = Buyer(email, name, exp_month=month, exp_year=year, phone=phone, address=address)
    return Entry(buyer, number)


def _text(form: Mapping[str, str], name: str) -> str | None:
    return form.get(name, "").strip()[:_LONGEST] or None


def _address(form: Mapping[str, str], *, required: bool) -> dict[str, str | None]:
    """The billing address as far as it was requested; the country is always known."""
    country = (form.get("country", "").strip() or "US").upper()
    if not _COUNTRY.match(country):
        raise FieldError("country", "Please choose your country.")
    names = {"line1": "Your address", "city": "Your city", "postal_code": "Your postal code"}
    found = {name: _text(form, name) for name in ("line1", "line2", "city", "state", "postal_code")}
    if required:
        for name, noun in names.items():
            if found[name] is None:
                raise FieldError(name, f"{noun} is incomplete.")
    return {"country": country, **found}


def read_card(form: Mapping[str, str], now: float) -> tuple[str, int, int]:
    """Card number, month and year of expiry; raises FieldError for the first field that is wrong."""
    number = re.sub(r"[\s-]", "", form.get("number", ""))
    if not number:
        raise FieldError("number", "Your card number is incomplete.")
    match = _EXPIRY.match(form.get("expiry", "").strip())
    if match is None:
        raise FieldError("expiry", "Your card's expiration date is incomplete.")
    month, year = int(match[1]), 2000 + int(match[2])
    today = datetime.fromtimestamp(now, UTC)
    if (year, month) < (today.year, today.month):
        raise FieldError("expiry", "Your card's expiration date is in the past.")
    if not re.fullmatch(r"[0-9]{3,4}", form.get("cvc", "").strip()):
        raise FieldError("cvc", "Your card's security code is incomplete.")
    return number, month, year
