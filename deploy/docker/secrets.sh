#!/usr/bin/env bash
# Makes the secrets that docker-compose.yml mounts, each random and each in a file of its own; those that are there stay.
# Empty are those of a master key that is being changed.
# Run it before the first `docker compose up`, and again when a service is added. Another folder: secrets.sh FOLDER
set -euo pipefail

folder=${1:-"$(dirname "$0")/../../secrets"}
services=(identity profile applications vacancies alerts support careers)

# Nobody else on this machine comes through the folder; the users of the containers read the files mounted into them.
(umask 077 && mkdir -p "$folder")
cd "$folder"
umask 022

random() { od -An -v -N24 -tx1 /dev/urandom | tr -d ' \n'; }
make() { [ -s "$1" ] || { printf '%s' "$2" > "$1.new" && mv "$1.new" "$1"; }; }

for name in "${services[@]}" database-superuser database-admin master-key; do make "$name" "$(random)"; done
make database-admin-url "postgresql://postulo_admin:$(cat database-admin)@postgres:5432/postgres?sslmode=disable"
for name in master-key-before master-key-next; do [ -e "$name" ] || : > "$name"; done
