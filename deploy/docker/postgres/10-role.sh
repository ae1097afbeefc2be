#!/usr/bin/env bash
# Run once by PostgreSQL's image in a new cluster: the services' own role, which makes their databases and nothing else.
set -euo pipefail

psql --set=ON_ERROR_STOP=1 --set=password="$POSTULO_DATABASE_PASSWORD" --username=postgres --dbname=postgres <<'SQL'
create role postulo login createdb password :'password';
SQL
