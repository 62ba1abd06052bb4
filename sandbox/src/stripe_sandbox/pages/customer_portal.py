"""Pages of the customer portal: subscriptions, cards and invoices of a customer."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stripe_sandbox.billing import portal_configuration as portal
from stripe_sandbox.billing import subscription_reads
from stripe_sandbox.control.running import Server
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import StripeError
from stripe_sandbox.pages.form_fields import FieldError, read_form
from stripe_sandbox.pages.portal_actions import ABOUT, PortalActions
from stripe_sandbox.pages.rendering import Renderer, redirect


class PortalPages:
    """The portal of one server."""

    def __init__(self, server: Server, renderer: Renderer) -> None:
        self._sandbox = server.sandbox
        self._renderer = renderer
        self._actions = PortalActions(server.sandbox)

    def routes(self) -> list[Route]:
        """The routes of the portal."""
        return [
            Route("/p/session/{id}", self.show, methods=["GET"]),
            Route("/p/session/{id}/confirm/{action}", self.confirm, methods=["GET"]),
            Route("/p/session/{id}/{action}", self.act, methods=["POST"]),
        ]

    def _session(self, request: Request) -> Object | None:
        return self._sandbox.store.get(request.path_params["id"], "billing_portal.session")

    def _wrong_link(self) -> Response:
        text = "Open the portal from the shop again."
        return self._renderer.message("Invalid link", text, status=404)

    def _page(self, session: Object, error: str | None = None) -> Response:
        store = self._sandbox.store
        customer = store.get(session["customer"], "customer")
        if customer is None:
            return self._renderer.message(
                "This page no longer exists", "The customer was deleted.", status=404
            )
        configuration = self._sandbox.require("billing_portal.configuration", session["configuration"])
        features, where = configuration["features"], {"customer": customer["id"]}
        running = [
            one for one in store.find("subscription", where) if one["status"] in subscription_reads.LIVE
        ]
        return self._renderer.page(
            "portal.html",
            session=session,
            customer=customer,
            profile=configuration["business_profile"],
            features=features,
            subscriptions=[self._shown(one) for one in running],
            plans=self._plans(configuration),
            cards=store.find("payment_method", {**where, "type": "card"}),
            invoices=store.find("invoice", where, limit=24),
            about=[name for name in ABOUT if name in features["customer_update"]["allowed_updates"]],
            error=error,
        )

    def _shown(self, subscription: Object) -> dict[str, Any]:
        """A subscription with its product, its card and its open invoice."""
        invoice = self._sandbox.store.get(subscription["latest_invoice"] or "", "invoice")
        return {
            **subscription,
            "product": self._product(subscription_reads.items(subscription)[0]["price"]),
            "card": subscription_reads.default_method(self._sandbox, subscription),
            "unpaid": invoice if invoice is not None and invoice["status"] == "open" else None,
        }

    def _product(self, price: Object) -> str:
        product = self._sandbox.store.get(price["product"], "product")
        return "Subscription" if product is None else str(product["name"])

    def _plans(self, configuration: Object) -> list[dict[str, Any]]:
        """The prices that the customer may switch to."""
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
        return self._wrong_link() if session is None else self._page(session)

    async def confirm(self, request: Request) -> Response:
        """Ask for confirmation before a subscription is canceled or switched, and state the consequences."""
        session, query = self._session(request), request.query_params
        if session is None:
            return self._wrong_link()
        try:
            subscription = self._actions.own(session, "subscription", query)
            if request.path_params["action"] == "cancel":
                feature, price = self._actions.feature(session, "subscription_cancel"), None
            else:
                feature = self._actions.feature(session, "subscription_update")
                price = self._actions.plan(session, subscription, query.get("price", ""))
        except FieldError as error:
            return self._page(session, error.message)
        return self._renderer.page(
            "portal_confirm.html",
            session=session,
            feature=feature,
            subscription=self._shown(subscription),
            price=price,
            plan=None if price is None else self._product(price),
            reasons=portal.CANCEL_REASONS,
        )

    async def act(self, request: Request) -> Response:
        """The customer submits a change."""
        form = await read_form(request)
        session = self._session(request)
        action = self._actions.by_name.get(request.path_params["action"])
        if session is None or action is None:
            return self._wrong_link()
        # A declined card must be recorded (setup_intent.setup_failed), so the error is shown after the
        # commit.
        try:
            with self._sandbox.store.transaction():
                elsewhere = action(session, form)
        except (StripeError, FieldError) as error:
            return self._page(session, error.message)
        finally:
            self._sandbox.on_commit()
        return redirect(elsewhere or f"/p/session/{session['id']}")
