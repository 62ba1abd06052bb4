"""The only place where the ingest's objects are wired together."""

from __future__ import annotations

from messaging.settings import KafkaSettings
from servicekit.roles import Api, Context, Service
from servicekit.settings import load
from webhook_ingest.api.front import create_front
from webhook_ingest.api.webhook import Webhook
from webhook_ingest.clients.publisher import Publisher
from webhook_ingest.domain.signature import Verifier
from webhook_ingest.settings import Settings
from webhook_ingest.workers.probe import KafkaProbe


def api(context: Context[Settings]) -> Api:
    """Return the endpoint for Stripe's webhooks, and the worker that asks whether Kafka answers."""
    settings, health = context.settings, context.health
    publisher = Publisher(load(KafkaSettings))
    webhook = Webhook(
        Verifier(settings.stripe_webhook_secret),
        publisher.publish,
        settings.stripe_livemode,
        account=settings.stripe_account,
    )
    front = create_front(webhook, publisher, settings, health)
    return Api(front, {"kafka-probe": KafkaProbe(publisher, health).run}, proxy_headers=False)


SERVICE = Service(name="webhook_ingest", schema=None, settings=Settings, api=api)
