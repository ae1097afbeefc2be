#!/usr/bin/env bash
# Backs up every service: deploy/backup.sh FOLDER makes FOLDER/<time>/<service>.dump, and writes FOLDER/erased/<service>
# anew, which says whom a restored backup has to forget. The services may run meanwhile.
#
# Needs pg_dump and psql of the server's version or newer, the settings of the services in the environment, and
# POSTULO_DATABASE_ADMIN_URL. The master key is not in it: without it, what is personal in a backup is lost.
set -euo pipefail
# shellcheck source=deploy/databases.sh
source "$(dirname "${BASH_SOURCE[0]}")/databases.sh"
folder=${1:?usage: deploy/backup.sh FOLDER}
check pg_dump "read every database"

umask 077
made=$folder/$(date -u +%Y-%m-%dT%H%M%SZ)
trap 'rm -rf "$made.part"' EXIT # What is there when this ends is not whole.
mkdir -p "$made.part"
for service in "${services[@]}"; do
    $client pg_dump --format=custom "$(database "${prefix}_$service")" </dev/null >"$made.part/$service.dump"
done
$postulo erased --into "$folder/erased" </dev/null
mv "$made.part" "$made"
echo "$made"
