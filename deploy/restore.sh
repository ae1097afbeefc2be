#!/usr/bin/env bash
# Restores what deploy/backup.sh has made: deploy/restore.sh FOLDER/<time>, while no service runs. Whatever the databases
# hold now is lost, but for whom they have erased: FOLDER/erased is told first, and whom it names is erased again. Kafka
# is emptied of what the services published, and they publish what was restored when they start.
#
# After they have started, deploy/restore.sh --views folds every view anew.
#
# Needs pg_restore and psql of the server's version or newer, the settings of the services in the environment, and
# POSTULO_DATABASE_ADMIN_URL.
set -euo pipefail
# shellcheck source=deploy/databases.sh
source "$(dirname "${BASH_SOURCE[0]}")/databases.sh"

if [[ ${1:-} == --views ]]; then
    $postulo rebuild
    exit
fi

backup=${1:?usage: deploy/restore.sh FOLDER/<time>, or --views}
backup=${backup%/}
[[ $backup != *.part ]] || refuse "$backup is what a backup that failed has left"
erased=$(dirname "$backup")/erased
for service in "${services[@]}"; do
    [[ -f $backup/$service.dump && -f $erased/$service ]] ||
        refuse "$backup/$service.dump and $erased/$service have to be there"
done
check pg_restore "create databases"
for service in "${services[@]}"; do
    $client pg_restore --list <"$backup/$service.dump" >/dev/null || refuse "$backup/$service.dump cannot be read"
done
names=$(printf ",'${prefix}_%s'" "${services[@]}")
# PostgreSQL's own workers, which make room for others, have no role.
open=$(ask "select count(*) from pg_stat_activity where usename is not null and datname in (${names:1})")
((open == 0)) || refuse "connections to the databases are open: $open; stop the services first, and whoever else uses them"

$postulo migrate </dev/null                 # Makes the roles, and databases, which are replaced.
$postulo erased --into "$erased" </dev/null # What they have erased since the last backup.
for service in "${services[@]}"; do
    name=${prefix}_$service
    owner=$(ask "select pg_get_userbyid(datdba) from pg_database where datname = '$name'")
    ask "drop database \"$name\""
    ask "create database \"$name\" owner \"$owner\""
    $client pg_restore --exit-on-error --single-transaction --no-owner --no-acl --role="$owner" \
        --dbname="$(database "$name")" <"$backup/$service.dump"
done
$postulo migrate </dev/null # A backup may be of an older version.
$postulo restored "$erased" </dev/null
$postulo reconcile </dev/null # A dump that was made later than another knows of events that the other does not.
echo "Start the services, then run $0 --views"
