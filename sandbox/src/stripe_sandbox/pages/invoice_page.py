"""The page of `hosted_invoice_url`, where the customer can pay the invoice."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stripe_sandbox.billing import invoicing as invoices
from stripe_sandbox.billing import renewals
from stripe_sandbox.control.running import Server
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import CardDeclined, StripeError
from stripe_sandbox.pages.form_fields import FieldError, read_card, read_form
from stripe_sandbox.pages.payment_form import last_error
from stripe_sandbox.pages.rendering import Renderer, redirect
from stripe_sandbox.payments import cards
from stripe_sandbox.payments import intents as payments
from stripe_sandbox.payments import methods as payment_methods


class InvoicePages:
    """The invoices of one server."""

    def __init__(self, server: Server, renderer: Renderer) -> None:
        self._sandbox = server.sandbox
        self._renderer = renderer

    def routes(self) -> list[Route]:
        """The routes of the page."""
        return [
            Route("/i/{id}", self.show, methods=["GET"]),
            Route("/i/{id}", self.pay, methods=["POST"]),
        ]

    def _invoice(self, request: Request) -> Object | None:
        found = self._sandbox.store.get(request.path_params["id"], "invoice")
        return found if found is not None and found["status"] != "draft" else None

    def _page(self, invoice: Object | None, error: FieldError | None = None) -> Response:
        if invoice is None:
            return self._renderer.message("Invoice not found", "This invoice does not exist.", status=404)
        return self._renderer.page("invoice.html", invoice=invoice, error=error)

    async def show(self, request: Request) -> Response:
        """The invoice, with the bank's last message about it."""
        invoice = self._invoice(request)
        intent = None
        if invoice is not None and invoice["status"] == "open":
            intent = self._sandbox.store.get(invoice["_"]["intent"] or "")
        return self._page(invoice, last_error(intent))

    async def pay(self, request: Request) -> Response:
        """The customer pays with a card."""
        form = await read_form(request)
        invoice = self._invoice(request)
        if invoice is None or invoice["status"] != "open":
            return self._page(invoice)
        with self._sandbox.clock.at(self._sandbox.time_of(invoice["test_clock"])):
            try:
                number, month, year = read_card(form, self._sandbox.clock.time())
                with self._sandbox.store.transaction():
                    intent = self._charge(invoice, number, month, year)
            except FieldError as error:
                return self._page(invoice, error)
            except CardDeclined as error:
                return self._page(invoice, FieldError("number", error.message))
            except StripeError as error:
                return self._page(invoice, FieldError("card", error.message))
        self._sandbox.on_commit()
        if intent["status"] == "requires_action":
            return redirect(f"/3ds/{intent['id']}")
        return redirect(f"/i/{invoice['id']}")

    def _charge(self, invoice: Object, number: str, month: int, year: int) -> Object:
        sandbox, card = self._sandbox, cards.by_number(number)
        if card.delayed is not None:
            raise FieldError("number", "Invoices can only be paid by card here.")
        billing = payment_methods.billing_details(
            email=invoice["customer_email"], name=invoice["customer_name"]
        )
        method = payment_methods.card_payment_method(sandbox, card, billing, exp_month=month, exp_year=year)
        intent = invoices.payment_intent(sandbox, invoice)
        if intent["status"] == "requires_action":
            intent.update(status="requires_payment_method", next_action=None)
        intent["_"]["return_url"] = invoice["hosted_invoice_url"]
        payments.confirm(sandbox, intent, method)
        renewals.follow(sandbox, intent)
        return intent
