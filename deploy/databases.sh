# What deploy/backup.sh and deploy/restore.sh share: the databases, and what has to be so before either begins.
#
# POSTULO_COMMAND          how `python -m services` is started
# POSTULO_CLIENT_COMMAND   what pg_dump, pg_restore and psql are started with, such as `docker compose exec -T postgres`
# shellcheck shell=bash
postulo=${POSTULO_COMMAND:-python -m services}
client=${POSTULO_CLIENT_COMMAND:-}
prefix=${POSTULO_DATABASE_PREFIX:-postulo}
# Whoever acts on what others say stands before them, and is dumped before them: what a dump knows of others is then in
# theirs, and what it does not know yet comes from Kafka, when they publish what was restored.
services=(careers support alerts applications vacancies profile identity)

refuse() { echo "$*" >&2 && exit 1; }

database() { # the administrator's address with another database
    local address=${POSTULO_DATABASE_ADMIN_URL%%\?*} options=
    [[ $POSTULO_DATABASE_ADMIN_URL == *\?* ]] && options="?${POSTULO_DATABASE_ADMIN_URL#*\?}"
    printf '%s/%s%s' "${address%/*}" "$1" "$options"
}

ask() { # what a query answers
    $client psql "$POSTULO_DATABASE_ADMIN_URL" -XAtq -v ON_ERROR_STOP=1 -c "$1" </dev/null
}

check() { # that PostgreSQL answers, that this client is not older, and that the services' command has its settings
    local server version
    [[ ${POSTULO_DATABASE_ADMIN_URL:-} ]] || refuse "POSTULO_DATABASE_ADMIN_URL has to name a role that may $2"
    server=$(ask "show server_version_num") || refuse "PostgreSQL does not answer where POSTULO_DATABASE_ADMIN_URL says"
    version=$($client "$1" --version </dev/null) || refuse "$1 does not start: install PostgreSQL's client programs"
    version=$(sed 's/[^0-9]*\([0-9]*\).*/\1/' <<<"$version")
    ((version >= server / 10000)) || refuse "$1 is of PostgreSQL $version, the server of $((server / 10000)): use its own"
    $postulo access >/dev/null </dev/null || refuse "“$postulo” does not work: it needs a Python with the services, and their settings"
}
