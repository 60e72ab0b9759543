#!/bin/bash
# Runs all tests that are built. Most of the time a test waits, so two rows go on beside each other, in each one test after
# the other: the parts by themselves, then the server that stands in for Supabase, the comparisons, and modems pulled out
# of a kernel in QEMU; and the whole gateway, whose build with crash points is made first. The second row is shown when
# the first is done. At the end it says what failed and why.
# Usage: scripts/test.sh
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
swift=${SWIFT:-swift}
programs=$("$swift" build --show-bin-path) || exit 1
parts=.build/test-parts.log whole=.build/test-whole.log
# There from when the programs with crash points are built.
built=.build/test-built
rm -f $built
export SWIFT_BACKTRACE=enable=no

bundle() {
    "$programs/conductorPackageTests.xctest" --testing-library swift-testing --no-parallel "$@"
    local code=$?
    if ((code > 128)); then echo "error: the tests were ended by an unexpected signal, $((code - 128))"; fi
    return $code
}

test_parts() {
    local failed=0
    bundle --skip EndToEnd || failed=1
    /usr/bin/python3 -B -W ignore -m unittest discover -s Tests/Supabase || failed=1
    /usr/bin/python3 Tests/Differential/differential.py "$programs/conductor" || failed=1
    /usr/bin/python3 Tests/Differential/telephones.py "$programs/conductor" || failed=1
    /usr/bin/python3 Tests/Differential/programs.py "$programs/conductor" || failed=1
    while [[ ! -e $built ]] && kill -0 $second 2>/dev/null; do sleep 1; done
    CONDUCTOR_HOTPLUG_ROUNDS=1 /usr/bin/python3 -B -W ignore -m unittest discover -s Tests/Hotplug || failed=1
    return $failed
}

test_whole() {
    scripts/torture.sh build || return
    touch $built
    CONDUCTOR_TORTURE_PROGRAMS=$PWD/.build/torture/release bundle --filter EndToEnd
}

# A process group of its own, which an interruption ends as a whole.
set -m
test_whole >$whole 2>&1 &
second=$!
set +m
trap 'kill -- -$second 2>/dev/null' EXIT INT TERM
test_parts 2>&1 | tee $parts
code=${PIPESTATUS[0]}
echo
echo "the whole gateway, meanwhile (all of it is in $whole):"
tail -n +1 -f --pid=$second $whole
wait $second || code=1
trap - EXIT

if ((code != 0)); then
    echo
    echo "what failed (all of it is in $parts and $whole):"
    grep -aE '✘|Fatal error|error: |unexpected signal|^(FAIL|ERROR):' $parts $whole
fi
exit "$code"
