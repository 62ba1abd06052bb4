"""The buyer's data as entered on a payment page, without the card."""

from __future__ import annotations

from dataclasses import dataclass

from stripe_sandbox.core.store import Object
from stripe_sandbox.payments.methods import EMPTY_ADDRESS, billing_details


@dataclass(frozen=True, slots=True)
class Buyer:
    """The buyer's entries on the payment page, and the card's expiry. Without an `address`, only the country
    is known.
    """

    email: str | None = None
    name: str | None = None
    country: str | None = "US"
    exp_month: int = 12
    exp_year: int = 2034
    phone: str | None = None
    address: Object | None = None

    def full_address(self) -> Object:
        """The address with all fields."""
        return {**EMPTY_ADDRESS, "country": self.country, **(self.address or {})}

    def billing(self, email: str | None) -> Object:
        """The billing details of the buyer's card."""
        details = billing_details(email=email, name=self.name, phone=self.phone)
        return {**details, "address": self.full_address()}

    def details(self, email: str | None) -> Object:
        """The `customer_details` of a session."""
        return {
            "address": self.full_address(),
            "business_name": None,
            "email": email,
            "individual_name": None,
            "name": self.name,
            "phone": self.phone,
            "tax_exempt": "none",
            "tax_ids": [],
        }
