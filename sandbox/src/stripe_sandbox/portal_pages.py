"""The customer portal in a browser: subscriptions, cards and invoices of one customer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stripe_sandbox import cards, payment_methods, setups, subscriptions
from stripe_sandbox.api import Call
from stripe_sandbox.errors import StripeError
from stripe_sandbox.page_forms import FieldError, read_card, read_form
from stripe_sandbox.rendering import Renderer, redirect
from stripe_sandbox.resources import customers as customer_operations
from stripe_sandbox.resources import subscriptions as subscription_operations
from stripe_sandbox.server import Server
from stripe_sandbox.store import Object

Form = dict[str, str]


class PortalPages:
    """The portal of one server."""

    def __init__(self, server: Server, renderer: Renderer) -> None:
        self._server = server
        self._sandbox = server.sandbox
        self._renderer = renderer
        self._actions: dict[str, Callable[[Object, Form], None]] = {
            "cancel": self._cancel,
            "resume": self._resume,
            "switch": self._switch,
            "add-card": self._add_card,
            "default-card": self._default_card,
            "remove-card": self._remove_card,
        }

    def routes(self) -> list[Route]:
        """The routes of the portal."""
        return [
            Route("/p/session/{id}", self.show, methods=["GET"]),
            Route("/p/session/{id}/{action}", self.act, methods=["POST"]),
        ]

    def _session(self, request: Request) -> Object | None:
        return self._sandbox.store.get(request.path_params["id"], "billing_portal.session")

    def _page(self, session: Object, error: str | None = None) -> Response:
        store = self._sandbox.store
        customer = store.get(session["customer"], "customer")
        if customer is None:
            return self._renderer.message("This page is gone", "The customer was deleted.", status=404)
        configuration = self._sandbox.require("billing_portal.configuration", session["configuration"])
        where = {"customer": customer["id"]}
        running = [one for one in store.find("subscription", where) if one["status"] in subscriptions.LIVE]
        return self._renderer.page(
            "portal.html",
            session=session,
            customer=customer,
            features=configuration["features"],
            subscriptions=[{**one, "product": self._product(one)} for one in running],
            plans=self._plans(configuration),
            cards=store.find("payment_method", {**where, "type": "card"}),
            invoices=store.find("invoice", where, limit=24),
            error=error,
        )

    def _product(self, subscription: Object) -> str:
        price = subscriptions.items(subscription)[0]["price"]
        product = self._sandbox.store.get(price["product"], "product")
        return "Subscription" if product is None else str(product["name"])

    def _plans(self, configuration: Object) -> list[dict[str, Any]]:
        """The prices that a customer may switch to."""
        found = []
        for product in configuration["features"]["subscription_update"]["products"] or []:
            name = self._sandbox.require("product", product["product"])["name"]
            found += [
                {"name": name, "price": self._sandbox.require("price", id_)} for id_ in product["prices"]
            ]
        return found

    async def show(self, request: Request) -> Response:
        """The portal."""
        session = self._session(request)
        if session is None:
            return self._renderer.message(
                "This link is wrong", "Open the portal from the shop again.", status=404
            )
        return self._page(session)

    async def act(self, request: Request) -> Response:
        """The customer changes something."""
        form = await read_form(request)
        session, action = self._session(request), self._actions.get(request.path_params["action"])
        if session is None or action is None:
            return self._renderer.message(
                "This link is wrong", "Open the portal from the shop again.", status=404
            )
        # A declined card is a fact to keep (setup_intent.setup_failed), so it is told after the commit.
        try:
            with self._sandbox.store.transaction():
                action(session, form)
        except (StripeError, FieldError) as error:
            return self._page(session, error.message)
        finally:
            self._sandbox.on_commit()
        return redirect(f"/p/session/{session['id']}")

    def _feature(self, session: Object, name: str) -> Object:
        """A feature of the portal; refused when the configuration has switched it off."""
        configuration = self._sandbox.require("billing_portal.configuration", session["configuration"])
        feature: Object = configuration["features"][name]
        if not feature["enabled"]:
            raise FieldError(name, "The shop does not offer this here.")
        return feature

    def _own(self, session: Object, kind: str, form: Form) -> Object:
        """The object that the form names, which must be this customer's."""
        found = self._sandbox.store.get(form.get("id", ""), kind)
        if found is None or found["customer"] != session["customer"]:
            raise FieldError("id", "That is not here (any more).")
        return found

    def _update(self, subscription: Object, params: dict[str, Any]) -> None:
        subscription_operations.update(Call(self._sandbox, {"id": subscription["id"]}, params))

    def _cancel(self, session: Object, form: Form) -> None:
        feature = self._feature(session, "subscription_cancel")
        subscription = self._own(session, "subscription", form)
        if feature["mode"] == "immediately":
            subscription_operations.cancel(Call(self._sandbox, {"id": subscription["id"]}, {}))
        else:
            self._update(subscription, {"cancel_at_period_end": True})

    def _resume(self, session: Object, form: Form) -> None:
        self._feature(session, "subscription_cancel")
        self._update(self._own(session, "subscription", form), {"cancel_at_period_end": False})

    def _switch(self, session: Object, form: Form) -> None:
        feature = self._feature(session, "subscription_update")
        allowed = {price for product in feature["products"] or [] for price in product["prices"]}
        if form.get("price") not in allowed:
            raise FieldError("price", "This plan is not offered.")
        subscription = self._own(session, "subscription", form)
        item = subscriptions.items(subscription)[0]["id"]
        change = {"items": [{"id": item, "price": form["price"]}]}
        self._update(subscription, {**change, "proration_behavior": feature["proration_behavior"]})

    def _add_card(self, session: Object, form: Form) -> None:
        self._feature(session, "payment_method_update")
        number, month, year = read_card(form, self._sandbox.clock.time())
        card = cards.by_number(number)
        if card.decline is not None and not card.decline.at_charge_only:
            raise FieldError("number", card.decline.message)
        customer = self._sandbox.require("customer", session["customer"])
        billing = payment_methods.billing_details(email=customer["email"], name=customer["name"])
        method = payment_methods.card_payment_method(
            self._sandbox, card, billing, exp_month=month, exp_year=year
        )
        intent = setups.create_intent(self._sandbox, customer=customer["id"])
        setups.confirm(self._sandbox, intent, method)
        if intent["status"] == "requires_action":
            # The portal stands for the bank's page, too: who adds a card here has confirmed it.
            setups.finish_action(self._sandbox, intent, authenticated=True)
        self._make_default(customer["id"], method["id"])

    def _default_card(self, session: Object, form: Form) -> None:
        self._feature(session, "payment_method_update")
        self._make_default(session["customer"], self._own(session, "payment_method", form)["id"])

    def _make_default(self, customer: str, method: str) -> None:
        params = {"invoice_settings": {"default_payment_method": method}}
        customer_operations.update(Call(self._sandbox, {"id": customer}, params))

    def _remove_card(self, session: Object, form: Form) -> None:
        self._feature(session, "payment_method_update")
        payment_methods.detach(self._sandbox, self._own(session, "payment_method", form))
