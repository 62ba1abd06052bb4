"""The shape of every service: what it is made of, and the roles in which its program can run.

A service's bootstrap.py declares a Service, and its __main__.py passes that to `main`.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from starlette.types import ASGIApp

from processkit import logs, schema_watch, tracing
from processkit.clock import utc_now
from processkit.commands import exit_code
from processkit.errors import ConfigurationError
from processkit.health import Health
from processkit.loop import Worker
from servicekit import process
from servicekit.settings import DatabaseSettings, LogSettings, ServiceSettings, load

Settings = TypeVar("Settings", bound=ServiceSettings, covariant=True)


@dataclass(frozen=True)
class Context(Generic[Settings]):
    """What the parts of a service are made from."""

    settings: Settings
    health: Health
    clock: Callable[[], datetime] = utc_now


@dataclass(frozen=True)
class Api:
    """An application, and the workers that its process runs beside it.

    With `proxy_headers`, X-Forwarded-* of a proxy on this machine determine the client's address and the
    scheme.
    """

    app: ASGIApp
    workers: Mapping[str, Worker] = field(default_factory=dict)
    proxy_headers: bool = True


@dataclass(frozen=True)
class Role(Generic[Settings]):
    """A role without an API: the settings that it needs, and a function that makes its workers by name."""

    settings: type[Settings]
    workers: Callable[[Context[Settings]], Mapping[str, Worker]]


def roles(
    settings: type[Settings], **workers: Callable[[Context[Settings]], Mapping[str, Worker]]
) -> dict[str, Role[Settings]]:
    """Return the roles that need the same settings, by name."""
    return {name: Role(settings, make) for name, make in workers.items()}


@dataclass(frozen=True)
class Schema:
    """The folder that holds a service's `migrations/`, and the revision that the program needs."""

    folder: Path
    revision: str


@dataclass(frozen=True, kw_only=True)
class Service(Generic[Settings]):
    """A service: `api` makes its role `api`, `workers` are its other roles, and `commands` run once and
    return the sentence to print.

    The role `all` runs everything in one process; `settings` must be enough for each role. With a
    `schema` there is a role `migrate`, and every process watches whether its database's schema is new enough.
    """

    name: str
    schema: Schema | None
    settings: type[Settings]
    api: Callable[[Context[Settings]], Api]
    workers: Mapping[str, Role[Any]] = field(default_factory=dict)
    commands: Mapping[str, Callable[[Context[Settings]], str]] = field(default_factory=dict)

    @property
    def roles(self) -> Mapping[str, Callable[[], int]]:
        """Return what each word of the command line runs."""
        roles: dict[str, Callable[[], int]] = {"api": self._serve}
        roles |= {name: self._working(role) for name, role in self.workers.items()}
        roles |= {name: self._doing(command) for name, command in self.commands.items()}
        if self.schema is not None:
            roles["migrate"] = self._migrate
        return {**roles, "all": lambda: self._serve(*self.workers.values())}

    def _serve(self, *roles: Role[Any]) -> int:
        context = Context(load(self.settings), Health())
        api = self.api(context)
        workers = dict(api.workers)
        for role in roles:
            assert isinstance(context.settings, role.settings), "the role needs other settings"
            workers |= role.workers(context)
        return self._run(api, workers, context)

    def _working(self, role: Role[Any]) -> Callable[[], int]:
        def work() -> int:
            context = Context(load(role.settings), Health())
            return self._run(None, role.workers(context), context)

        return work

    def _run(self, api: Api | None, workers: Mapping[str, Worker], context: Context[ServiceSettings]) -> int:
        if self.schema is not None:
            dsn = load(DatabaseSettings).database_direct_url
            workers = schema_watch.followed(workers, dsn, self.schema.revision, context.health)
        if api is None:
            return process.run(None, workers, context.settings, context.health)
        return process.run(
            api.app, workers, context.settings, context.health, proxy_headers=api.proxy_headers
        )

    def _doing(self, command: Callable[[Context[Settings]], str]) -> Callable[[], int]:
        def do() -> int:
            sys.stdout.write(f"{command(Context(load(self.settings), Health()))}\n")
            return 0

        return do

    def _migrate(self) -> int:
        assert self.schema is not None
        # Imported here because alembic would make the start of every other role a third slower.
        from processkit.postgres import migrations

        return migrations.migrate(load(DatabaseSettings).database_direct_url, self.schema.folder)


def main(service: Service[Any], argv: Sequence[str] | None = None) -> int:
    """Run the role that the command line names. Returns its exit code, or 2 for a wrong command or
    setting."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    roles = service.roles
    if len(arguments) != 1 or arguments[0] not in roles:
        asked_for_help = arguments in (["-h"], ["--help"])
        stream = sys.stdout if asked_for_help else sys.stderr
        stream.write(f"Usage: python -m {service.name} {'|'.join(roles)}\n")
        return 0 if asked_for_help else 2
    settings = load(LogSettings)
    logs.configure(service.name, settings.log_level, settings.log_format)
    tracing.configure(service.name)
    # alembic logs its plugins when it is imported, which would precede the sentence on a wrong setting.
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)
    return exit_code(roles[arguments[0]], {ConfigurationError: 2})
