"""The hosted pages: payment, 3-D Secure, recovery of an expired session, and receipt."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stripe_sandbox.control.running import Server
from stripe_sandbox.core.store import Object
from stripe_sandbox.pages.form_fields import read_form
from stripe_sandbox.pages.payment_form import Attempt, PaymentForm
from stripe_sandbox.pages.rendering import Renderer, redirect
from stripe_sandbox.sessions import creation as session_new
from stripe_sandbox.sessions import paying as checkout


class Pages:
    """The pages of one server."""

    def __init__(self, server: Server, renderer: Renderer) -> None:
        self._server = server
        self._sandbox = server.sandbox
        self._form = PaymentForm(server)
        self._page = renderer.page
        self._message = renderer.message

    def routes(self) -> list[Route]:
        """The routes of the pages."""
        return [
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
        # A session of the embedded page or of Elements is shown only by its shop.
        return found if found is not None and found["ui_mode"] == "hosted_page" else None

    def _open_session(self, request: Request) -> Object | Response:
        """The session of the path or, if it cannot be paid, the page that explains why."""
        session = self._session(request)
        if session is None:
            return self._message(
                "Something went wrong",
                "This Checkout Session does not exist. Go back to the shop and start again.",
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
        return session

    def _show(self, session: Object, attempt: Attempt | None = None) -> Response:
        return self._page("pay.html", **self._form.context(session, attempt))

    async def payment(self, request: Request) -> Response:
        """The payment page."""
        session = self._open_session(request)
        if isinstance(session, Response):
            return session
        return self._show(session)

    async def submit(self, request: Request) -> Response:
        """The buyer submits the form."""
        form = await read_form(request)
        # Looked up after reading the form: another submission may have completed the session meanwhile.
        session = self._open_session(request)
        if isinstance(session, Response):
            return session
        return self._after(session, await self._form.pay(session, form))

    def _after(self, session: Object, attempt: Attempt) -> Response:
        """The page to show after an attempt to pay."""
        if session["status"] == "complete":
            return redirect(checkout.return_url(session))
        intent = self._form.waits_for_bank(session)
        if attempt.error is None and intent is not None:
            return redirect(f"/3ds/{intent['id']}")
        return self._show(session, attempt)

    async def promotion(self, request: Request) -> Response:
        """The buyer applies a promotion code, or removes it (an empty one)."""
        form = await read_form(request)
        session = self._open_session(request)
        if isinstance(session, Response):
            return session
        attempt = self._form.promotion(session, form)
        if attempt.error is not None:
            return self._show(session, attempt)
        return redirect(f"/c/pay/{session['id']}")

    def _nothing_to_confirm(self) -> Response:
        return self._message(
            "Nothing to confirm",
            "This payment does not require authentication.",
            status=404,
            framed=True,
        )

    async def three_ds(self, request: Request) -> Response:
        """The bank's page, which a shop may also embed in a frame."""
        intent = self._server.waiting_intent(request.path_params["id"])
        if intent is None:
            return self._nothing_to_confirm()
        return self._page("three_ds.html", framed=True, intent=intent)

    async def three_ds_done(self, request: Request) -> Response:
        """The buyer has confirmed or refused."""
        authenticated = (await read_form(request)).get("outcome") == "complete"
        intent = self._server.waiting_intent(request.path_params["id"])
        if intent is None:
            return self._nothing_to_confirm()
        session_id = intent["_"].get("checkout_session")
        if session_id is not None:
            session = self._sandbox.require("checkout.session", session_id)
            attempt = await self._form.authenticated(session, authenticated=authenticated)
            return self._after(session, attempt)
        with self._sandbox.store.transaction():
            checkout.finish_action(self._sandbox, intent, authenticated=authenticated)
        self._sandbox.on_commit()
        target = intent["_"].get("return_url")
        if target:
            return redirect(target)
        return self._message("Done", "You can close this page.", framed=True)

    async def recover(self, request: Request) -> Response:
        """The recovery URL of an expired session: a new session with the same lines, and `recovered_from`."""
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
        return redirect(f"/c/pay/{session['id']}")

    async def receipt(self, request: Request) -> Response:
        """The page of a charge's `receipt_url`."""
        intent = self._sandbox.store.get(request.path_params["id"], "payment_intent")
        if intent is None or intent["status"] != "succeeded":
            return self._message("Receipt not found", "This payment does not exist.", status=404)
        charge = self._sandbox.require("charge", intent["latest_charge"])
        return self._page("receipt.html", charge=charge)
