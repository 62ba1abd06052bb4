"""`/_sandbox/`: actions that tests and demonstrations need and that Stripe's API does not offer.

Requests and answers are JSON; an invalid body returns 400 with an explanation.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_sandbox.billing import renewals
from stripe_sandbox.control import bodies as control_bodies
from stripe_sandbox.control.control_group import ControlGroup, body_of
from stripe_sandbox.core.sandbox import Dunning
from stripe_sandbox.core.store import Object, public
from stripe_sandbox.errors import CardDeclined, InvalidRequest
from stripe_sandbox.payments import cards
from stripe_sandbox.payments import disputing as disputes
from stripe_sandbox.payments import refunding as refunds
from stripe_sandbox.payments.buyers import Buyer
from stripe_sandbox.sessions import paying as checkout


class Controls(ControlGroup):
    """Controls of payments, subscriptions and time."""

    def routes(self) -> list[Route]:
        """The routes under /_sandbox."""
        return self.table(
            ("GET", "/health", self.health),
            ("POST", "/checkout/sessions/{id}/pay", self.pay),
            ("POST", "/checkout/sessions/{id}/promotion_code", self.promotion_code),
            ("POST", "/checkout/sessions/{id}/expire", self.expire),
            ("POST", "/payment_intents/{id}/authenticate", self.authenticate),
            ("POST", "/setup_intents/{id}/authenticate", self.authenticate),
            ("POST", "/payment_intents/{id}/settle", self.settle_payment),
            ("POST", "/subscriptions/{id}/renew", self.renew),
            ("POST", "/refunds/{id}/fail", self.fail_refund),
            ("POST", "/refunds/{id}/settle", self.settle_refund),
            ("POST", "/charges/{id}/dispute", self.dispute),
            ("POST", "/charges/{id}/early_fraud_warning", self.early_fraud_warning),
            ("POST", "/disputes/{id}/close", self.close_dispute),
            ("GET", "/clock", self.clock),
            ("POST", "/clock", self.set_clock),
            ("POST", "/dunning", self.set_dunning),
            ("POST", "/history", self.make_history),
            ("POST", "/reset", self.reset),
        )

    async def health(self, _: Request) -> Response:
        """The state of the store and of the background tasks, with counts."""
        ended = self._server.ended()
        about = {
            "status": f"background task failed, restart the sandbox: {', '.join(ended)}" if ended else "ok",
            "now": self._sandbox.clock.now(),
            "objects": self._sandbox.store.total(),
            "deliveries": self._server.deliveries.counts(),
        }
        return JSONResponse(about, 503 if ended else 200)

    async def pay(self, request: Request) -> Object:
        """Pay a session as a buyer would. `three_d_secure` is the buyer's choice if 3-D Secure is needed."""
        wanted = await body_of(request, control_bodies.Pay)
        session = self.find("checkout.session", request)
        before = self._sandbox.store.total()
        try:
            card = cards.by_number(wanted.card) if wanted.card else None
        except CardDeclined as error:
            return await self._paid(session, before, error, wait=0)
        buyer = Buyer(wanted.email, wanted.name, wanted.country)
        with self._sandbox.store.transaction():
            checkout.pay(self._sandbox, session, card, buyer)
            intent = self._server.intent_of(session)
            if (
                intent is not None
                and intent["status"] == "requires_action"
                and wanted.three_d_secure != "leave"
            ):
                checkout.authenticate(
                    self._sandbox, session, authenticated=wanted.three_d_secure == "complete"
                )
        self._sandbox.on_commit()
        return await self._paid(session, before, None, wait=wanted.wait_seconds)

    async def _paid(
        self, session: Object, before: int, refused: CardDeclined | None, *, wait: float
    ) -> Object:
        intent = self._server.intent_of(session)
        events = self._server.events_since(before)
        acknowledged = None
        if wait > 0:
            acknowledged = await self._server.dispatcher.wait_acknowledged([e["id"] for e in events], wait)
        error = {"message": refused.message, "code": refused.code} if refused is not None else None
        if error is None and intent is not None:
            error = intent.get("last_payment_error") or intent.get("last_setup_error")
        if session["status"] == "complete":
            status = "succeeded"
        elif intent is not None and intent["status"] == "requires_action":
            status = "requires_action"
        else:
            status = "declined"
        intent_name = "setup_intent" if session["mode"] == "setup" else "payment_intent"
        return {
            "status": status,
            "session": public(session),
            intent_name: None if intent is None else public(intent),
            "error": error,
            "redirect_url": checkout.return_url(session) if status == "succeeded" else None,
            "events": [{"id": e["id"], "type": e["type"]} for e in events],
            "acknowledged": acknowledged,
        }

    async def promotion_code(self, request: Request) -> Object:
        """Enter a promotion code on the payment page: {"code": "SPRING"}; an empty one removes it."""
        wanted = await body_of(request, control_bodies.PromotionCode)
        return self.change(
            "checkout.session",
            request,
            lambda session: checkout.redeem_code(self._sandbox, session, wanted.code),
        )

    async def expire(self, request: Request) -> Object:
        """Expire a session now."""
        session = self.find("checkout.session", request)
        checkout.require_open(session)
        with self._sandbox.store.transaction():
            return public(checkout.expire(self._sandbox, session))

    async def authenticate(self, request: Request) -> Object:
        """Finish 3-D Secure of an intent: {"outcome": "complete" | "fail"}."""
        wanted = await body_of(request, control_bodies.Authenticate)
        intent = self._server.waiting_intent(request.path_params["id"])
        if intent is None:
            raise InvalidRequest("No intent with this id requires 3-D Secure.", status=404)
        with self._sandbox.store.transaction():
            checkout.finish_action(self._sandbox, intent, authenticated=wanted.good)
        return public(self.find(intent["object"], request))

    async def settle_payment(self, request: Request) -> Object:
        """Settle a bank debit: {"outcome": "succeed" | "fail"}."""
        wanted = await body_of(request, control_bodies.ChargeOutcome)
        return self.change(
            "payment_intent",
            request,
            lambda intent: checkout.settle(self._sandbox, intent, succeeded=wanted.good),
        )

    async def renew(self, request: Request) -> Object:
        """End a subscription's period now and charge the next one: {"outcome": "succeed" | "fail"}."""
        wanted = await body_of(request, control_bodies.ChargeOutcome)
        return self.change(
            "subscription",
            request,
            lambda found: renewals.renew_now(self._sandbox, found, fails=not wanted.good),
        )

    async def fail_refund(self, request: Request) -> Object:
        """Make a refund fail: {"reason": "expired_or_canceled_card"}."""
        wanted = await body_of(request, control_bodies.FailRefund)
        return self.change(
            "refund", request, lambda refund: refunds.fail(self._sandbox, refund, wanted.reason)
        )

    async def settle_refund(self, request: Request) -> Object:
        """Settle a pending refund."""
        return self.change("refund", request, lambda refund: refunds.settle(self._sandbox, refund))

    async def dispute(self, request: Request) -> Object:
        """Dispute a charge: {"reason": "fraudulent", "inquiry": false, "amount": null}."""
        wanted = await body_of(request, control_bodies.OpenDispute)
        if wanted.reason not in disputes.REASONS:
            raise InvalidRequest(f"reason must be one of {', '.join(disputes.REASONS)}.", param="reason")
        return self.change(
            "charge",
            request,
            lambda charge: disputes.open_(
                self._sandbox, charge, wanted.reason, inquiry=wanted.inquiry, amount=wanted.amount
            ),
        )

    async def close_dispute(self, request: Request) -> Object:
        """Decide a dispute: {"outcome": "won" | "lost"}."""
        wanted = await body_of(request, control_bodies.CloseDispute)
        return self.change(
            "dispute", request, lambda dispute: disputes.close(self._sandbox, dispute, won=wanted.good)
        )

    async def early_fraud_warning(self, request: Request) -> Object:
        """Create an early fraud warning for a charge."""
        return self.change(
            "charge", request, lambda charge: disputes.create_fraud_warning(self._sandbox, charge)
        )

    async def clock(self, _: Request) -> Object:
        """The sandbox's time."""
        clock = self._sandbox.clock
        return {"now": clock.now(), "offset": clock.offset, "frozen": clock.frozen}

    async def set_clock(self, request: Request) -> Object:
        """Move the clock: one of {"offset"}, {"advance"} (seconds), {"now"}; everything due runs before the
        answer.
        """
        wanted = await body_of(request, control_bodies.SetClock)
        due = self._server.move_clock(wanted)
        return {**await self.clock(request), "happened": due}

    async def set_dunning(self, request: Request) -> Object:
        """Set how failed renewals are retried: {"retry_days": [3, 5, 7], "in_the_end": "cancel"}."""
        wanted = await body_of(request, control_bodies.Dunning)
        self._sandbox.dunning = Dunning(wanted.retry_days, wanted.in_the_end)
        return {"retry_days": wanted.retry_days, "in_the_end": wanted.in_the_end}

    async def make_history(self, request: Request) -> Object:
        """Generate past orders: {"orders": 100, "days": 90, "seed": 1, "deliver": false, "metadata",
        "courses"}.
        """
        wanted = await body_of(request, control_bodies.History)
        return {"orders": wanted.orders, "events": self._server.make_history(wanted)}

    async def reset(self, _: Request) -> Object:
        """Delete everything except the webhook endpoints; end all webhook settings and outages."""
        self._server.reset()
        return {"status": "reset"}
