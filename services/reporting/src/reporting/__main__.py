"""`python -m reporting api|consumer|clock|rebuild|migrate|all`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from processkit import schema_watch as schema
from processkit.health import Health
from processkit.loop import Worker
from reporting import bootstrap
from reporting.settings import Settings
from servicekit import roles
from servicekit.settings import load


def serve(*parts: Callable[[Settings, Health], Mapping[str, Worker]], api: bool = False) -> int:
    """Run the API (or only health and metrics) and the workers until the process is stopped."""
    settings, health = load(Settings), Health()
    # Build only what runs: a component that never starts would keep the process unready.
    running: dict[str, Worker] = {}
    for part in parts:
        running |= part(settings, health)
    app = bootstrap.build_api(settings, health) if api else None
    followed = schema.followed(running, settings.database_direct_url, bootstrap.SERVICE_DIR, health)
    return roles.run(app, followed, settings, health)


def migrate() -> int:
    """Migrate the database to the newest schema."""
    settings = load(Settings)
    # Imported here: alembic would make every other role a third slower to start.
    from processkit.postgres import migrations

    return migrations.migrate(settings.database_direct_url, bootstrap.SERVICE_DIR)


def rebuild() -> int:
    """Derive everything again from the event set. Consumers may run at the same time."""
    owners = bootstrap.rebuild(load(Settings))
    print(f"Derived {owners} owners again.")
    return 0


if __name__ == "__main__":
    sys.exit(
        roles.main(
            bootstrap.SERVICE,
            {
                "api": lambda: serve(api=True),
                "consumer": lambda: serve(bootstrap.build_consumer),
                "clock": lambda: serve(bootstrap.build_clock),
                "rebuild": rebuild,
                "migrate": migrate,
                "all": lambda: serve(bootstrap.build_consumer, bootstrap.build_clock, api=True),
            },
        )
    )
