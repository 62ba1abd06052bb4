"""The running sandbox: state, webhook dispatcher and outages, and actions that several interfaces share."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

from stripe_sandbox import timekeeper
from stripe_sandbox.control import bodies as control_bodies
from stripe_sandbox.control import history
from stripe_sandbox.control.bodies import History, Release, RollSecret, SetClock, Webhooks
from stripe_sandbox.control.deliveries import Deliveries
from stripe_sandbox.control.dispatcher import Dispatcher
from stripe_sandbox.core.event_log import wants
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.endpoints.event_resources import webhook_endpoints
from stripe_sandbox.rest.faults import Fault, FaultPlan, Faults
from stripe_sandbox.rest.request_log import RequestLog
from stripe_sandbox.settings import Settings


class Server:
    """A running sandbox."""

    def __init__(self, settings: Settings) -> None:
        self.sandbox = Sandbox(settings)
        self.deliveries = Deliveries(self.sandbox.store)
        self.dispatcher = Dispatcher(self.sandbox, self.deliveries)
        self.faults = Faults()
        self.requests = RequestLog()
        self.committed = asyncio.Event()
        #: The dispatcher and the timekeeper, while the application runs.
        self.background: list[asyncio.Task[None]] = []
        self.sandbox.on_commit = self._committed
        self._register_endpoints()

    def _committed(self) -> None:
        """Run the timers and deliveries that a commit may have made due."""
        self.dispatcher.wake()
        self.committed.set()

    def _register_endpoints(self) -> None:
        """Register the endpoints of the settings. An endpoint of the state file gets the current secret or
        address.

        An endpoint that returns at another address is recognised by its secret, and receives the events that
        it has not had yet.
        """
        store, targets = self.sandbox.store, self.sandbox.settings.webhooks
        with store.transaction():
            known = {endpoint["url"]: endpoint for endpoint in store.find("webhook_endpoint")}
            gone = [known[url] for url in known.keys() - {target.url for target in targets}]
            moved = {secret: endpoint for endpoint in gone for secret in endpoint["_"]["secrets"]}
            for target in targets:
                endpoint = known.get(target.url) or moved.pop(target.secret, None)
                if endpoint is None:
                    webhook_endpoints.add(self.sandbox, target.url, ["*"], target.secret)
                elif (endpoint["url"], endpoint["_"]["secrets"]) != (target.url, [target.secret]):
                    endpoint["url"], endpoint["_"]["secrets"] = target.url, [target.secret]
                    store.update(endpoint)

    def ended(self) -> list[str]:
        """Background tasks that ended because of a defect and no longer do their work."""
        return [task.get_name() for task in self.background if task.done()]

    def events_since(self, seq: int) -> list[Object]:
        """Events stored after the object with this number, oldest first."""
        return self.sandbox.store.since("event", seq)

    def intent_of(self, session: Object) -> Object | None:
        """The payment or setup intent of a session, if it has one."""
        id_ = session["_"].get("intent")
        return None if id_ is None else self.sandbox.store.get(id_)

    def waiting_intent(self, id_: str) -> Object | None:
        """The payment or setup intent with this id, if it requires 3-D Secure."""
        intent = self.sandbox.store.get(id_)
        if intent is None or intent["object"] not in ("payment_intent", "setup_intent"):
            return None
        return intent if intent["status"] == "requires_action" else None

    def replay(self, event: Object, copies: int) -> list[str]:
        """Create new deliveries of an event; returns their ids."""
        endpoints = [e for e in self.sandbox.store.find("webhook_endpoint") if wants(e, event["type"])]
        enqueue = self.sandbox.events.enqueue
        return [enqueue(event["id"], e["id"], state="pending") for e in endpoints for _ in range(copies)]

    def configure_webhooks(self, wanted: Webhooks) -> None:
        """Change the delivery of webhooks."""
        events, dispatcher = self.sandbox.events, self.dispatcher
        if wanted.hold is not None:
            events.initial_state = "held" if wanted.hold else "pending"
        if wanted.copies is not None:
            events.copies = wanted.copies
        if wanted.delay_ms is not None:
            dispatcher.delay = wanted.delay_ms / 1000
        if wanted.shuffle_window_ms is not None:
            dispatcher.shuffle_window = wanted.shuffle_window_ms / 1000
        if wanted.seed is not None:
            dispatcher.random = random.Random(wanted.seed)  # noqa: S311
        if wanted.drop_next is not None:
            dispatcher.drop_next = wanted.drop_next
        if wanted.drop_types is not None:
            dispatcher.drop_types = frozenset(wanted.drop_types)

    def release(self, wanted: Release) -> list[str]:
        """Make held deliveries due in the requested order, and hold no more; returns their events in that
        order.
        """
        self.sandbox.events.initial_state = "pending"
        held = self.deliveries.held()
        for delivery in list(held):
            for _ in range(wanted.copies - 1):
                copy = self.sandbox.events.enqueue(delivery.event, delivery.endpoint, state="held")
                held.append(self.deliveries.named(copy))
        if wanted.order == "newest_first":
            held.reverse()
        elif wanted.order == "random":
            random.Random(wanted.seed).shuffle(held)  # noqa: S311
        ids = [delivery.id for delivery in held]
        self.deliveries.release(ids, spacing=wanted.spacing_ms / 1000)
        if wanted.spacing_ms:
            # With a spacing, each delivery waits for the answer to the one before.
            self.dispatcher.in_turn.update(ids)
        return [delivery.event for delivery in held]

    def roll_secret(self, endpoint: Object, wanted: RollSecret) -> str:
        """Give an endpoint a new secret, in addition to the old one if that is kept; returns it."""
        secret = wanted.secret or self.sandbox.ids.new("whsec")
        endpoint["_"]["secrets"] = [secret, *endpoint["_"]["secrets"][:1]] if wanted.keep_old else [secret]
        with self.sandbox.store.transaction():
            self.sandbox.store.update(endpoint)
        return secret

    def move_clock(self, wanted: SetClock) -> int:
        """Move the sandbox's clock and run everything that becomes due. Returns how much ran."""
        clock = self.sandbox.clock
        if wanted.offset is not None:
            clock.set_offset(wanted.offset)
        if wanted.now is not None:
            clock.advance(wanted.now - clock.time())
        if wanted.advance is not None:
            clock.advance(wanted.advance)
        return timekeeper.tick(self.sandbox)

    def make_history(self, wanted: History) -> dict[str, int]:
        """Generate past orders; returns the number of events per type. Raises InvalidRequest."""
        plan = history.Plan(wanted.orders, wanted.days, wanted.seed, wanted.metadata)
        if wanted.courses:
            plan.courses = tuple(history.course(one.name, one.prices) for one in wanted.courses)
        before = self.sandbox.store.total()
        with self.sandbox.events.state_of_deliveries(None if wanted.deliver else "canceled"):
            for _ in history.generate(self.sandbox, plan):
                pass
        return dict(Counter(event["type"] for event in self.events_since(before)))

    def fail_calls(self, wanted: control_bodies.Faults) -> None:
        """Make the next API calls fail or slow."""
        fault = Fault(wanted.status, wanted.delay_ms, wanted.after)
        self.faults.plan = FaultPlan(fault, wanted.next, wanted.path)

    def reset(self) -> None:
        """Delete everything except the endpoints; end all webhook settings and outages."""
        self.dispatcher.abandon()
        self.sandbox.reset()
        self.faults.plan = None
        self.requests.clear()
        self.dispatcher.paused = False
        self.configure_webhooks(
            Webhooks(hold=False, copies=1, delay_ms=0, shuffle_window_ms=0, drop_next=0, drop_types=[])
        )
