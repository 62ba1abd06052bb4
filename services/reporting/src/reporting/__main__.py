"""`python -m reporting api|consumer|clock|rebuild|migrate|all`."""

from __future__ import annotations

import sys

from messaging.health import Health
from reporting import bootstrap
from reporting.settings import Settings
from servicekit import migrations, roles
from servicekit.settings import load


def serve(*, api: bool, workers: tuple[str, ...]) -> int:
    """Runs the API (or health and metrics only) and the named workers until told to stop."""
    settings, health = load(Settings), Health()
    available = bootstrap.build_workers(settings, health) if workers else {}
    app = bootstrap.build_api(settings, health) if api else None
    return roles.run(app, {name: available[name] for name in workers}, settings, health)


def migrate() -> int:
    """Brings the database to the newest schema."""
    migrations.upgrade(load(Settings).database_direct_url, bootstrap.SERVICE_DIR)
    return 0


def rebuild() -> int:
    """Derives everything again from the event set. Consumers may run meanwhile."""
    owners = bootstrap.rebuild(load(Settings))
    print(f"Derived {owners} owners again.")
    return 0


if __name__ == "__main__":
    sys.exit(
        roles.main(
            bootstrap.SERVICE,
            {
                "api": lambda: serve(api=True, workers=()),
                "consumer": lambda: serve(api=False, workers=("consumer",)),
                "clock": lambda: serve(api=False, workers=("clock",)),
                "rebuild": rebuild,
                "migrate": migrate,
                "all": lambda: serve(api=True, workers=("consumer", "clock")),
            },
        )
    )
