#!/usr/bin/env bash
# Run once by PostgreSQL's image in a new cluster, by hand in an older one: the role with which `migrate` makes a role
# and a database a service. It is no superuser; the superuser's own password is for people.
set -euo pipefail
cd "${POSTULO_SECRETS:-/run/secrets}"

psql --set=ON_ERROR_STOP=1 --quiet --username=postgres --dbname=postgres <<'SQL'
set log_statement = 'none';
\set superuser `cat database-superuser`
\set admin `cat database-admin`
select count(*) filter (where rolname = 'postulo_admin') = 0 as new, count(*) filter (where rolname = 'postulo') > 0 as old
from pg_roles \gset
\if :new
create role postulo_admin;
\endif
alter role postulo_admin login createrole createdb password :'admin';
alter role postgres password :'superuser';
-- The one role that all services had: what it owns is handed over.
\if :old
grant postulo to postulo_admin with inherit true, set true;
\endif
SQL
