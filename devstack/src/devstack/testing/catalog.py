"""What Postgres's catalog says of a database, to compare schemas that were made in different ways."""

import psycopg
from sqlalchemy import MetaData, create_engine, pool

_CATALOG = """
with relations as (
    select oid, oid::regclass::text as name, relkind from pg_class
     where relnamespace = 'public'::regnamespace and relname <> 'alembic_version'),
columns as (
    select attrelid as oid, attnum, format('%s %s%s%s%s', attname, format_type(atttypid, atttypmod),
           case when attnotnull then ' not null' else '' end,
           case attidentity when 'a' then ' identity always' when 'd' then ' identity' else '' end,
           ' default ' || pg_get_expr(adbin, adrelid)) as line
      from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
     where attnum > 0 and not attisdropped)
select format('%s.%s', name, line) from relations join columns using (oid)
 where relkind in ('r', 'p', 'v', 'm')
union all
select format('%s: %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_constraint
 where connamespace = 'public'::regnamespace and conname <> 'alembic_version_pkc' and contype <> 'n'
union all
select indexdef from pg_indexes where schemaname = 'public' and tablename <> 'alembic_version'
union all
select pg_get_viewdef(oid) from relations where relkind in ('v', 'm')
union all
select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
union all
select pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace"""


def catalog(dsn: str) -> list[str]:
    """Return a line for each column, constraint, index, view, trigger and function, sorted.

    Leaves out alembic's own table, and lists no order of columns.
    """
    with psycopg.connect(dsn) as connection:
        return sorted(row[0] for row in connection.execute(_CATALOG))


def create_tables(dsn: str, metadata: MetaData) -> None:
    """Create the declared tables in an empty database."""
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=pool.NullPool
    )
    metadata.create_all(engine)
