#!/usr/bin/env bash
# Runs Envoy (the words of its command line are given), and ends it in order: at SIGTERM it says that it is not ready;
# when whoever sends requests here has noticed, it takes no new connections, and waits for what is under way.
set -uo pipefail
admin=${GATEWAY_ADMIN:-127.0.0.1:9901}
leaving=${GATEWAY_LEAVING_SECONDS:-3}
patience=${GATEWAY_PATIENCE_SECONDS:-30}

ask() {
    exec 3<>"/dev/tcp/${admin%:*}/${admin##*:}" || return
    printf '%s %s HTTP/1.1\r\nHost: admin\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' "$1" "$2" >&3
    cat <&3
    exec 3>&-
}

under_way() {
    ask GET '/stats?filter=^http\.site\.downstream_rq_active$' | grep -q 'downstream_rq_active: [1-9]'
}

leave() {
    trap '' TERM INT
    ask POST /healthcheck/fail >/dev/null
    sleep "$leaving"
    ask POST '/drain_listeners?inboundonly' >/dev/null
    local end=$((SECONDS + patience))
    while under_way && ((SECONDS < end)); do sleep 0.2; done
    kill -TERM "$envoy" 2>/dev/null
}

"$@" &
envoy=$!
trap leave TERM INT
while kill -0 "$envoy" 2>/dev/null; do wait "$envoy"; status=$?; done
exit "$status"
