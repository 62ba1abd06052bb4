"""The queries of the consumer and the sender."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from messaging.eventset.derivation import Derivation, Derived
from messaging.eventset.event_set import EventSet
from notifications.domain.contexts import CONTEXT_OF, Context
from notifications.domain.mails import Mail, mails_of
from notifications.domain.policy import Policy, is_left_to_the_consumer
from notifications.facts import LINKS, STORED
from processkit.postgres.database import Session

OWNER = "order_id"

_NAMESPACE = uuid.UUID("6d9a1f0e-5a0e-4d0b-9d2e-0b8a4f2f7c55")

_INSERT = """
insert into deliveries (delivery_id, template, about, order_id, user_id, recipient, locale, happened_at,
                        context, state, reason, created_at, next_attempt_at)
select delivery_id, template, about, order_id, user_id, recipient, locale, happened_at,
       context::jsonb, case when reason is null then 'pending' else 'skipped' end, reason, %s, %s
from unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
            %s::timestamptz[], %s::text[], %s::text[])
     as new (delivery_id, template, about, order_id, user_id, recipient, locale, happened_at, context, reason)
on conflict (template, about) do nothing
"""

_CLAIM = """
select delivery_id, template, about, recipient, locale, context::text, resends, attempts
from deliveries where state = 'pending' and next_attempt_at <= %s
order by next_attempt_at, delivery_id limit 1 for update skip locked
"""
_SENT = """
update deliveries set state = 'sent', reason = null, attempts = attempts + 1, sent_at = %s, last_error = null
where delivery_id = %s
"""
_FAILED = """
update deliveries set state = 'failed', reason = %s, attempts = attempts + 1, last_error = %s, failed_at = %s
where delivery_id = %s
"""
_DEFERRED = """
update deliveries set attempts = attempts + 1, next_attempt_at = %s, last_error = %s where delivery_id = %s
"""
_BACKLOG = """
select count(*), min(created_at), (select count(*) from deliveries where state = 'failed')
from deliveries where state = 'pending'
"""


def event_set() -> EventSet:
    """Return the event set of the service."""
    return EventSet(LINKS, facts=STORED)


def derivation(policy: Policy, clock: Callable[[], datetime]) -> Derivation[tuple[Mail, ...]]:
    """Return the derivation that computes an order's mails from its events."""

    def write(tx: Session, mails: Mapping[str, tuple[Mail, ...]], now: datetime, announce: bool) -> None:
        add_deliveries(tx, [mail for of_order in mails.values() for mail in of_order], policy, now, announce)

    return Derivation(
        event_set(),
        owner=OWNER,
        follow=("payment_intent_id",),
        compute=lambda order_id, events, _now: Derived(mails_of(order_id, events)),
        write=write,
        clock=clock,
    )


def delivery_id(template: str, about: str) -> uuid.UUID:
    """Return the id of a mail. It is the same in every database, and part of the Message-ID."""
    return uuid.uuid5(_NAMESPACE, f"{template}:{about}")


def add_deliveries(
    tx: Session, mails: list[Mail], policy: Policy, now: datetime, announce: bool = True
) -> int:
    """Insert the mails that do not exist yet and return their number. The unique key decides which exist.

    Without `announce` (a rebuild) no mail becomes pending. Missing mails are inserted as skipped, so that no
    later event of the order sends them either.
    """
    rows = []
    for mail in mails:
        if announce:
            reason = policy.skip(mail, now)
        elif is_left_to_the_consumer(mail, now):
            continue
        else:
            reason = policy.skip_rebuilt(mail, now)
        rows.append(
            (
                delivery_id(mail.template, mail.about),
                mail.template,
                mail.about,
                mail.order_id,
                mail.user_id,
                mail.recipient,
                mail.locale,
                mail.happened_at,
                msgspec.json.encode(mail.context).decode(),
                reason,
            )
        )
    if not rows:
        return 0
    rows.sort(key=lambda row: row[0])
    return tx.execute(_INSERT, (now, now, *(list(column) for column in zip(*rows, strict=True)))).rowcount


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery whose row this transaction has locked."""

    delivery_id: uuid.UUID
    template: str
    about: str
    recipient: str
    locale: str
    context: str
    """The context of the mail as JSON, to be decoded by `decode_context`."""
    resends: int
    attempts: int


def decode_context(template: str, context: str) -> Context:
    """Return what a stored delivery shows.

    Raises KeyError if there is no such template, and msgspec.ValidationError if the JSON does not fit it.
    """
    return msgspec.json.decode(context, type=CONTEXT_OF[template])


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
