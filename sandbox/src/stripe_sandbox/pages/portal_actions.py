"""Actions of customers in the portal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stripe_sandbox.billing import subscription_reads
from stripe_sandbox.billing.portal_configuration import CANCEL_REASONS
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.endpoints.billing_resources import subscriptions as subscription_operations
from stripe_sandbox.endpoints.payment_resources import customers as customer_operations
from stripe_sandbox.pages.form_fields import FieldError, read_card
from stripe_sandbox.payments import cards, setups
from stripe_sandbox.payments import methods as payment_methods
from stripe_sandbox.rest.operations import Call
from stripe_sandbox.rest.params import Email

Form = Mapping[str, str]
#: What customers may change about themselves, if the configuration allows it.
ABOUT = ("email", "name", "phone")


class PortalActions:
    """Each action takes the portal's session and the posted form, and returns an address to redirect to, if
    any. Raises FieldError or StripeError with a message for the customer.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.by_name: dict[str, Callable[[Object, Form], str | None]] = {
            "cancel": self._cancel,
            "resume": self._resume,
            "switch": self._switch,
            "add-card": self._add_card,
            "default-card": self._default_card,
            "remove-card": self._remove_card,
            "about": self._about,
        }

    def feature(self, session: Object, name: str) -> Object:
        """A feature of the portal; raises FieldError if the configuration does not enable it."""
        configuration = self._sandbox.require("billing_portal.configuration", session["configuration"])
        feature: Object = configuration["features"][name]
        if not feature["enabled"]:
            raise FieldError(name, "The shop does not offer this.")
        return feature

    def own(self, session: Object, kind: str, form: Form) -> Object:
        """The object that the form names, which must belong to the customer."""
        found = self._sandbox.store.get(form.get("id", ""), kind)
        if found is None or found["customer"] != session["customer"]:
            raise FieldError("id", "This no longer exists.")
        return found

    def plan(self, session: Object, subscription: Object, id_: str) -> Object:
        """The price with this id, if the customer may switch the subscription to it."""
        feature = self.feature(session, "subscription_update")
        allowed = {price for product in feature["products"] or [] for price in product["prices"]}
        price = self._sandbox.store.get(id_, "price")
        if price is None or id_ not in allowed or price["currency"] != subscription["currency"]:
            raise FieldError("price", "This plan is not available.")
        return price

    def _update(self, subscription: Object, params: dict[str, Any]) -> None:
        subscription_operations.update(Call(self._sandbox, {"id": subscription["id"]}, params))

    def _cancel(self, session: Object, form: Form) -> None:
        feature = self.feature(session, "subscription_cancel")
        subscription = self.own(session, "subscription", form)
        details: dict[str, Any] = {}
        if feature["cancellation_reason"]["enabled"]:
            given = {"feedback": form.get("feedback"), "comment": form.get("comment", "").strip()[:500]}
            if given["feedback"] and given["feedback"] not in CANCEL_REASONS:
                raise FieldError("feedback", "Please choose one of the reasons.")
            details = {"cancellation_details": {name: value for name, value in given.items() if value}}
        if feature["mode"] == "immediately":
            subscription_operations.cancel(Call(self._sandbox, {"id": subscription["id"]}, details))
        else:
            self._update(subscription, {"cancel_at_period_end": True, **details})

    def _resume(self, session: Object, form: Form) -> None:
        self.feature(session, "subscription_cancel")
        self._update(self.own(session, "subscription", form), {"cancel_at_period_end": False})

    def _switch(self, session: Object, form: Form) -> None:
        feature = self.feature(session, "subscription_update")
        subscription = self.own(session, "subscription", form)
        price = self.plan(session, subscription, form.get("price", ""))
        item = subscription_reads.items(subscription)[0]["id"]
        change = {"items": [{"id": item, "price": price["id"]}]}
        self._update(subscription, {**change, "proration_behavior": feature["proration_behavior"]})

    def _add_card(self, session: Object, form: Form) -> str | None:
        self.feature(session, "payment_method_update")
        number, month, year = read_card(form, self._sandbox.clock.time())
        card = cards.by_number(number)
        if card.decline is not None and not card.decline.at_charge_only:
            raise FieldError("number", card.decline.message)
        if card.delayed is not None:
            raise FieldError("number", "Only cards can be saved here.")
        customer = self._sandbox.require("customer", session["customer"])
        billing = payment_methods.billing_details(email=customer["email"], name=customer["name"])
        method = payment_methods.card_payment_method(
            self._sandbox, card, billing, exp_month=month, exp_year=year
        )
        links = {"return_url": session["url"], "default_for": customer["id"]}
        intent = setups.create_intent(self._sandbox, links=links, customer=customer["id"])
        setups.confirm(self._sandbox, intent, method)
        return f"/3ds/{intent['id']}" if intent["status"] == "requires_action" else None

    def _default_card(self, session: Object, form: Form) -> None:
        self.feature(session, "payment_method_update")
        method = self.own(session, "payment_method", form)
        params = {"invoice_settings": {"default_payment_method": method["id"]}}
        customer_operations.update(Call(self._sandbox, {"id": session["customer"]}, params))

    def _remove_card(self, session: Object, form: Form) -> None:
        self.feature(session, "payment_method_update")
        payment_methods.detach(self._sandbox, self.own(session, "payment_method", form))

    def _about(self, session: Object, form: Form) -> None:
        allowed = self.feature(session, "customer_update")["allowed_updates"]
        changes: dict[str, Any] = {
            name: form[name].strip()[:256] or None for name in ABOUT if name in allowed and name in form
        }
        if changes.get("email") is not None:
            Email().parse(changes["email"], "email")
        elif "email" in changes:
            raise FieldError("email", "Please enter your email address.")
        customer_operations.update(Call(self._sandbox, {"id": session["customer"]}, changes))
