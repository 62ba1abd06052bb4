"""The only place where the ingest's objects are wired together."""

from __future__ import annotations

from messaging.settings import KafkaSettings
from processkit.health import Health
from servicekit import roles
from servicekit.settings import load
from webhook_ingest.api.front import create_front
from webhook_ingest.api.webhook import Webhook
from webhook_ingest.clients.publisher import Publisher
from webhook_ingest.domain.signature import Verifier
from webhook_ingest.settings import Settings
from webhook_ingest.workers.probe import KafkaProbe


def api() -> int:
    """Serves until told to stop; the exit code."""
    settings, kafka = load(Settings), load(KafkaSettings)
    health = Health()
    publisher = Publisher(kafka)
    webhook = Webhook(Verifier(settings.stripe_webhook_secret), publisher.publish, settings.stripe_livemode)
    front = create_front(webhook, publisher, settings, health)
    workers = {"kafka-probe": KafkaProbe(publisher, health).run}
    return roles.run(front, workers, settings, health, proxy_headers=False)
