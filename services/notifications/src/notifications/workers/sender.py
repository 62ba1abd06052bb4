"""Sends pending mails, one at a time: lock a row, make the mail from the order's events, send it, mark the
row, commit.

The row is locked until the commit. No two senders send the same mail, and the lock of a sender
that crashes is released at once. A crash between the server's reply and the commit sends a mail twice, with
the same Message-ID. A duplicate is better than a lost mail.
"""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from email.headerregistry import Address

import structlog

from notifications import metrics
from notifications.clients.smtp import Mailer
from notifications.domain.mails import Mail
from notifications.domain.policy import retry_seconds
from notifications.errors import Deferred, Rejected, RelayUnavailable
from notifications.mails.message import compose, message_id
from notifications.mails.rendering import Renderer
from notifications.store import sending as store
from processkit.errors import is_transient
from processkit.health import RENEW_SECONDS, Health
from processkit.loop import Loop
from processkit.postgres.database import Database, Session

log = structlog.stdlib.get_logger(__name__)

IDLE_SECONDS = 0.25


class Sender:
    """One sending thread with its own connections to the database and to the mail server."""

    def __init__(
        self,
        dsn: str,
        mailer: Mailer,
        renderer: Renderer,
        sender: Address,
        health: Health,
        clock: Callable[[], datetime],
        *,
        max_attempts: int,
        name: str = "sender",
        jitter: random.Random | None = None,
    ) -> None:
        self._database = Database(dsn, name)
        self._mailer = mailer
        self._renderer = renderer
        self._sender = sender
        self._component = health.component(name, RENEW_SECONDS)
        self._clock = clock
        self._max_attempts = max_attempts
        self._jitter = jitter or random.Random()  # noqa: S311 - spreads retries, not security-relevant
        # Accepted by the server but not yet committed. This process never sends them again.
        self._accepted: set[tuple[uuid.UUID, int]] = set()

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set. Waits while the database or the mail server is unavailable."""
        Loop(
            component=self._component,
            turn=self.once,
            idle_seconds=IDLE_SECONDS,
            waits=_is_awaited,
            failed=_log_pause,
            close=[self._mailer.close, self._database.close],
        ).run(stop)

    def once(self) -> bool:
        """Send the next mail that is due. Returns False if no mail is due.

        Raises RelayUnavailable or psycopg.OperationalError.
        """
        with self._database.transaction() as tx:
            claimed = store.claim(tx, self._clock())
            if claimed is None:
                return False
            self._deliver(tx, claimed)
        self._accepted.discard((claimed.delivery_id, claimed.resends))
        return True

    def _deliver(self, tx: Session, claimed: store.Claimed) -> None:
        try:
            if (claimed.delivery_id, claimed.resends) not in self._accepted:
                mail = store.content(tx, claimed)
                if mail is None or store.was_sent(tx, mail):
                    self._withdraw(tx, claimed)
                    return
                self._hand_over(claimed, mail)
                self._accepted.add((claimed.delivery_id, claimed.resends))
        except Rejected as error:
            self._fail(tx, claimed, "rejected", str(error))
        except Deferred as error:
            self._defer(tx, claimed, str(error))
        except RelayUnavailable:
            raise
        except Exception as error:
            if is_transient(error):
                raise
            # A mail that cannot be rendered must not block the others.
            log.exception("a mail cannot be rendered", delivery_id=str(claimed.delivery_id))
            self._defer(tx, claimed, f"The mail cannot be rendered: {type(error).__name__}.")
        else:
            store.mark_sent(tx, claimed, self._clock())
            metrics.SENT.labels(claimed.template).inc()
            log.info(
                "mail sent",
                delivery_id=str(claimed.delivery_id),
                template=claimed.template,
                about=claimed.about,
            )

    def _hand_over(self, claimed: store.Claimed, mail: Mail) -> None:
        rendered = self._renderer.render(mail.context, mail.locale)
        self._mailer.send(
            compose(
                rendered,
                recipient=mail.recipient,
                sender=self._sender,
                message_id=message_id(claimed.delivery_id, claimed.resends, self._sender.domain),
                date=self._clock(),
            )
        )

    def _withdraw(self, tx: Session, claimed: store.Claimed) -> None:
        store.mark_withdrawn(tx, claimed)
        metrics.WITHDRAWN.labels(claimed.template).inc()
        log.info("mail withdrawn", delivery_id=str(claimed.delivery_id), about=claimed.about)

    def _defer(self, tx: Session, claimed: store.Claimed, error: str) -> None:
        seconds = retry_seconds(claimed.attempts + 1, self._max_attempts)
        if seconds is None:
            self._fail(tx, claimed, "attempts_exhausted", error)
            return
        seconds *= self._jitter.uniform(0.5, 1.5)
        store.mark_deferred(tx, claimed, self._clock() + timedelta(seconds=seconds), error)
        metrics.DEFERRED.labels(claimed.template).inc()
        log.warning("mail deferred", delivery_id=str(claimed.delivery_id), retry_seconds=round(seconds))

    def _fail(self, tx: Session, claimed: store.Claimed, reason: str, error: str) -> None:
        store.mark_failed(tx, claimed, reason, error, self._clock())
        metrics.FAILED.labels(claimed.template, reason).inc()
        # The server's reply often contains the address, so it is stored in `last_error` and not logged.
        log.error("mail failed permanently", delivery_id=str(claimed.delivery_id), reason=reason)


def _is_awaited(error: Exception) -> bool:
    """Whether a sender waits until the cause is gone. A missing table too: the migration will create it."""
    return isinstance(error, RelayUnavailable) or is_transient(error)


def _log_pause(error: Exception, seconds: float) -> None:
    log.warning("no mail can be sent now", error=str(error)[:300], retry_seconds=round(seconds, 1))
