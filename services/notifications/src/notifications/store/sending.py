"""What the sender reads and writes: the next mail that is due, its content, and what became of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, fields
from datetime import datetime

import msgspec

from messaging.eventset.event import chronological
from notifications.domain.mails import Mail, mails_of
from notifications.facts import FOLLOW, OWNER
from notifications.store.tables import EVENTS
from processkit.postgres.database import Session


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery whose row this transaction has locked. The fields are columns."""

    delivery_id: uuid.UUID
    template: str
    about: str
    order_id: str
    resends: int
    attempts: int


_COLUMNS = ", ".join(field.name for field in fields(Claimed))
_CLAIM = f"""
select {_COLUMNS} from deliveries where state = 'pending' and next_attempt_at <= %s
 order by next_attempt_at, delivery_id limit 1 for update skip locked"""  # noqa: S608 - names of fields
_LOCK_ORDER = "select from owners where owner_id = %s for update"
_CONTENT = """
update deliveries set context = %s, happened_at = %s
 where delivery_id = %s and (context, happened_at) is distinct from (%s::jsonb, %s)"""
# Waits for a sender that is sending one of them.
_REPLACED = "select state from deliveries where template = %s and about = any(%s) for update"
_WITHDRAWN = "update deliveries set state = 'skipped', reason = 'withdrawn' where delivery_id = %s"
_SENT = """
update deliveries set state = 'sent', reason = null, attempts = attempts + 1, sent_at = %s, last_error = null
 where delivery_id = %s"""
_FAILED = """
update deliveries set state = 'failed', reason = %s, attempts = attempts + 1, last_error = %s, failed_at = %s
 where delivery_id = %s"""
_DEFERRED = """
update deliveries set attempts = attempts + 1, next_attempt_at = %s, last_error = %s where delivery_id = %s"""
_BACKLOG = """
select count(*), min(created_at), (select count(*) from deliveries where state = 'failed')
  from deliveries where state = 'pending'"""


def claim(tx: Session, now: datetime) -> Claimed | None:
    """Lock the next mail that is due and that no other sender has locked. Returns None if no mail is due.

    The row lock is the claim. Unlike a lease with a deadline, it ends when the sender's connection ends.
    """
    row = tx.execute(_CLAIM, (now,)).fetchone()
    return Claimed(*row) if row else None


def content(tx: Session, claimed: Claimed) -> Mail | None:
    """Return the mail as the order's events say now, and store its content; None if they need no such mail.

    What was known when the mail became pending depends on which events had arrived by then.
    """
    mail = current(tx, claimed.order_id, claimed.template, claimed.about)
    if mail is None:
        # The consumer derives under this lock: an event that it records from now on brings the mail back.
        tx.execute(_LOCK_ORDER, (claimed.order_id,))
        mail = current(tx, claimed.order_id, claimed.template, claimed.about)
    if mail is not None:
        stored = (msgspec.json.encode(mail.context).decode(), mail.happened_at)
        tx.execute(_CONTENT, (*stored, claimed.delivery_id, *stored))
    return mail


def current(tx: Session, order_id: str, template: str, about: str) -> Mail | None:
    """Return the mail as the order's events say now; None if they need no such mail."""
    events = EVENTS.load(tx, [order_id], owner=OWNER, follow=FOLLOW)[order_id]
    mails = mails_of(order_id, chronological(events))
    return next((mail for mail in mails if (mail.template, mail.about) == (template, about)), None)


def was_sent(tx: Session, mail: Mail) -> bool:
    """Whether the buyer got this mail before the refund had a name."""
    if not mail.replaces:
        return False
    rows = tx.execute(_REPLACED, (mail.template, sorted(mail.replaces))).fetchall()
    return any(state == "sent" for (state,) in rows)


def mark_withdrawn(tx: Session, claimed: Claimed) -> None:
    """Record that the mail is not sent, because the order's events do not need it."""
    tx.execute(_WITHDRAWN, (claimed.delivery_id,))


def mark_sent(tx: Session, claimed: Claimed, now: datetime) -> None:
    """Record that the mail server has accepted the mail."""
    tx.execute(_SENT, (now, claimed.delivery_id))


def mark_failed(tx: Session, claimed: Claimed, reason: str, error: str, now: datetime) -> None:
    """Record that the mail failed permanently. An administrator resends or reviews it."""
    tx.execute(_FAILED, (reason, error, now, claimed.delivery_id))


def mark_deferred(tx: Session, claimed: Claimed, next_attempt_at: datetime, error: str) -> None:
    """Record that the next attempt is due at `next_attempt_at`."""
    tx.execute(_DEFERRED, (next_attempt_at, error, claimed.delivery_id))


def backlog(tx: Session) -> tuple[int, datetime | None, int]:
    """Return the number of pending mails, when the oldest was created, and the number of failed mails."""
    row = tx.execute(_BACKLOG).fetchone()
    assert row is not None
    return row[0], row[1], row[2]
