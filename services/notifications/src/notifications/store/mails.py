"""What the consumer writes: the mails that an order needs, each once."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter

import msgspec

from notifications.domain.mails import Mail
from notifications.domain.policy import SkipReason, due_at
from notifications.store import tables
from processkit.postgres.database import Session
from processkit.postgres.statements import columns_of, insert_ignore

_NAMESPACE = uuid.UUID("6d9a1f0e-5a0e-4d0b-9d2e-0b8a4f2f7c55")
_FROM_MAIL = ("template", "about", "order_id", "user_id", "recipient", "locale", "happened_at")
_values = attrgetter(*_FROM_MAIL)
_ADD = insert_ignore(
    tables.deliveries,
    ("delivery_id", *_FROM_MAIL, "context", "next_attempt_at", "state", "reason"),
    same=("created_at",),
    key=("template", "about"),
)
# The order's events need a mail again that was withdrawn. The sender locks pending rows only.
_BRING_BACK = """
update deliveries set state = new.state, reason = new.reason, next_attempt_at = new.next_attempt_at
  from unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::text[])
    as new(delivery_id, next_attempt_at, state, reason)
 where deliveries.delivery_id = new.delivery_id
   and deliveries.state = 'skipped' and deliveries.reason = 'withdrawn'"""

# A sender that has locked one of them decides itself.
_WITHDRAW = """
update deliveries set state = 'skipped', reason = 'withdrawn'
 where delivery_id in (select delivery_id from deliveries
                        where delivery_id = any(%s) and state = 'pending' for update skip locked)"""


def delivery_id(template: str, about: str) -> uuid.UUID:
    """Return the id of a mail. It is the same in every database, and part of the Message-ID."""
    return uuid.uuid5(_NAMESPACE, f"{template}:{about}")


def add(tx: Session, mails: Iterable[tuple[Mail, SkipReason | None]], now: datetime) -> None:
    """Insert the mails that do not exist yet, bring back those that were withdrawn, and withdraw those that
    others replace.

    A mail becomes pending, or skipped if a reason for that is given.
    """
    mails = list(mails)
    rows = [
        (
            delivery_id(mail.template, mail.about),
            *_values(mail),
            msgspec.json.encode(mail.context).decode(),
            due_at(mail, now),
            "pending" if reason is None else "skipped",
            reason,
        )
        for mail, reason in mails
    ]
    if rows:
        # Sorted, so that two consumers lock rows in the same order.
        rows.sort(key=lambda row: row[0])
        tx.execute(_ADD, (now, *columns_of(rows)))
        tx.execute(_BRING_BACK, [[row[place] for row in rows] for place in (0, -3, -2, -1)])
    if replaced := sorted(delivery_id(mail.template, about) for mail, _ in mails for about in mail.replaces):
        tx.execute(_WITHDRAW, (replaced,))
