"""Delivers events: signs them as Stripe does, sends them, records the answers, retries with backoff.

Deliveries are rows of the store, so that a sandbox with a state file continues after a restart. They are sent
concurrently: as with Stripe, the order of arrival is not guaranteed.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import random
import time
from functools import partial
from typing import Any

import httpx
import msgspec

from stripe_sandbox.control.deliveries import Deliveries, Delivery
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object, public


def signature(secrets: list[str], payload: bytes, timestamp: int) -> str:
    """The Stripe-Signature header: one `v1` per active secret (two while a secret is rolled)."""
    signed = str(timestamp).encode() + b"." + payload
    parts = [f"t={timestamp}"]
    parts += [f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}" for secret in secrets]
    return ",".join(parts)


def render(event: Object) -> bytes:
    """The body of a delivery: indented, as Stripe's."""
    return msgspec.json.format(msgspec.json.encode(public(event)), indent=2)


class Dispatcher:
    """Sends deliveries that are due. `run` is one task; `wake` notifies it that something may be due."""

    def __init__(self, sandbox: Sandbox, deliveries: Deliveries) -> None:
        self._sandbox = sandbox
        self._deliveries = deliveries
        self._wake = asyncio.Event()
        self._settled = asyncio.Condition()
        self._in_flight: dict[str, asyncio.Task[None]] = {}
        self.paused = False
        #: Deliveries that wait for another one, because they were released in a fixed order.
        self.in_turn: set[str] = set()
        #: Seconds that each delivery waits before its first attempt; with a window, a random part of it.
        self.delay = 0.0
        self.shuffle_window = 0.0
        self.random = random.Random()  # noqa: S311
        #: How many deliveries to drop, and of which event types (empty: any).
        self.drop_next = 0
        self.drop_types: frozenset[str] = frozenset()
        self._client: httpx.AsyncClient | None = None

    def wake(self) -> None:
        """Notify the task of a commit."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver until canceled."""
        limits = httpx.Limits(
            max_connections=None, max_keepalive_connections=self._sandbox.settings.webhook_concurrency
        )
        async with httpx.AsyncClient(
            timeout=self._sandbox.settings.webhook_timeout,
            limits=limits,
            trust_env=False,
            follow_redirects=False,
        ) as client:
            self._client = client
            try:
                while True:
                    self._wake.clear()
                    pause = self._start_due()
                    try:
                        await asyncio.wait_for(self._wake.wait(), pause)
                    except TimeoutError:
                        continue
            finally:
                for task in self._in_flight.values():
                    task.cancel()
                await asyncio.gather(*self._in_flight.values(), return_exceptions=True)

    def _start_due(self) -> float | None:
        """Start deliveries that are due, up to the limit; returns the seconds until the next one, or None."""
        if self.paused:
            return None
        room = self._sandbox.settings.webhook_concurrency - len(self._in_flight)
        if room <= 0:
            return None
        now = time.time()
        for delivery in self._deliveries.due(now, limit=room + len(self._in_flight)):
            if delivery.id in self._in_flight or self._waits_for_its_turn(delivery.id):
                continue
            if room == 0:
                return None
            room -= 1
            task = asyncio.create_task(self._deliver(delivery))
            self._in_flight[delivery.id] = task
            task.add_done_callback(partial(self._done, delivery.id))
        upcoming = self._deliveries.next_due(now)
        return None if upcoming is None else max(upcoming - now, 0.0)

    def _waits_for_its_turn(self, delivery_id: str) -> bool:
        return delivery_id in self.in_turn and not self.in_turn.isdisjoint(self._in_flight)

    def _done(self, delivery_id: str, task: asyncio.Task[None]) -> None:
        del self._in_flight[delivery_id]
        self.in_turn.discard(delivery_id)
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            asyncio.get_running_loop().call_exception_handler(
                {"message": f"The delivery {delivery_id} failed unexpectedly", "exception": task.exception()}
            )

    def abandon(self) -> None:
        """Abandon the deliveries in progress."""
        self.in_turn.clear()
        for task in self._in_flight.values():
            task.cancel()

    async def _deliver(self, delivery: Delivery) -> None:
        event = self._sandbox.store.get(delivery.event, "event")
        endpoint = self._sandbox.store.get(delivery.endpoint, "webhook_endpoint")
        if event is None or endpoint is None or endpoint["status"] != "enabled":
            self._deliveries.settle(
                delivery, "canceled", {"at": time.time(), "error": "the endpoint is gone or disabled"}
            )
            return await self._notify()
        first = not delivery.tries
        if first and (wait := self._first_wait()) > 0:
            await asyncio.sleep(wait)
        if first and self.drop_next > 0 and (not self.drop_types or event["type"] in self.drop_types):
            self.drop_next -= 1
            self._deliveries.settle(delivery, "dropped", {"at": time.time(), "error": "dropped by a control"})
            return await self._notify()
        outcome = await self.send(event, endpoint)
        if 200 <= (outcome.get("status") or 0) < 300:
            self._deliveries.settle(delivery, "delivered", outcome)
        else:
            self._retry(delivery, outcome)
        return await self._notify()

    async def send(self, event: Object, endpoint: Object) -> dict[str, Any]:
        """One attempt: {at, seconds, status and body, or error}."""
        assert self._client is not None, "the dispatcher runs"
        payload = render(event)
        # Signed by wall time, not by the sandbox's clock: the receiver compares it with its own clock.
        header = signature(endpoint["_"]["secrets"], payload, int(time.time()))
        started = time.time()
        outcome: dict[str, Any] = {"at": started}
        try:
            response = await self._client.post(
                endpoint["url"],
                content=payload,
                headers={
                    "Content-Type": "application/json; charset=utf-8",
                    "Stripe-Signature": header,
                    "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
                },
            )
            outcome |= {"status": response.status_code, "body": response.text[:500]}
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            outcome["error"] = f"{type(error).__name__}: {error}"
        outcome["seconds"] = round(time.time() - started, 4)
        return outcome

    def _first_wait(self) -> float:
        return self.delay + (self.random.uniform(0, self.shuffle_window) if self.shuffle_window else 0.0)

    def _retry(self, delivery: Delivery, outcome: dict[str, Any]) -> None:
        schedule = self._sandbox.settings.retry
        tries = len(delivery.tries) + 1
        due = time.time() + schedule.wait(tries)
        began = delivery.tries[0]["at"] if delivery.tries else outcome["at"]
        if due - began > schedule.give_up_after:
            self._deliveries.settle(delivery, "failed", outcome)
        else:
            self._deliveries.settle(delivery, "pending", outcome, due_at=due)

    async def _notify(self) -> None:
        async with self._settled:
            self._settled.notify_all()

    async def wait_acknowledged(self, event_ids: list[str], seconds: float) -> bool:
        """Wait until every delivery of these events is acknowledged (true) or the time has passed (false)."""
        try:
            async with asyncio.timeout(seconds), self._settled:
                await self._settled.wait_for(lambda: self._deliveries.acknowledged(event_ids))
        except TimeoutError:
            return False
        return True

    async def drain(self, seconds: float) -> bool:
        """Wait until nothing is pending (true) or the time has passed (false)."""
        self.wake()
        try:
            async with asyncio.timeout(seconds), self._settled:
                await self._settled.wait_for(self._deliveries.idle)
        except TimeoutError:
            return False
        return True
