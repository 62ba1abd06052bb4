"""Events: a snapshot of what changed, and one delivery per endpoint that subscribes to its type."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from stripe_sandbox.core.clock import Clock
from stripe_sandbox.core.ids import Ids
from stripe_sandbox.core.store import Object, Store, public
from stripe_sandbox.settings import API_VERSION

#: The API request that causes the events: (request id, idempotency key).
current_request: ContextVar[tuple[str | None, str | None]] = ContextVar(
    "current_request", default=(None, None)
)

#: Fields that Stripe omits from webhook payloads.
_INCLUDABLE = frozenset({"line_items"})


class Events:
    """Writes events and their deliveries in the transaction of the change."""

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        #: How many times each event is delivered.
        self.copies = 1
        #: State of new deliveries: `pending`, or `held` while a control holds them.
        self.initial_state = "pending"

    def emit(self, type_: str, obj: Object, previous: dict[str, Any] | None = None) -> Object:
        """Record that `obj` changed; `previous` holds the former values of the changed fields."""
        request_id, key = current_request.get()
        snapshot = {name: value for name, value in public(obj).items() if name not in _INCLUDABLE}
        data: dict[str, Any] = {"object": snapshot}
        if previous is not None:
            data["previous_attributes"] = public(previous)
        endpoints = [e for e in self._store.find("webhook_endpoint") if wants(e, type_)]
        event: Object = {
            "id": self._ids.new("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self._clock.now(),
            "data": data,
            "livemode": False,
            "pending_webhooks": len(endpoints),
            "request": {"id": request_id, "idempotency_key": key},
            "type": type_,
        }
        self._store.insert(event)
        for endpoint in endpoints:
            for _ in range(self.copies):
                self.enqueue(event["id"], endpoint["id"])
        return event

    @contextmanager
    def state_of_deliveries(self, state: str | None) -> Iterator[None]:
        """Give new deliveries this state inside the block; None leaves the current one."""
        before, self.initial_state = self.initial_state, state or self.initial_state
        try:
            yield
        finally:
            self.initial_state = before

    def enqueue(self, event_id: str, endpoint_id: str, *, state: str | None = None) -> str:
        """Add a delivery of an event to an endpoint, due now; returns its id."""
        delivery = self._ids.new("whd")
        self._store.db.execute(
            "insert into deliveries values (?, ?, ?, ?, 0, '[]', (select coalesce(max(seq), 0) + 1 from "
            "deliveries))",
            (delivery, event_id, endpoint_id, state or self.initial_state),
        )
        return delivery

    def types(self) -> list[str]:
        """The types of all events so far. Walks the index, so the number of events does not matter."""
        sql = (
            "select json_extract(body, '$.type') from objects indexed by by_event_type "
            "where kind = 'event' and json_extract(body, '$.type') > ? order by 1 limit 1"
        )
        found: list[str] = []
        while row := self._store.db.execute(sql, (found[-1] if found else "",)).fetchone():
            found.append(row[0])
        return found

    def ids_by_delivery(self, *, successful: bool) -> list[str]:
        """Ids of the events that every endpoint has acknowledged, or of those that some endpoint has not."""
        rows = self._store.db.execute(
            "select id from objects where kind = 'event' and "
            "(json_extract(body, '$.pending_webhooks') = 0) = ? order by seq desc limit 30000",
            (successful,),
        )
        return [row[0] for row in rows]

    def changed(self, obj: Object, type_: str, **changes: Any) -> Object:
        """Apply the changes, store the object and emit the event with `previous_attributes` of the fields
        that changed.
        """
        previous = {
            name: obj.get(name) for name, value in changes.items() if name != "_" and obj.get(name) != value
        }
        obj.update(changes)
        self._store.update(obj)
        self.emit(type_, obj, previous)
        return obj


def wants(endpoint: Object, type_: str) -> bool:
    """Whether an endpoint is enabled and subscribes to this type."""
    if endpoint["status"] != "enabled":
        return False
    enabled = endpoint["enabled_events"]
    return "*" in enabled or type_ in enabled
