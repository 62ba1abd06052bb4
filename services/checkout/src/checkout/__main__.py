"""The command line: python -m checkout api|consumer|relay|clock|refunds|migrate|all."""

import sys
from collections.abc import Mapping

from fastapi import FastAPI

from checkout import bootstrap
from checkout.settings import ApiSettings, ProcessSettings, StripeSettings
from messaging.settings import KafkaSettings
from processkit import schema_watch as schema
from processkit.health import Health
from processkit.loop import Worker
from servicekit import process, roles
from servicekit.settings import DatabaseSettings, load


def _run(
    app: FastAPI | None, workers: Mapping[str, Worker], settings: ProcessSettings, health: Health
) -> int:
    followed = schema.followed(workers, settings.database_direct_url, bootstrap.MIGRATIONS, health)
    return process.run(app, followed, settings, health)


def _api() -> int:
    settings, health = load(ApiSettings), Health()
    return _run(bootstrap.build_app(settings, health), {}, settings, health)


def _consumer() -> int:
    settings, kafka, health = load(ProcessSettings), load(KafkaSettings), Health()
    return _run(None, bootstrap.consumer(settings, kafka, health), settings, health)


def _relay() -> int:
    settings, kafka, health = load(ProcessSettings), load(KafkaSettings), Health()
    return _run(None, bootstrap.relay(settings, kafka, health), settings, health)


def _clock() -> int:
    settings, kafka, health = load(ProcessSettings), load(KafkaSettings), Health()
    return _run(None, bootstrap.clock_workers(settings, kafka, health), settings, health)


def _refunds() -> int:
    settings, health = load(StripeSettings), Health()
    return _run(None, bootstrap.refunds_worker(settings, health), settings, health)


def _all() -> int:
    settings, kafka, health = load(ApiSettings), load(KafkaSettings), Health()
    workers = {
        **bootstrap.consumer(settings, kafka, health),
        **bootstrap.relay(settings, kafka, health),
        **bootstrap.clock_workers(settings, kafka, health),
        **bootstrap.refunds_worker(settings, health),
    }
    return _run(bootstrap.build_app(settings, health), workers, settings, health)


def _migrate() -> int:
    settings = load(DatabaseSettings)
    # Here and not above: alembic would make every other role start a third later.
    from processkit.postgres import migrations

    return migrations.migrate(settings.database_direct_url, bootstrap.MIGRATIONS)


if __name__ == "__main__":
    sys.exit(
        roles.start(
            "checkout",
            {
                "api": _api,
                "consumer": _consumer,
                "relay": _relay,
                "clock": _clock,
                "refunds": _refunds,
                "migrate": _migrate,
                "all": _all,
            },
        )
    )
