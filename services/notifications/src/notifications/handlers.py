"""What the consumer reads, and how it handles a batch: record the events, then derive the mails to send.

The consumer never sends mail; the sender does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from messaging.eventset.derivation import Derivation, Derived
from messaging.runtime.deriving import DerivingHandler
from notifications.domain.mails import Mail, mails_of
from notifications.domain.policy import Policy, is_left_to_the_consumer
from notifications.facts import FOLLOW, OWNER, event_of
from notifications.store import mails as store
from notifications.store.tables import EVENTS
from processkit.postgres.database import Session
from schemas.topics import consumed_by

TOPICS = consumed_by("notifications")


def derivation(policy: Policy, clock: Callable[[], datetime]) -> Derivation[tuple[Mail, ...]]:
    """Return the derivation that computes an order's mails from its events and stores those that are new.

    In a rebuild no mail becomes pending. Missing mails are stored as skipped, so that no later event of the
    order sends them either.
    """

    def write(tx: Session, mails: Mapping[str, tuple[Mail, ...]], now: datetime, announce: bool) -> None:
        found = (mail for of_order in mails.values() for mail in of_order)
        if announce:
            store.add(tx, ((mail, policy.skip(mail, now)) for mail in found), now)
            return
        missed = (mail for mail in found if not is_left_to_the_consumer(mail, now))
        store.add(tx, ((mail, policy.skip_rebuilt(mail, now)) for mail in missed), now)

    return Derivation(
        EVENTS,
        owner=OWNER,
        follow=FOLLOW,
        compute=lambda order_id, events, _now: Derived(mails_of(order_id, events)),
        write=write,
        clock=clock,
    )


def handler(derivation: Derivation[tuple[Mail, ...]]) -> DerivingHandler:
    """Return the handler of `TOPICS`. Owners are orders."""
    return DerivingHandler(derivation, event_of)
