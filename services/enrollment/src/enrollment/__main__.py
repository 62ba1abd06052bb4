"""`python -m enrollment api|consumer|relay|clock|refresher|rebuild|migrate|all`."""

from __future__ import annotations

import sys

from enrollment import bootstrap
from enrollment.settings import Settings
from processkit import schema_watch as schema
from processkit.health import Health
from servicekit import roles
from servicekit.settings import load


def serve(*, api: bool, workers: tuple[str, ...]) -> int:
    """Run the API (or only health and metrics) and the named workers until SIGTERM."""
    settings, health = load(Settings), Health()
    app = bootstrap.build_api(settings, health) if api else None
    # Build only workers that will run: each reports to `health`, and one that never starts stays unready.
    running = bootstrap.build_workers(settings, health, workers)
    followed = schema.followed(running, settings.database_direct_url, bootstrap.SERVICE_DIR, health)
    return roles.run(app, followed, settings, health)


def migrate() -> int:
    """Migrate the database to the newest schema."""
    settings = load(Settings)
    # Imported here because alembic would make the start of every other role a third slower.
    from processkit.postgres import migrations

    return migrations.migrate(settings.database_direct_url, bootstrap.SERVICE_DIR)


def rebuild() -> int:
    """Derive every user again from the event set. Consumers may run at the same time."""
    users, state = bootstrap.rebuild(load(Settings))
    print(f"Derived {users} users again. State hash {state}.")
    return 0


if __name__ == "__main__":
    sys.exit(
        roles.main(
            bootstrap.SERVICE,
            {
                "api": lambda: serve(api=True, workers=()),
                "consumer": lambda: serve(api=False, workers=("consumer",)),
                "relay": lambda: serve(api=False, workers=("relay",)),
                "clock": lambda: serve(api=False, workers=("clock",)),
                "refresher": lambda: serve(api=False, workers=("refresher",)),
                "rebuild": rebuild,
                "migrate": migrate,
                "all": lambda: serve(api=True, workers=("consumer", "relay", "clock", "refresher")),
            },
        )
    )
