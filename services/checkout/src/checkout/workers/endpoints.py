"""Checks at the start, and daily, that the webhook endpoints at Stripe send what the services need.

If Stripe does not answer, or the key may not read endpoints, the metrics have no value.
"""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from checkout import errors
from checkout.clients.stripe import Stripe
from checkout.domain.endpoints import EndpointReview, review_endpoints
from checkout.usecases.purchase import ANSWER_SECONDS
from processkit.health import RENEW_SECONDS, Health
from processkit.loop import Loop
from processkit.metrics import Figure
from schemas.stripe.needed import OLDEST_VERSION

log = structlog.stdlib.get_logger(__name__)

MISSING = Figure(
    "checkout_stripe_endpoint_missing_event_types",
    "Event types that the services need and no enabled webhook endpoint at Stripe sends",
    roles=["refresher"],
)
TOO_OLD = Figure(
    "checkout_stripe_endpoint_api_version_too_old",
    f"Enabled webhook endpoints at Stripe with an API version before {OLDEST_VERSION}",
    roles=["refresher"],
)
DISABLED = Figure(
    "checkout_stripe_endpoint_disabled", "Disabled webhook endpoints at Stripe", roles=["refresher"]
)

AGAIN = timedelta(days=1)
"""When the endpoints are checked again."""
RETRY = timedelta(minutes=15)
"""When they are checked again after Stripe did not answer."""
EXPORT_SECONDS = 10.0
"""How often the metrics are renewed between the checks."""


class EndpointCheck:
    """Checks the endpoints whose address ends in `path`, and exports what is wrong with them."""

    NAME = "endpoints"

    def __init__(
        self, open_stripe: Callable[[], Stripe], path: str, health: Health, clock: Callable[[], datetime]
    ) -> None:
        self._open_stripe = open_stripe
        self._path = path
        self._component = health.component(self.NAME, RENEW_SECONDS)
        self._clock = clock
        self._due = datetime.min.replace(tzinfo=UTC)
        self._known: EndpointReview | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        with asyncio.Runner() as runner:
            stripe = self._open_stripe()
            Loop(
                component=self._component,
                turn=lambda: runner.run(self.once(stripe)),
                idle_seconds=EXPORT_SECONDS,
                close=[lambda: runner.run(stripe.close())],
            ).run(stop)

    async def once(self, stripe: Stripe) -> bool:
        """Check if it is time to; then export what is known. Always returns False: nothing else is due."""
        if self._clock() >= self._due:
            await self._check(stripe)
        if self._known is not None:
            MISSING.set(len(self._known.missing))
            TOO_OLD.set(len(self._known.too_old))
            DISABLED.set(len(self._known.disabled))
        return False

    async def _check(self, stripe: Stripe) -> None:
        self._known, self._due = None, self._clock() + AGAIN
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                self._known = review_endpoints(await stripe.endpoints(), self._path)
        except (TimeoutError, errors.StripeError) as error:
            if not isinstance(error, errors.StripeRefused):
                self._due = self._clock() + RETRY
            log.warning(
                "the webhook endpoints at Stripe are not checked: give STRIPE_SECRET_KEY permission to read "
                "webhook endpoints and events, or compare them with docs/operations.md yourself",
                reason=str(error) or "no answer in time",
                again_at=self._due.isoformat(),
            )
        else:
            _report(self._known)


def _report(found: EndpointReview) -> None:
    if found.missing:
        log.warning(
            "no enabled webhook endpoint at Stripe sends these event types: subscribe to them",
            event_types=found.missing,
        )
    if found.too_old:
        log.warning(
            f"webhook endpoints at Stripe have an API version before {OLDEST_VERSION}: replace them",
            endpoints=found.too_old,
        )
    if found.disabled:
        log.warning(
            "webhook endpoints at Stripe are disabled: enable or delete them", endpoints=found.disabled
        )
    if found == EndpointReview((), (), ()):
        log.info("the webhook endpoints at Stripe send what is needed")
