"""The messages about one user, and their times."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Self

from messaging.message import Message
from schemas.events import Event
from schemas.rules import origin_metadata
from schemas.topics import stripe_topic

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = 86_400


def at(seconds: float) -> datetime:
    """Return the time so many seconds after START."""
    return START + timedelta(seconds=seconds)


def unix(seconds: float) -> int:
    """Return the same time as a Unix timestamp."""
    return int(at(seconds).timestamp())


class Messages:
    """The messages about one user. Every method adds some; `t` is in seconds after START."""

    def __init__(self, user: str = "user_1", prefix: str = "") -> None:
        self.user = user
        self.prefix = prefix
        self.account: str | None = None
        """The account of the events of Stripe from here on; None: our own."""
        self.messages: list[Message] = []
        self._ids = count(1)

    def stripe(
        self, event_type: str, body: dict[str, Any], t: float, previous: dict[str, Any] | None = None
    ) -> Self:
        """An event of Stripe."""
        event_id = f"evt_{self.prefix}{next(self._ids):04d}"
        data = {"object": body} | ({"previous_attributes": previous} if previous else {})
        value = {
            "id": event_id,
            "object": "event",
            "type": event_type,
            "created": unix(t),
            "livemode": False,
            "api_version": "2026-10-28.endive",
            "data": data,
        } | ({} if self.account is None else {"account": self.account})
        return self._add(
            stripe_topic(event_type), event_id, event_type, "stripe", t, json.dumps(value).encode()
        )

    def ours(
        self,
        body: Event,
        t: float,
    ) -> Self:
        """An event of our own."""
        event_id = f"our_{self.prefix}{next(self._ids):04d}"
        return self._add(body.TOPIC, event_id, body.TYPE, "masterji/test", t, body.to_json())

    def _add(self, topic: str, event_id: str, event_type: str, source: str, t: float, value: bytes) -> Self:
        self.messages.append(
            Message(
                topic=topic,
                partition=0,
                offset=len(self.messages),
                key=self.user,
                value=value,
                id=event_id,
                type=event_type,
                source=source,
                time=at(t),
            )
        )
        return self

    def ids_of(self, order: str) -> dict[str, str]:
        """The metadata that checkout writes at Stripe."""
        return origin_metadata(order, self.user)
