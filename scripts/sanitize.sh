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
        # Swift's Mutex and continuations are made visible to it: see the files.
        scratch=.build/tsan options=()
        mkdir -p $scratch
        for file in mutex continuation; do
            "${CLANG:-clang}" -std=c17 -O1 -g -fPIC -Wall -Wextra -Werror \
                -c scripts/sanitize/$file.c -o $scratch/$file.o
            options+=(-Xlinker "$PWD/$scratch/$file.o")
        done
        # Called by instrumented plugins, and not among what the executables give out by themselves.
        for symbol in external_write external_read ignore_thread_begin ignore_thread_end; do
            options+=(-Xlinker "--export-dynamic-symbol=__tsan_$symbol")
        done
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
