"""Creates and migrates one database and one role per service, on the server that the stack uses."""

import importlib.util
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from devstack.errors import DevstackError
from devstack.stack.plan import WITH_DATABASE, Plan, module


def ensure(plan: Plan) -> None:
    """Create missing databases and roles, except for databases whose address the user gave."""
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
            f"The services' databases could not be created on {_place(plan.superuser_dsn())}: {error}"
        ) from error


def migrate(plan: Plan) -> None:
    """Migrate each service's database to the newest schema, as `python -m SERVICE migrate` does."""
    # Imported late: alembic takes half a second to load, which the start of the servers hides.
    from processkit.postgres import migrations

    for name in WITH_DATABASE:
        if plan.options.only and name not in plan.options.only:
            continue
        try:
            migrations.upgrade(plan.databases[name], service_folder(name))
        except Exception as error:
            raise DevstackError(f"The migrations of {name} failed: {error}") from error


def service_folder(service: str) -> Path:
    """Return the folder of a service in this repository; it contains `migrations`."""
    found = importlib.util.find_spec(module(service))
    if found is None or found.origin is None:
        raise DevstackError(f"The service {service} is not installed. Run `make install`.")
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
    # As in production, a service cannot read another service's database.
    connection.execute(sql.SQL("revoke connect on database {} from public").format(role))


def _place(dsn: str) -> str:
    parts = conninfo_to_dict(dsn)
    return f"{parts.get('host')}:{parts.get('port', 5432)}"
