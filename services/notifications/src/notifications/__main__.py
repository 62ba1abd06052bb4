"""`python -m notifications api|consumer|clock|sender|rebuild|migrate|all`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from notifications import bootstrap
from notifications.settings import Settings
from processkit import schema_watch as schema
from processkit.health import Health
from processkit.loop import Worker
from servicekit import process, roles
from servicekit.settings import load


def serve(*parts: Callable[[Settings, Health], Mapping[str, Worker]], api: bool) -> int:
    """Run the API (or health and metrics only) and the workers until a signal stops them."""
    settings, health = load(Settings), Health()
    workers: dict[str, Worker] = {}
    for part in parts:
        workers |= part(settings, health)
    app = bootstrap.build_api(settings, health) if api else None
    followed = schema.followed(workers, settings.database_direct_url, bootstrap.SERVICE_DIR, health)
    return process.run(app, followed, settings, health)


def migrate() -> int:
    """Migrate the database to the newest schema."""
    settings = load(Settings)
    # Imported here: alembic would slow down the start of every other role by a third.
    from processkit.postgres import migrations

    return migrations.migrate(settings.database_direct_url, bootstrap.SERVICE_DIR)


def rebuild() -> int:
    """Derive everything again from the event set, without sending mail. Consumers may keep running."""
    orders = bootstrap.rebuild(load(Settings))
    print(f"Derived {orders} orders again.")
    return 0


if __name__ == "__main__":
    sys.exit(
        roles.start(
            bootstrap.SERVICE,
            {
                "api": lambda: serve(api=True),
                "consumer": lambda: serve(bootstrap.build_consumer, api=False),
                "clock": lambda: serve(bootstrap.build_clock, api=False),
                "sender": lambda: serve(bootstrap.build_senders, api=False),
                "rebuild": rebuild,
                "migrate": migrate,
                "all": lambda: serve(
                    bootstrap.build_consumer, bootstrap.build_clock, bootstrap.build_senders, api=True
                ),
            },
        )
    )
