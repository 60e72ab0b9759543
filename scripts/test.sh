#!/bin/bash
# Runs the Swift tests that are built, one after the other, and says at the end which failed and why.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
swift=${SWIFT:-swift}
log=.build/test.log

CONDUCTOR_TORTURE_PROGRAMS=$PWD/.build/torture/release \
    "$swift" test --disable-xctest --skip-build --no-parallel "$@" 2>&1 | tee $log
code=${PIPESTATUS[0]}
if ((code != 0)); then
    echo
    echo "what failed (all of it is in $log):"
    grep -aE '✘|Fatal error|error: |unexpected signal' $log
fi
exit "$code"
