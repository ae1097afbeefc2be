#!/usr/bin/env bash
# kubectl for a server without nodes and controllers: of what only they carry out, it is written down and looked at
# whether the objects are there. KUBECTL is the real one; TOLD the file.
set -euo pipefail
verb=${3:-}
[[ $1 == -n ]] || verb=$1
case $verb in
    exec)
        printf '%s\n' "$*" >>"$TOLD"
        [[ " $* " != *" -i "* ]] || cat >/dev/null
        ;;
    rollout) exec "$KUBECTL" -n "$2" get "$5" --output=name ;;
    wait)
        words=("${@:4}")
        for index in "${!words[@]}"; do
            [[ ${words[index]} != --for=condition=* && ${words[index]} != --timeout=* ]] || unset "words[$index]"
        done
        [[ "$*" != *--for=delete* ]] || exec "$KUBECTL" "$@"
        [[ "$*" == *--all* ]] || exec "$KUBECTL" -n "$2" get "${words[@]}" --output=name
        ;;
    *) exec "$KUBECTL" "$@" ;;
esac
