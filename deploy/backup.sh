#!/usr/bin/env bash
# Backs up every service: deploy/backup.sh FOLDER makes FOLDER/<time>/<service>.dump, and writes FOLDER/erased/<service>
# anew, which says whom a restored backup has to forget. The services may run meanwhile.
#
# Needs pg_dump of the server's version or newer, the settings of the services in the environment, and
# POSTULO_DATABASE_ADMIN_URL. The master key is not in it: without it, what is personal in a backup is lost.
set -euo pipefail
folder=${1:?usage: deploy/backup.sh FOLDER}
: "${POSTULO_DATABASE_ADMIN_URL:?has to name a role that may read every database}"
postulo=${POSTULO_COMMAND:-python -m services}
prefix=${POSTULO_DATABASE_PREFIX:-postulo}
services=(identity profile applications vacancies alerts support careers)

database() { # the administrator's address with another database
    local address=${POSTULO_DATABASE_ADMIN_URL%%\?*} options=
    [[ $POSTULO_DATABASE_ADMIN_URL == *\?* ]] && options="?${POSTULO_DATABASE_ADMIN_URL#*\?}"
    printf '%s/%s%s' "${address%/*}" "$1" "$options"
}

umask 077
made=$folder/$(date -u +%Y-%m-%dT%H%M%SZ)
mkdir -p "$made.part"
for service in "${services[@]}"; do
    pg_dump --format=custom --file="$made.part/$service.dump" "$(database "${prefix}_$service")"
done
$postulo erased --into "$folder/erased"
mv "$made.part" "$made"
echo "$made"
