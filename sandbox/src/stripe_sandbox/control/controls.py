"""`/_sandbox/`: what a test or demonstration does to the sandbox that no customer of Stripe can do to Stripe.

JSON in, JSON out; a wrong body is a 400 with a sentence.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_sandbox.billing import renewals
from stripe_sandbox.control import bodies as control_bodies
from stripe_sandbox.control.running import Server
from stripe_sandbox.core.sandbox import Dunning
from stripe_sandbox.core.store import Object, public
from stripe_sandbox.errors import CardDeclined, InvalidRequest, StripeError
from stripe_sandbox.payments import cards
from stripe_sandbox.payments import disputing as disputes
from stripe_sandbox.payments import refunding as refunds
from stripe_sandbox.payments.buyers import Buyer
from stripe_sandbox.rest.request_log import KEPT
from stripe_sandbox.sessions import paying as checkout

T = TypeVar("T", bound=msgspec.Struct)


async def body_of(request: Request, kind: type[T]) -> T:
    """The request's JSON as this type; an empty body is an empty object. Raises InvalidRequest."""
    raw = await request.body()
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"The body is not what this control wants: {error}") from error


def _limit(request: Request, most: int) -> int:
    """`?limit=`, at most `most`, by default 100; raises InvalidRequest."""
    text = request.query_params.get("limit", "100")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= most):
        raise InvalidRequest(f"limit is a number from 1 to {most}.", param="limit")
    return int(text)


