"""The hosted pages: payment, 3-D Secure, recovery of an expired session, and an index of what there is."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from stripe_sandbox import cards, checkout, line_items, session_new
from stripe_sandbox.buyers import Buyer
from stripe_sandbox.errors import CardDeclined, InvalidRequest
from stripe_sandbox.page_forms import FieldError, read_payment_form
from stripe_sandbox.rendering import HEADERS, Renderer
from stripe_sandbox.server import Server
from stripe_sandbox.store import Object


class Pages:
    """The pages of one server."""

    def __init__(self, server: Server, renderer: Renderer) -> None:
        self._server = server
        self._sandbox = server.sandbox
        self._page = renderer.page
        self._message = renderer.message

    def routes(self) -> list[Route]:
        """The routes of the pages."""
        return [
            Route("/", self.index, methods=["GET"]),
            Route("/c/pay/{id}", self.payment, methods=["GET"]),
            Route("/c/pay/{id}", self.submit, methods=["POST"]),
            Route("/c/pay/{id}/promotion", self.promotion, methods=["POST"]),
            Route("/3ds/{id}", self.three_ds, methods=["GET"]),
            Route("/3ds/{id}", self.three_ds_done, methods=["POST"]),
            Route("/r/{id}", self.recover, methods=["GET"]),
            Route("/receipts/{id}", self.receipt, methods=["GET"]),
        ]

    def _session(self, request: Request) -> Object | None:
        found = self._sandbox.store.get(request.path_params["id"], "checkout.session")
        # A session of the embedded page or of Elements is shown by its shop alone.
        return found if found is not None and found["ui_mode"] == "hosted_page" else None

    def _closed(self, session: Object | None) -> Response | None:
        """The page that is shown instead when nothing can be paid (any more)."""
        if session is None:
            return self._message(
                "Something went wrong",
                "There is no such Checkout Session. Go back to the shop and start again.",
                status=404,
            )
        if session["status"] == "complete":
            return self._message(
                "You're all done here", "This payment is complete.", checkout.return_url(session) or None
            )
        if session["status"] == "expired":
            return self._message(
                "This page has expired",
                "Go back to the shop and start again; nothing was charged.",
                session["cancel_url"],
            )
        return None

    def _form(
        self, session: Object, *, values: dict[str, str] | None = None, error: FieldError | None = None
    ) -> Response:
        return self._page(
            "pay.html",
            session=session,
            lines=line_items.listed(session),
            values=values or {"email": session["_"].get("customer_email") or ""},
            error=error,
            locked_email=session["_"].get("customer_email"),
            needs_card=checkout.needs_card(session),
            terms=(session["consent_collection"] or {}).get("terms_of_service") == "required",
        )

    async def payment(self, request: Request) -> Response:
        """The payment page."""
        session = self._session(request)
        closed = self._closed(session)
        if closed is not None:
            return closed
        assert session is not None
        return self._form(session, error=_last_error(self._server.intent_of(session)))

    async def submit(self, request: Request) -> Response:
        """The buyer presses Pay."""
        form = {
            name: values[-1]
            for name, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()
        }
        session = self._session(request)
        closed = self._closed(session)
        if closed is not None:
            return closed
        assert session is not None
        # What is shown again after a mistake: never the card.
        shown = {"email": form.get("email", ""), "name": form.get("name", "")}
        try:
            entry = read_payment_form(session, form, self._sandbox.clock.time())
            card = cards.by_number(entry.number) if entry.number is not None else None
        except FieldError as error:
            return self._form(session, values=shown, error=error)
        except CardDeclined as error:
            return self._form(session, values=shown, error=FieldError("number", error.message))
        buyer = Buyer(entry.email, entry.name, "US", entry.exp_month, entry.exp_year)
        before = self._sandbox.store.total()
        with self._sandbox.store.transaction():
            checkout.pay(self._sandbox, session, card, buyer)
        return await self._after(session, before, shown)

    async def _after(self, session: Object, before: int, shown: dict[str, str]) -> Response:
        """Where the buyer goes after an attempt to pay."""
        self._sandbox.on_commit()
        intent = self._server.intent_of(session)
        if session["status"] == "complete":
            events = [event["id"] for event in self._server.events_since(before)]
            await self._server.dispatcher.wait_acknowledged(events, self._sandbox.settings.redirect_wait)
            url = checkout.return_url(session)
            return (
                RedirectResponse(url, 303, HEADERS)
                if url
                else self._message("Thanks", "The payment is complete.")
            )
        if intent is not None and intent["status"] == "requires_action":
            return RedirectResponse(f"/3ds/{intent['id']}", 303, HEADERS)
        return self._form(session, values=shown, error=_last_error(intent))

    async def promotion(self, request: Request) -> Response:
        """The buyer applies a promotion code, or (an empty one) takes it back."""
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        session = self._session(request)
        closed = self._closed(session)
        if closed is not None:
            return closed
        assert session is not None
        try:
            with self._sandbox.store.transaction():
                checkout.redeem_code(self._sandbox, session, form.get("code", [""])[0])
        except InvalidRequest as error:
            return self._form(session, error=FieldError("promotion", error.message))
        return RedirectResponse(f"/c/pay/{session['id']}", 303, HEADERS)

    async def three_ds(self, request: Request) -> Response:
        """The bank's page."""
        intent = self._server.waiting_intent(request.path_params["id"])
        if intent is None:
            return self._message(
                "Nothing to confirm", "This payment asks for no authentication (any more).", status=404
            )
        return self._page("three_ds.html", intent=intent)

    async def three_ds_done(self, request: Request) -> Response:
        """The buyer has confirmed, or refused."""
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        intent = self._server.waiting_intent(request.path_params["id"])
        if intent is None:
            return self._message(
                "Nothing to confirm", "This payment asks for no authentication (any more).", status=404
            )
        before = self._sandbox.store.total()
        with self._sandbox.store.transaction():
            checkout.finish_action(self._sandbox, intent, authenticated=form.get("outcome") == ["complete"])
        self._sandbox.on_commit()
        session_id = intent["_"].get("checkout_session")
        if session_id is None:
            target = intent["_"].get("return_url")
            return (
                RedirectResponse(target, 303, HEADERS)
                if target
                else self._message("Done", "You can close this page.")
            )
        session = self._sandbox.require("checkout.session", session_id)
        details = session["_"].get("details") or {}
        return await self._after(
            session, before, {"email": details.get("email") or "", "name": details.get("name") or ""}
        )

    async def recover(self, request: Request) -> Response:
        """An expired session's recovery URL: a new session that sells the same, with `recovered_from`."""
        old = self._sandbox.store.get(request.path_params["id"], "checkout.session")
        recovery = ((old or {}).get("after_expiration") or {}).get("recovery")
        if (
            old is None
            or not recovery
            or not recovery["url"]
            or recovery["expires_at"] < self._sandbox.clock.now()
        ):
            return self._message("This link has expired", "Go back to the shop and start again.", status=404)
        with self._sandbox.store.transaction():
            session = session_new.recover(self._sandbox, old)
        return RedirectResponse(f"/c/pay/{session['id']}", 303, HEADERS)

    async def receipt(self, request: Request) -> Response:
        """What a charge's `receipt_url` shows."""
        intent = self._sandbox.store.get(request.path_params["id"], "payment_intent")
        if intent is None or intent["status"] != "succeeded":
            return self._message("No such receipt", "There is no such payment.", status=404)
        charge = self._sandbox.require("charge", intent["latest_charge"])
        return self._page("receipt.html", charge=charge)

    async def index(self, _: Request) -> Response:
        """What there is: sessions, payments, events and deliveries."""
        store = self._sandbox.store
        return self._page(
            "index.html",
            sessions=store.find("checkout.session", limit=25),
            payments=store.find("payment_intent", limit=25),
            events=store.find("event", limit=40),
            deliveries=self._server.deliveries.page(limit=40),
            endpoints=store.find("webhook_endpoint"),
            counts=self._server.deliveries.counts(),
            now=self._sandbox.clock.now(),
            paused=self._server.dispatcher.paused,
        )


def _last_error(intent: Object | None) -> FieldError | None:
    error = None if intent is None else intent.get("last_payment_error") or intent.get("last_setup_error")
    return None if error is None else FieldError("card", error["message"])
