"""What the sender reads and writes: the next mail that is due, and what became of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, fields
from datetime import datetime

from processkit.postgres.database import Session


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery whose row this transaction has locked. The fields are columns."""

    delivery_id: uuid.UUID
    template: str
    about: str
    recipient: str
    locale: str
    context: str
    """JSON for `notifications.domain.contexts.decode`."""
    resends: int
    attempts: int


_COLUMNS = ", ".join("context::text" if field.name == "context" else field.name for field in fields(Claimed))
_CLAIM = f"""
select {_COLUMNS} from deliveries where state = 'pending' and next_attempt_at <= %s
 order by next_attempt_at, delivery_id limit 1 for update skip locked"""  # noqa: S608 - names of fields
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
