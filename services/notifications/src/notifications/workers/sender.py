"""The worker that sends what is owed: claim a row, hand it to the mail server, mark it, commit; one at a
time.

The row is locked from the claim to the commit, so no two senders ever hold the same mail, and a sender that
dies lets it go at once. A crash between the server's answer and the commit sends a mail twice, under the same
Message-ID: that, and not a mail lost, is the side to err on.
"""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from email.headerregistry import Address

import structlog

from messaging.errors import classify
from notifications import metrics
from notifications.clients.smtp import Mailer
from notifications.errors import Deferred, Rejected, RelayUnavailable
from notifications.mails.message import compose, message_id
from notifications.mails.rendering import Renderer
from notifications.store import outgoing as store
from processkit.backoff import Backoff
from processkit.errors import Kind
from processkit.health import RENEW_SECONDS, Health
from processkit.postgres.database import Database, Session

log = structlog.stdlib.get_logger(__name__)

IDLE_SECONDS = 0.25
FIRST_RETRY_SECONDS = 5.0
LONGEST_RETRY_SECONDS = 3600.0
_WAITS = (Kind.TRANSIENT, Kind.CONFLICT)


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
        self._jitter = jitter or random.Random()  # noqa: S311 - spreads retries, no secret
        # Accepted by the server, but not yet known to the database: never handed over again by this process.
        self._accepted: set[tuple[uuid.UUID, int]] = set()

    def run(self, stop: threading.Event) -> None:
        """Sends until `stop` is set. While the database or the mail server is away it waits, ever longer."""
        backoff = Backoff(self._jitter)
        try:
            while not stop.is_set():
                try:
                    worked = self.once()
                except Exception as error:
                    # A missing table is transient too: before its migration a sender waits, as consumers do.
                    if not isinstance(error, RelayUnavailable) and classify(error) not in _WAITS:
                        raise
                    self._component.down(str(error)[:200])
                    seconds = backoff.next_seconds()
                    log.warning(
                        "no mail can be sent now", error=str(error)[:300], retry_seconds=round(seconds, 1)
                    )
                    stop.wait(seconds)
                    continue
                backoff.reset()
                self._component.up()
                if not worked:
                    stop.wait(IDLE_SECONDS)
        finally:
            self._mailer.close()
            self._database.close()

    def once(self) -> bool:
        """Sends the next mail that is due; False if there is none. Raises RelayUnavailable,
        OperationalError."""
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
                self._hand_over(claimed)
                self._accepted.add((claimed.delivery_id, claimed.resends))
        except Rejected as error:
            self._give_up(tx, claimed, "rejected", str(error))
        except Deferred as error:
            self._put_off(tx, claimed, str(error))
        except RelayUnavailable:
            raise
        except Exception as error:
            # A mail that cannot even be made must not stand in the way of the others.
            log.exception("a mail cannot be made", delivery_id=str(claimed.delivery_id))
            self._put_off(tx, claimed, f"The mail cannot be made: {type(error).__name__}.")
        else:
            store.mark_sent(tx, claimed, self._clock())
            metrics.SENT.labels(claimed.template).inc()
            log.info(
                "mail sent",
                delivery_id=str(claimed.delivery_id),
                template=claimed.template,
                about=claimed.about,
            )

    def _hand_over(self, claimed: store.Claimed) -> None:
        rendered = self._renderer.render(claimed.template, claimed.locale, claimed.context)
        self._mailer.send(
            compose(
                rendered,
                recipient=claimed.recipient,
                sender=self._sender,
                message_id=message_id(claimed.delivery_id, claimed.resends, self._sender.domain),
                date=self._clock(),
            )
        )

    def _put_off(self, tx: Session, claimed: store.Claimed, error: str) -> None:
        if claimed.attempts + 1 >= self._max_attempts:
            self._give_up(tx, claimed, "attempts_exhausted", error)
            return
        seconds = min(FIRST_RETRY_SECONDS * 2**claimed.attempts, LONGEST_RETRY_SECONDS)
        seconds *= self._jitter.uniform(0.5, 1.5)
        store.mark_deferred(tx, claimed, self._clock() + timedelta(seconds=seconds), error)
        metrics.DEFERRED.labels(claimed.template).inc()
        log.warning("mail put off", delivery_id=str(claimed.delivery_id), retry_seconds=round(seconds))

    def _give_up(self, tx: Session, claimed: store.Claimed, reason: str, error: str) -> None:
        store.mark_failed(tx, claimed, reason, error, self._clock())
        metrics.FAILED.labels(claimed.template, reason).inc()
        # The server's answer often repeats the address: it stands in `last_error`, and not in the log.
        log.error("mail given up", delivery_id=str(claimed.delivery_id), reason=reason)
