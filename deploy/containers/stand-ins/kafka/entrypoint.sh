#!/usr/bin/env bash
# As the official image's: settings from a mounted file and from KAFKA_…, a new data folder formatted, then the broker.
set -euo pipefail
settings=/opt/kafka/config/server.properties

cat /mnt/shared/config/server.properties > "$settings"
echo >> "$settings"
# Later lines count: KAFKA_LOG_DIRS is log.dirs.
env | sed -n 's/^KAFKA_//p' | while IFS='=' read -r name value; do
    case $name in HEAP_OPTS | OPTS | JVM_PERFORMANCE_OPTS) continue ;; esac
    name=${name,,}
    printf '%s=%s\n' "${name//_/.}" "$value" >> "$settings"
done

run() {
    # Its words are options, separated by blanks.
    # shellcheck disable=SC2086
    exec java ${KAFKA_HEAP_OPTS:--Xmx1g} -Dlog4j2.configurationFile=/opt/kafka/log4j2.properties \
        -cp '/opt/kafka/libs/*' "$@"
}

(run kafka.tools.StorageTool format --ignore-formatted --cluster-id="${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}" --config "$settings")
run kafka.Kafka "$settings"
