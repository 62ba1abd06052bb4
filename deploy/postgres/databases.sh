#!/bin/sh
# Run once by the Postgres image on an empty data directory: a database and a role for each service, so that
# no service can read another's.
set -eu
for service in checkout enrollment notifications reporting; do
    psql -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
        -v service="$service" -v password="${POSTGRES_PASSWORD}" <<'SQL'
create role :"service" login password :'password';
create database :"service" owner :"service" encoding 'UTF8' template template0;
revoke connect on database :"service" from public;
SQL
done
