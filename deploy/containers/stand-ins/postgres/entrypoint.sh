#!/usr/bin/env bash
# As the official image's: makes a cluster in an empty volume and runs what is in /docker-entrypoint-initdb.d, once.
set -euo pipefail

if [ "$(id -u)" = 0 ]; then
    chown -R postgres:postgres /var/lib/postgresql
    exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0" "$@"
fi

prepare() {
    local password=${POSTGRES_PASSWORD:-}
    [ -z "${POSTGRES_PASSWORD_FILE:-}" ] || password=$(<"$POSTGRES_PASSWORD_FILE")
    [ -n "$password" ] || { echo "POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE is needed" >&2; exit 1; }
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA"
    # Its words are options, separated by blanks.
    # shellcheck disable=SC2086
    initdb --username=postgres --pwfile=<(printf '%s\n' "$password") --auth-local=trust --auth-host=scram-sha-256 \
        ${POSTGRES_INITDB_ARGS:-}
    echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
    pg_ctl --wait --options="-c listen_addresses='' -c unix_socket_directories=/var/run/postgresql" start
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
            *.sh) if [ -x "$file" ]; then "$file"; else bash "$file"; fi ;;
            *.sql) psql --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres --file="$file" ;;
        esac
    done
    pg_ctl --wait --mode=fast stop
}

if [ "$1" != postgres ]; then exec "$@"; fi
[ -s "$PGDATA/PG_VERSION" ] || prepare
exec "$@" -c "listen_addresses=*" -c unix_socket_directories=/var/run/postgresql