class Controls:
    """The controls over one server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._sandbox = server.sandbox

    def routes(self) -> list[Route]:
        """The routes under /_sandbox."""
        table: list[tuple[str, str, Callable[[Request], Awaitable[Any]]]] = [
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
            ("GET", "/requests", self.requests),
            ("GET", "/deliveries", self.deliveries),
            ("POST", "/events/{id}/replay", self.replay),
            ("GET", "/webhooks", self.webhooks),
            ("POST", "/webhooks", self.change_webhooks),
            ("POST", "/webhooks/pause", self.pause),
            ("POST", "/webhooks/resume", self.resume),
            ("POST", "/webhooks/release", self.release),
            ("POST", "/webhooks/drain", self.drain),
            ("GET", "/faults", self.faults),
            ("POST", "/faults", self.set_faults),
            ("DELETE", "/faults", self.clear_faults),
            ("GET", "/clock", self.clock),
            ("POST", "/clock", self.set_clock),
            ("POST", "/dunning", self.set_dunning),
            ("POST", "/history", self.make_history),
            ("POST", "/webhook_endpoints/{id}/roll", self.roll_secret),
            ("POST", "/reset", self.reset),
        ]
        return [
            Route(f"/_sandbox{path}", self._guard(handler), methods=[method])
            for method, path, handler in table
        ]

    def _guard(
        self, handler: Callable[[Request], Awaitable[Any]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            try:
                result = await handler(request)
            except StripeError as error:
                return JSONResponse(error.body("req_control"), error.status)
            finally:
                self._sandbox.on_commit()
            return result if isinstance(result, Response) else JSONResponse(result)

        return guarded

    def _find(self, kind: str, request: Request) -> Object:
        return self._sandbox.require(kind, request.path_params["id"], status=404)

    async def health(self, _: Request) -> Response:
        """Whether the store answers and the background tasks run, and how much is in it."""
        ended = self._server.ended()
        about = {
            "status": f"ended by a defect, restart the sandbox: {', '.join(ended)}" if ended else "ok",
            "now": self._sandbox.clock.now(),
            "objects": self._sandbox.store.total(),
            "deliveries": self._server.deliveries.counts(),
        }
        return JSONResponse(about, 503 if ended else 200)

    async def pay(self, request: Request) -> Object:
        """Pay a session as a buyer would. `three_d_secure` says what the buyer does if the bank asks."""
        wanted = await body_of(request, control_bodies.Pay)
        session = self._find("checkout.session", request)
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
        """Type a promotion code on the payment page: {"code": "SPRING"}; an empty one takes it back."""
        wanted = await body_of(request, control_bodies.PromotionCode)
        session = self._find("checkout.session", request)
        with self._sandbox.store.transaction():
            return public(checkout.redeem_code(self._sandbox, session, wanted.code))

    async def expire(self, request: Request) -> Object:
        """Let a session expire now."""
        session = self._find("checkout.session", request)
        checkout.require_open(session)
        with self._sandbox.store.transaction():
            return public(checkout.expire(self._sandbox, session))

    async def authenticate(self, request: Request) -> Object:
        """Finish 3-D Secure of an intent: {"outcome": "complete" | "fail"}."""
        wanted = await body_of(request, control_bodies.Authenticate)
        intent = self._server.waiting_intent(request.path_params["id"])
        if intent is None:
            raise InvalidRequest("No intent with this id waits for 3-D Secure.", status=404)
        with self._sandbox.store.transaction():
            checkout.finish_action(self._sandbox, intent, authenticated=wanted.outcome == "complete")
        return public(self._find(intent["object"], request))

    async def settle_payment(self, request: Request) -> Object:
        """Let a bank debit arrive or come back: {"outcome": "succeed" | "fail"}."""
        wanted = await body_of(request, control_bodies.SettlePayment)
        intent = self._find("payment_intent", request)
        with self._sandbox.store.transaction():
            return public(checkout.settle(self._sandbox, intent, succeeded=wanted.outcome == "succeed"))

    async def renew(self, request: Request) -> Object:
        """End a subscription's period now and charge the next one: {"outcome": "succeed" | "fail"}."""
        wanted = await body_of(request, control_bodies.Renew)
        subscription = self._find("subscription", request)
        with self._sandbox.store.transaction():
            fails = wanted.outcome == "fail"
            return public(renewals.renew_now(self._sandbox, subscription, fails=fails))

    async def fail_refund(self, request: Request) -> Object:
        """Let a refund fail: {"reason": "expired_or_canceled_card"}."""
        wanted = await body_of(request, control_bodies.FailRefund)
        with self._sandbox.store.transaction():
            return public(refunds.fail(self._sandbox, self._find("refund", request), wanted.reason))

    async def settle_refund(self, request: Request) -> Object:
        """Let a pending refund arrive."""
        with self._sandbox.store.transaction():
            return public(refunds.settle(self._sandbox, self._find("refund", request)))

    async def dispute(self, request: Request) -> Object:
        """Dispute a charge: {"reason": "fraudulent", "inquiry": false}."""
        wanted = await body_of(request, control_bodies.OpenDispute)
        if wanted.reason not in disputes.REASONS:
            raise InvalidRequest(f"reason is one of {', '.join(disputes.REASONS)}.", param="reason")
        charge = self._find("charge", request)
        with self._sandbox.store.transaction():
            return public(disputes.open_(self._sandbox, charge, wanted.reason, inquiry=wanted.inquiry))

    async def close_dispute(self, request: Request) -> Object:
        """Decide a dispute: {"outcome": "won" | "lost"}."""
        wanted = await body_of(request, control_bodies.CloseDispute)
        dispute = self._find("dispute", request)
        with self._sandbox.store.transaction():
            return public(disputes.close(self._sandbox, dispute, won=wanted.outcome == "won"))

    async def early_fraud_warning(self, request: Request) -> Object:
        """Let the bank suspect a charge."""
        charge = self._find("charge", request)
        with self._sandbox.store.transaction():
            return public(disputes.warn_of_fraud(self._sandbox, charge))

    async def requests(self, request: Request) -> Object:
        """What clients have asked of the API, newest first, with how it was answered: ?limit=."""
        newest = self._server.requests.newest(_limit(request, KEPT))
        return {"data": [entry.describe() for entry in newest]}

    async def deliveries(self, request: Request) -> Object:
        """Deliveries with every try and its answer, newest first: ?event=&state=&limit=."""
        query = request.query_params
        found = self._server.deliveries.page(
            limit=_limit(request, 10_000), event=query.get("event"), state=query.get("state")
        )
        return {
            "data": [delivery.describe() for delivery in found],
            "counts": self._server.deliveries.counts(),
        }

    async def replay(self, request: Request) -> Object:
        """Deliver an event again to every endpoint that wants it: {"copies": 1}."""
        wanted = await body_of(request, control_bodies.Replay)
        event = self._find("event", request)
        with self._sandbox.store.transaction():
            made = self._server.replay(event, wanted.copies)
        return {"event": event["id"], "deliveries": made}

    async def webhooks(self, _: Request) -> Object:
        """How deliveries are treated at the moment."""
        dispatcher, events = self._server.dispatcher, self._sandbox.events
        return {
            "paused": dispatcher.paused,
            "hold": events.initial_state == "held",
            "copies": events.copies,
            "delay_ms": round(dispatcher.delay * 1000),
            "shuffle_window_ms": round(dispatcher.shuffle_window * 1000),
            "drop_next": dispatcher.drop_next,
            "drop_types": sorted(dispatcher.drop_types),
            "counts": self._server.deliveries.counts(),
        }

    async def change_webhooks(self, request: Request) -> Object:
        """Change how deliveries are treated; what is not named stays."""
        wanted = await body_of(request, control_bodies.Webhooks)
        self._server.treat_webhooks(wanted)
        return await self.webhooks(request)

    async def pause(self, request: Request) -> Object:
        """Send nothing until `resume`."""
        self._server.dispatcher.paused = True
        return await self.webhooks(request)

    async def resume(self, request: Request) -> Object:
        """Send again, also what waited."""
        self._server.dispatcher.paused = False
        return await self.webhooks(request)

    async def release(self, request: Request) -> Object:
        """Send what was held: {"order": "random", "seed": 7, "spacing_ms": 0, "copies": 1}."""
        wanted = await body_of(request, control_bodies.Release)
        return {"released": self._server.release(wanted)}

    async def drain(self, request: Request) -> Object:
        """Wait until nothing is pending: {"timeout_seconds": 10}."""
        wanted = await body_of(request, control_bodies.Drain)
        done = await self._server.dispatcher.drain(wanted.timeout_seconds)
        return {"drained": done, "counts": self._server.deliveries.counts()}

    async def faults(self, _: Request) -> Object:
        """The outage in force."""
        return msgspec.to_builtins(self._server.faults.plan) or {}

    async def set_faults(self, request: Request) -> Object:
        """Fail or delay the next calls of the API."""
        wanted = await body_of(request, control_bodies.Faults)
        self._server.fail_calls(wanted)
        return await self.faults(request)

    async def clear_faults(self, _: Request) -> Object:
        """End the outage."""
        self._server.faults.plan = None
        return {}

    async def clock(self, _: Request) -> Object:
        """The sandbox's time."""
        clock = self._sandbox.clock
        return {"now": clock.now(), "offset": clock.offset, "frozen": clock.frozen}

    async def set_clock(self, request: Request) -> Object:
        """Move the clock: one of {"offset"}, {"advance"} (seconds), {"now"}; what becomes due happens before
        the answer.
        """
        wanted = await body_of(request, control_bodies.SetClock)
        due = self._server.move_clock(wanted)
        return {**await self.clock(request), "happened": due}

    async def set_dunning(self, request: Request) -> Object:
        """How failed renewals are retried: {"retry_days": [3, 5, 7], "in_the_end": "cancel"}."""
        wanted = await body_of(request, control_bodies.Dunning)
        self._sandbox.dunning = Dunning(wanted.retry_days, wanted.in_the_end)
        return {"retry_days": wanted.retry_days, "in_the_end": wanted.in_the_end}

    async def make_history(self, request: Request) -> Object:
        """Make up past orders: {"orders": 100, "days": 90, "seed": 1, "deliver": false, "metadata",
        "courses"}.
        """
        wanted = await body_of(request, control_bodies.History)
        return {"orders": wanted.orders, "events": self._server.make_history(wanted)}

    async def roll_secret(self, request: Request) -> Object:
        """Give an endpoint a new secret: {"secret": null, "keep_old": true}; with the old one both sign."""
        wanted = await body_of(request, control_bodies.RollSecret)
        endpoint = self._find("webhook_endpoint", request)
        secret = self._server.roll_secret(endpoint, wanted)
        return {"id": endpoint["id"], "secret": secret, "signs_with": len(endpoint["_"]["secrets"])}

    async def reset(self, _: Request) -> Object:
        """Forget everything but the webhook endpoints; end every treatment and outage."""
        self._server.reset()
        return {"status": "reset"}
