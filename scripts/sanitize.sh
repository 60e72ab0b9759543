#!/bin/bash
# The contract suites of plugins under the address and the thread sanitizer, in build folders of their own.
# Usage: scripts/sanitize.sh [address|thread]...
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
suites=${SUITES:-PluginHostTests|PluginTests}
[ $# -gt 0 ] || set -- address thread
export SWIFT_BACKTRACE=enable=no
# Plugins that crash are part of the suites: how they ended must be seen.
signals=handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0
# What plugins do not give back is looked for in them, not in the runtime, which keeps what it has for ever.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0:$signals}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=0:exitcode=66:$signals}

for kind in "$@"; do
    case $kind in
    address) scratch=.build/asan options=() ;;
    thread)
        # Swift's Mutex is made visible to it: see the file.
        scratch=.build/tsan
        mkdir -p $scratch
        "${CLANG:-clang}" -std=c17 -O1 -g -fPIC -Wall -Wextra -Werror -c scripts/sanitize/mutex.c -o $scratch/mutex.o
        options=(-Xlinker "$PWD/$scratch/mutex.o")
        ;;
    *)
        echo "usage: $0 [address|thread]..." >&2
        exit 64
        ;;
    esac
    "$swift" build --build-tests "--sanitize=$kind" --scratch-path $scratch "${options[@]}"
    "$swift" test --skip-build "--sanitize=$kind" --scratch-path $scratch "${options[@]}" --disable-xctest --no-parallel \
        --filter "$suites"
done
