#!/bin/bash
# Builds the programs with crash points, in a build folder of their own, and tortures them.
# Usage: scripts/torture.sh build|torture|sees|kills|soak|month|faults|fleet|many|outage|bots   (CONTRIBUTING.md says which variables are obeyed)
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
scratch=.build/torture

build() {
    local product
    for product in conductor conductor-worker conductor-sqlite conductor-supabase conductor-auto-reply \
        conductor-faulty-storage; do
        "$swift" build -c release --scratch-path $scratch -Xswiftc -DCONDUCTOR_TORTURE --product $product
    done
}

# Straight from the bundle: what a run says is seen while it runs.
run() {
    "$swift" build --build-tests
    export CONDUCTOR_TORTURE_PROGRAMS=$PWD/$scratch/release SWIFT_BACKTRACE=enable=no
    exec "$("$swift" build --show-bin-path)/conductorPackageTests.xctest" --testing-library swift-testing \
        --no-parallel --filter "$1"
}

# With the crash points in the programs, too.
torture() {
    build
    run "$1"
}

case ${1:-} in
build) build ;;
torture)
    # What a seed that finds something leaves behind says why.
    export CONDUCTOR_KEEP=1
    torture 'Torture/torture'
    ;;
sees) torture 'Torture/(sees|control)|JudgeTests|BuildTests' ;;
kills) torture 'Endurance/kills' ;;
soak) torture 'Endurance/soak' ;;
month) torture 'Endurance/month' ;;
faults) torture 'FaultMatrix' ;;
# With the programs as they are for users.
fleet) run 'Fleet/fleet' ;;
many) run 'Many/many' ;;
outage) run 'Outage' ;;
bots) run 'TableBots' ;;
*)
    echo "usage: $0 build|torture|sees|kills|soak|month|faults|fleet|many|outage|bots" >&2
    exit 64
    ;;
esac
