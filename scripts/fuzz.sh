#!/usr/bin/env bash
# Builds the fuzz targets (libFuzzer with the address sanitizer) and runs each.
#
#   scripts/fuzz.sh             a short run of each from the seeds, the same every time: part of `make test`
#   scripts/fuzz.sh 600         that many seconds each, from what earlier runs found interesting
#   scripts/fuzz.sh 600 decode  one target only
#
# An input that stops a target is kept in .build/fuzz/; run the target on that file to see it again.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-0}
targets=(decode roundtrip reassembly reassembler json)
[[ $# -lt 2 ]] || targets=("${@:2}")
out=$PWD/.build/fuzz
# A trap is told by libFuzzer; Swift's own handler of crashes only gets in its way.
export SWIFT_BACKTRACE=enable=no
runs=${FUZZ_RUNS:-150000}

build() {
    local target=$1 binary=$out/$1
    case $target in
        json) mapfile -t sources < <(find Sources/Plugins/SupabaseStorage/Wire -name 'JSON*.swift' | sort) ;;
        *) mapfile -t sources < <(find Sources/SMSCodec Fuzz/Input.swift -name '*.swift' | sort) ;;
    esac
    sources+=("Fuzz/Targets/$target.swift")
    # What was built of the same sources is not built again.
    local stamp
    stamp=$(cat "${sources[@]}" scripts/fuzz.sh | sha256sum)
    [[ -x $binary && -e $binary.stamp && $(<"$binary.stamp") == "$stamp" ]] && return
    swiftc -O -whole-module-optimization -parse-as-library -sanitize=fuzzer,address -swift-version 6 \
        -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
        -use-ld=lld -module-name Fuzzing "${sources[@]}" -o "$binary"
    printf '%s' "$stamp" >"$binary.stamp"
}

# The seeds as files; the name is the digest, so that none is there twice.
seed() {
    local target=$1 folder=$2 kind octets escaped
    mkdir -p "$folder"
    while read -r kind octets; do
        [[ $kind == "$target" || ($kind == tpdu && $target != reassembl* && $target != json) ]] || continue
        octets=${octets// /}
        # shellcheck disable=SC2001 # every pair of digits
        escaped=$(sed 's/../\\x&/g' <<<"$octets")
        printf '%b' "$escaped" >"$folder/seed-$(md5sum <<<"$octets" | cut -c1-12)"
    done < <(grep -v '^#' Fuzz/seeds.txt)
}

mkdir -p "$out"
for target in "${targets[@]}"; do
    build "$target"
    log=$out/$target.log
    common=(-max_len=2048 -timeout=5 "-artifact_prefix=$out/$target-")
    if ((seconds > 0)); then
        seed "$target" "$out/corpus-$target"
        arguments=("-max_total_time=$seconds" -print_final_stats=1 "$out/corpus-$target")
    else
        rm -rf "$out/short-$target"
        seed "$target" "$out/short-$target"
        arguments=(-seed=20040 "-runs=$runs" "$out/short-$target")
    fi
    # Nothing that is kept until the process ends is a leak worth telling: the runtime's own tables are.
    if ASAN_OPTIONS=detect_leaks=0 "$out/$target" "${common[@]}" "${arguments[@]}" >"$log" 2>&1; then
        echo "fuzz: $target: $(grep -oE 'Done [0-9]+ runs in [0-9]+ second' "$log" || echo "0 second")s, no finding"
    else
        tail -n 40 "$log" >&2
        echo "fuzz: $target: FOUND something; the input is in $out/" >&2
        exit 1
    fi
done
