"""`/_sandbox/`: controls of webhook deliveries, outages and the request log."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.routing import Route

from stripe_sandbox.control import bodies as control_bodies
from stripe_sandbox.control.control_group import ControlGroup, body_of
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.rest.request_log import KEPT


def _limit(request: Request, most: int) -> int:
    """`?limit=`, at most `most`, by default 100; raises InvalidRequest."""
    text = request.query_params.get("limit", "100")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= most):
        raise InvalidRequest(f"limit must be a number from 1 to {most}.", param="limit")
    return int(text)


class WebhookControls(ControlGroup):
    """Controls of deliveries, outages and the request log."""

    def routes(self) -> list[Route]:
        """The routes under /_sandbox."""
        return self.table(
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
            ("POST", "/webhook_endpoints/{id}/roll", self.roll_secret),
        )

    async def requests(self, request: Request) -> Object:
        """API requests of clients with their answers, newest first: ?limit=."""
        newest = self._server.requests.newest(_limit(request, KEPT))
        return {"data": [entry.describe() for entry in newest]}

    async def deliveries(self, request: Request) -> Object:
        """Deliveries with every attempt and its answer, newest first: ?event=&state=&limit=."""
        query = request.query_params
        found = self._server.deliveries.page(
            limit=_limit(request, 10_000), event=query.get("event"), state=query.get("state")
        )
        return {
            "data": [delivery.describe() for delivery in found],
            "counts": self._server.deliveries.counts(),
        }

    async def replay(self, request: Request) -> Object:
        """Deliver an event again to every endpoint that subscribes to it: {"copies": 1}."""
        wanted = await body_of(request, control_bodies.Replay)
        event = self.find("event", request)
        with self._sandbox.store.transaction():
            made = self._server.replay(event, wanted.copies)
        return {"event": event["id"], "deliveries": made}

    async def webhooks(self, _: Request) -> Object:
        """The current settings of webhook delivery."""
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
        """Change the settings of webhook delivery; settings that are not named stay unchanged."""
        wanted = await body_of(request, control_bodies.Webhooks)
        self._server.configure_webhooks(wanted)
        return await self.webhooks(request)

    async def pause(self, request: Request) -> Object:
        """Send nothing until `resume`."""
        self._server.dispatcher.paused = True
        return await self.webhooks(request)

    async def resume(self, request: Request) -> Object:
        """Send again, including what waited."""
        self._server.dispatcher.paused = False
        return await self.webhooks(request)

    async def release(self, request: Request) -> Object:
        """Send held deliveries: {"order": "random", "seed": 7, "spacing_ms": 0, "copies": 1}."""
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
        """Make the next API calls fail or slow."""
        wanted = await body_of(request, control_bodies.Faults)
        self._server.fail_calls(wanted)
        return await self.faults(request)

    async def clear_faults(self, _: Request) -> Object:
        """End the outage."""
        self._server.faults.plan = None
        return {}

    async def roll_secret(self, request: Request) -> Object:
        """Give an endpoint a new secret: {"secret": null, "keep_old": true}; with the old one, both sign."""
        wanted = await body_of(request, control_bodies.RollSecret)
        endpoint = self.find("webhook_endpoint", request)
        secret = self._server.roll_secret(endpoint, wanted)
        return {"id": endpoint["id"], "secret": secret, "signs_with": len(endpoint["_"]["secrets"])}
