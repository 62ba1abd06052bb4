"""The sandbox's state: one account with its store, clock, ids, events and settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stripe_sandbox.core.clock import Clock
from stripe_sandbox.core.event_log import Events
from stripe_sandbox.core.idempotency import Idempotency
from stripe_sandbox.core.ids import Ids
from stripe_sandbox.core.store import Object, Store
from stripe_sandbox.errors import ResourceMissing
from stripe_sandbox.settings import Settings

ACCOUNT = "acct_1SandboxMasterAcct"

_NOUNS = {
    "checkout.session": "checkout.session",
    "payment_intent": "payment_intent",
    "payment_method": "PaymentMethod",
    "setup_intent": "setupintent",
    "promotion_code": "promotion code",
    "billing_portal.configuration": "configuration",
    "test_helpers.test_clock": "test clock",
}


@dataclass(frozen=True, slots=True)
class Dunning:
    """How a renewal that cannot be charged is retried: days between the attempts, and the final status."""

    retry_days: tuple[int, ...] = (3, 5, 7)
    in_the_end: str = "cancel"


class Sandbox:
    """The state that every operation works on."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.state)
        seed = settings.seed
        # A file that is opened again with the same seed must not produce the same ids again.
        self.ids = Ids(None if seed is None else f"{seed}:{self.store.total()}")
        self.clock = Clock(None if settings.now is None else float(settings.now))
        self.dunning = Dunning()
        self.idempotency = Idempotency(self.store)
        self.events = Events(self.store, self.clock, self.ids)
        #: Called after each commit that may have added deliveries or timers.
        self.on_commit: Callable[[], None] = lambda: None

    def new(self, prefix: str, kind: str, *, null: str = "", **fields: Any) -> Object:
        """A new object of this kind, created now, not yet stored. `null` names its fields without a value."""
        obj: Object = {
            "id": self.ids.new(prefix),
            "object": kind,
            "created": self.clock.now(),
            "livemode": False,
            "metadata": {},
        }
        obj.update(dict.fromkeys(null.split()), **fields)
        return obj

    def require(self, kind: str, id_: str, *, param: str = "id", status: int = 400) -> Object:
        """The object; raises ResourceMissing: 400 if a parameter names it, 404 if the path does."""
        found = self.store.get(id_, kind)
        if found is None:
            raise ResourceMissing(_NOUNS.get(kind, kind), id_, param=param, status=status)
        return found

    def time_of(self, test_clock: str | None) -> float | None:
        """The test clock's time; None without a test clock: the sandbox's own time applies."""
        clock = self.store.get(test_clock or "", "test_helpers.test_clock")
        return None if clock is None else float(clock["frozen_time"])

    def reset(self) -> None:
        """Delete everything except the webhook endpoints, and reset the clock."""
        self.store.clear(keep=("webhook_endpoint",))
        self.clock.set_offset(0.0)
        self.dunning = Dunning()
