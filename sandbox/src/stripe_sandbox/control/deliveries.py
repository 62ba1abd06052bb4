"""Queries and changes of stored webhook deliveries."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from stripe_sandbox.core.store import Store

OPEN = ("pending", "held")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Delivery of one event to one endpoint. States: pending, held, delivered, dropped, failed, canceled."""

    id: str
    event: str
    endpoint: str
    state: str
    due_at: float
    tries: list[dict[str, Any]] = field(default_factory=list)
    seq: int = 0

    def describe(self) -> dict[str, Any]:
        """The delivery as the controls show it; `due_at` is null once it is finished."""
        shown = asdict(self)
        del shown["seq"]
        return shown if self.state == "pending" else {**shown, "due_at": None}


class Deliveries:
    """Queries and changes of deliveries."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._db = store.db

    def _select(self, rest: str, *args: Any) -> list[Delivery]:
        sql = f"select id, event, endpoint, state, due_at, tries, seq from deliveries {rest}"  # noqa: S608
        return [
            Delivery(id_, event, endpoint, state, due_at, json.loads(tries), seq)
            for id_, event, endpoint, state, due_at, tries, seq in self._db.execute(sql, args)
        ]

    def due(self, now: float, limit: int) -> list[Delivery]:
        """Pending deliveries that are due, the longest waiting first."""
        return self._select(
            "where state = 'pending' and due_at <= ? order by due_at, seq limit ?", now, limit
        )

    def find(self, id_: str) -> Delivery | None:
        """The delivery with this id."""
        found = self._select("where id = ?", id_)
        return found[0] if found else None

    def named(self, id_: str) -> Delivery:
        """The delivery with this id, which must exist."""
        return self._select("where id = ?", id_)[0]

    def next_due(self, now: float) -> float | None:
        """The time after `now` at which the next pending delivery is due."""
        row = self._db.execute(
            "select min(due_at) from deliveries where state = 'pending' and due_at > ?", (now,)
        ).fetchone()
        return None if row[0] is None else float(row[0])

    def settle(self, delivery: Delivery, state: str, outcome: dict[str, Any], *, due_at: float = 0.0) -> None:
        """Record an attempt and the state that it leads to."""
        with self._store.transaction():
            self._db.execute(
                "update deliveries set state = ?, due_at = ?, tries = ? where id = ?",
                (state, due_at, json.dumps([*delivery.tries, outcome]), delivery.id),
            )
            if state == "delivered":
                event = self._store.get(delivery.event, "event")
                if event is not None and event["pending_webhooks"] > 0:
                    event["pending_webhooks"] -= 1
                    self._store.update(event)

    def page(
        self,
        *,
        limit: int = 100,
        event: str | None = None,
        state: str | None = None,
        after: int | None = None,
        before: int | None = None,
    ) -> list[Delivery]:
        """Deliveries, newest first, of one event and in one state if given; `after` and `before` are the
        `seq` of a delivery. With `before`, the nearest ones are returned.
        """
        wanted = {"event = ?": event, "state = ?": state, "seq < ?": after, "seq > ?": before}
        given = {text: value for text, value in wanted.items() if value is not None}
        where = f"where {' and '.join(given)}" if given else ""
        order = "asc" if before is not None else "desc"
        found = self._select(f"{where} order by seq {order} limit ?", *given.values(), limit)
        return found[::-1] if before is not None else found

    def count_up_to(self, state: str, most: int) -> int:
        """The number of deliveries in a state, counted up to `most`."""
        sql = "select count(*) from (select 1 from deliveries where state = ? limit ?)"
        return int(self._db.execute(sql, (state, most)).fetchone()[0])

    def retry(self, id_: str) -> bool:
        """Make a delivery due now, whatever its state; false if it is in progress or does not exist."""
        with self._store.transaction():
            changed = self._db.execute(
                "update deliveries set state = 'pending', due_at = 0 where id = ? and state != 'delivered'",
                (id_,),
            )
        return changed.rowcount == 1

    def counts(self) -> dict[str, int]:
        """The number of deliveries in each state."""
        return dict(self._db.execute("select state, count(*) from deliveries group by state").fetchall())

    def idle(self) -> bool:
        """Whether nothing is pending."""
        return self._db.execute("select 1 from deliveries where state = 'pending' limit 1").fetchone() is None

    def acknowledged(self, event_ids: list[str]) -> bool:
        """Whether all deliveries of these events are finished."""
        marks = ",".join("?" * len(event_ids))
        sql = f"select 1 from deliveries where event in ({marks}) and state in ('pending', 'held') limit 1"  # noqa: S608
        return self._db.execute(sql, event_ids).fetchone() is None

    def held(self) -> list[Delivery]:
        """Deliveries held by a control, oldest first."""
        return self._select("where state = 'held' order by seq")

    def release(self, ids: list[str], *, spacing: float = 0.0) -> None:
        """Make held deliveries due in this order, `spacing` seconds apart."""
        now = time.time()
        with self._store.transaction():
            self._db.executemany(
                "update deliveries set state = 'pending', due_at = ? where id = ? and state = 'held'",
                [
                    (now - 1 + index * 1e-6 if not spacing else now + index * spacing, id_)
                    for index, id_ in enumerate(ids)
                ],
            )
