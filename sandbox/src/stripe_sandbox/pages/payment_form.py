"""The payment form, used by the hosted page and by the frame of the embedded page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stripe_sandbox.control.running import Server
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import CardDeclined, InvalidRequest
from stripe_sandbox.pages.form_fields import KEPT, FieldError, read_payment_form
from stripe_sandbox.payments import cards
from stripe_sandbox.sessions import paying as checkout
from stripe_sandbox.sessions import summary as session_summary


@dataclass(frozen=True, slots=True)
class Attempt:
    """The result of a submission, and the entries that the form shows again: never the card."""

    shown: dict[str, str] = field(default_factory=dict)
    error: FieldError | None = None


class PaymentForm:
    """The form of one server's sessions."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._sandbox = server.sandbox

    def context(self, session: Object, attempt: Attempt | None = None) -> dict[str, Any]:
        """What the form's template needs."""
        intent = self._server.intent_of(session)
        attempt = attempt or Attempt(error=last_error(intent))
        known = {"email": session["_"].get("customer_email") or ""}
        return {
            "session": session,
            "lines": session_summary.lines(self._sandbox, session),
            "later": session_summary.recurring(self._sandbox, session),
            "code": session_summary.code_of(self._sandbox, session),
            "coupon": session_summary.coupon_of(self._sandbox, session),
            "values": {**dict.fromkeys(KEPT, ""), **known, **attempt.shown},
            "error": attempt.error,
            "locked_email": session["_"].get("customer_email"),
            "needs_card": checkout.needs_card(session),
            "terms": (session["consent_collection"] or {}).get("terms_of_service") == "required",
        }

    async def pay(self, session: Object, form: Mapping[str, str]) -> Attempt:
        """The buyer submits the form. For a completed session, waits until its webhooks are acknowledged or
        the maximum wait is over.
        """
        shown = {name: form.get(name, "") for name in KEPT}
        try:
            entry = read_payment_form(session, form, self._sandbox.clock.time())
            card = cards.by_number(entry.number) if entry.number is not None else None
        except FieldError as error:
            return Attempt(shown, error)
        except CardDeclined as error:
            return Attempt(shown, FieldError("number", error.message))
        before = self._sandbox.store.total()
        try:
            with self._sandbox.store.transaction():
                checkout.pay(self._sandbox, session, card, entry.buyer)
        except InvalidRequest as error:
            return Attempt(shown, FieldError("card", error.message))
        return await self._after(session, before, shown)

    async def authenticated(self, session: Object, *, authenticated: bool) -> Attempt:
        """The buyer returns from the bank."""
        details = session["_"].get("details") or {}
        shown = {name: details.get(name) or "" for name in ("email", "name", "phone")}
        before = self._sandbox.store.total()
        with self._sandbox.store.transaction():
            checkout.authenticate(self._sandbox, session, authenticated=authenticated)
        return await self._after(session, before, shown)

    async def _after(self, session: Object, before: int, shown: dict[str, str]) -> Attempt:
        self._sandbox.on_commit()
        if session["status"] == "complete":
            events = [event["id"] for event in self._server.events_since(before)]
            await self._server.dispatcher.wait_acknowledged(events, self._sandbox.settings.redirect_wait)
        return Attempt(shown, last_error(self._server.intent_of(session)))

    def promotion(self, session: Object, form: Mapping[str, str]) -> Attempt:
        """The buyer applies a promotion code, or removes it (an empty one)."""
        try:
            with self._sandbox.store.transaction():
                checkout.redeem_code(self._sandbox, session, form.get("code", ""))
        except InvalidRequest as error:
            return Attempt(error=FieldError("promotion", error.message))
        return Attempt()

    def waits_for_bank(self, session: Object) -> Object | None:
        """The session's intent, if 3-D Secure is required and not finished."""
        intent = self._server.intent_of(session)
        return intent if intent is not None and intent["status"] == "requires_action" else None


def last_error(intent: Object | None) -> FieldError | None:
    """The bank's message about the last attempt."""
    error = None if intent is None else intent.get("last_payment_error") or intent.get("last_setup_error")
    return None if error is None else FieldError("card", error["message"])
