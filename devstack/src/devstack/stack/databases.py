"""One database and one role per service, on whichever server the stack uses."""

import importlib.util
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from devstack.errors import DevstackError
from devstack.stack.plan import WITH_DATABASE, Plan, module


def ensure(plan: Plan) -> None:
    """Create what is missing; databases that were given by address are left alone."""
    ours = [name for name in WITH_DATABASE if name not in plan.given_databases]
    if not ours:
        return
    password = conninfo_to_dict(plan.superuser_dsn()).get("password")
    try:
        with psycopg.connect(plan.superuser_dsn(), autocommit=True) as connection:
            for name in ours:
                _ensure_one(connection, name, None if password is None else str(password))
    except psycopg.Error as error:
        raise DevstackError(
            f"The services' databases could not be made on {_place(plan.superuser_dsn())}: {error}"
        ) from error


def migrate(plan: Plan) -> None:
    """Bring each service's database to its newest schema, as `python -m SERVICE migrate` does."""
    # Imported late: alembic takes half a second, which the start of broker and database hides.
    from processkit.postgres import migrations

    for name in WITH_DATABASE:
        if plan.options.only and name not in plan.options.only:
            continue
        try:
            migrations.upgrade(plan.databases[name], service_folder(name))
        except Exception as error:
            raise DevstackError(f"The migrations of {name} failed: {error}") from error


def service_folder(service: str) -> Path:
    """The folder of a service, with its `migrations`, in this checkout."""
    found = importlib.util.find_spec(module(service))
    if found is None or found.origin is None:
        raise DevstackError(f"The service {service} is not installed. Run `uv sync --all-packages`.")
    return Path(found.origin).parents[2]


def _ensure_one(
    connection: "psycopg.Connection[tuple[object, ...]]", name: str, password: str | None
) -> None:
    role = sql.Identifier(name)
    if connection.execute("select 1 from pg_roles where rolname = %s", (name,)).fetchone() is None:
        connection.execute(sql.SQL("create role {} login").format(role))
    if password is not None:
        connection.execute(sql.SQL("alter role {} password {}").format(role, sql.Literal(password)))
    if connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone() is None:
        connection.execute(sql.SQL("create database {} owner {}").format(role, role))
    # No service reads another's database, here as in production.
    connection.execute(sql.SQL("revoke connect on database {} from public").format(role))


def _place(dsn: str) -> str:
    parts = conninfo_to_dict(dsn)
    return f"{parts.get('host')}:{parts.get('port', 5432)}"
