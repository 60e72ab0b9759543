#!/usr/bin/env bash
# `make run`: the release build, with drop-ins and state in .state/ of this checkout, which git ignores.
set -euo pipefail
cd "$(dirname "$0")/.."

state=$PWD/.state
# People's texts are in it: nobody else enters.
(umask 027 && mkdir -p "$state/plugins.d")
# Copies, made once: what a person changes there stays.
for drop_in in plugins.d/*.yaml; do
    [[ -e $drop_in ]] || continue
    [[ -e $state/plugins.d/${drop_in##*/} ]] || cp "$drop_in" "$state/plugins.d/"
done
exec "$(swift build -c release --show-bin-path)/conductor" run \
    --simulate auto --state "$state" --plugins "$state/plugins.d" "$@"
