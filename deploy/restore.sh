#!/usr/bin/env bash
# Restores what deploy/backup.sh has made: deploy/restore.sh FOLDER/<time>, while no service runs. Whatever the databases
# hold now is lost. Whom FOLDER/erased names is erased again; Kafka is emptied of what the services published, and they
# publish what was restored when they start.
#
# After they have started, deploy/restore.sh --views folds every view anew.
#
# Needs pg_restore, psql, the settings of the services in the environment, and POSTULO_DATABASE_ADMIN_URL.
set -euo pipefail
postulo=${POSTULO_COMMAND:-python -m services}
prefix=${POSTULO_DATABASE_PREFIX:-postulo}
services=(identity profile applications vacancies alerts support careers)

if [[ ${1:-} == --views ]]; then
    $postulo rebuild
    exit
fi

backup=${1:?usage: deploy/restore.sh FOLDER/<time>, or --views}
erased=$(dirname "$backup")/erased
: "${POSTULO_DATABASE_ADMIN_URL:?has to name a role that may create databases}"

database() { # the administrator's address with another database
    local address=${POSTULO_DATABASE_ADMIN_URL%%\?*} options=
    [[ $POSTULO_DATABASE_ADMIN_URL == *\?* ]] && options="?${POSTULO_DATABASE_ADMIN_URL#*\?}"
    printf '%s/%s%s' "${address%/*}" "$1" "$options"
}

for service in "${services[@]}"; do
    [[ -f $backup/$service.dump && -f $erased/$service ]] ||
        { echo "$backup/$service.dump and $erased/$service have to be there" >&2 && exit 1; }
done

$postulo migrate # Makes the roles, and databases, which are replaced.
for service in "${services[@]}"; do
    name=${prefix}_$service
    owner=$(psql "$POSTULO_DATABASE_ADMIN_URL" -XAtqc "select pg_get_userbyid(datdba) from pg_database where datname = '$name'")
    psql "$POSTULO_DATABASE_ADMIN_URL" -XqAt -v ON_ERROR_STOP=1 \
        -c "drop database \"$name\" with (force)" -c "create database \"$name\" owner \"$owner\""
    pg_restore --exit-on-error --single-transaction --no-owner --no-acl --role="$owner" \
        --dbname="$(database "$name")" "$backup/$service.dump"
done
$postulo migrate # A backup may be of an older version.
$postulo restored "$erased"
echo "Start the services, then run $0 --views"
