#!/bin/bash
# The contract suites of plugins under the address and the thread sanitizer, in build folders of their own.
# Usage: scripts/sanitize.sh [address|thread]...
# First, each sanitizer is shown a program with a planted fault: one that finds nothing there would find nothing here.
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

# Builds the program with the faults and runs it: silent without one, reported with it.
planted() {
    local kind=$1 fault=$2 folder=$3 log=$3/planted.log
    shift 3
    "${SWIFTC:-swiftc}" -swift-version 6 -g -parse-as-library "-sanitize=$kind" "$@" \
        scripts/sanitize/planted.swift -o "$folder/planted" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
    "$folder/planted" none >"$log" 2>&1 || { cat "$log" >&2; echo "$kind: a report without a fault" >&2; exit 1; }
    if "$folder/planted" "$fault" >"$log" 2>&1; then
        echo "$kind: the planted $fault was not found" >&2
        exit 1
    fi
    echo "$kind: $(grep -m1 -o 'ThreadSanitizer: [^(]*\|AddressSanitizer: [a-z-]*' "$log"), as planted"
}

for kind in "$@"; do
    case $kind in
    address)
        scratch=.build/asan options=()
        mkdir -p $scratch
        planted address use-after-free $scratch
        ;;
    thread)
        # Swift's Mutex and continuations are made visible to it: see the files.
        scratch=.build/tsan options=()
        mkdir -p $scratch
        for file in mutex continuation; do
            "${CLANG:-clang}" -std=c17 -O1 -g -fPIC -Wall -Wextra -Werror \
                -c scripts/sanitize/$file.c -o $scratch/$file.o
            options+=(-Xlinker "$PWD/$scratch/$file.o")
        done
        planted thread race $scratch "${options[@]}"
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
