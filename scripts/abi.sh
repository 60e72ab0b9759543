#!/usr/bin/env bash
# Compares the plugin contract's layout with its committed baseline, as gcc and as clang see it. Any difference fails, also
# a field added at a tail: it must come with a new baseline and a higher minor version (CShims/CPluginABI/README.md).
#   scripts/abi.sh            compares
#   scripts/abi.sh --update   writes the baseline anew
set -euo pipefail
cd "$(dirname "$0")/.."

folder=CShims/CPluginABI
baseline=$folder/abi/conductor-1.0.abi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ "$(uname -m)" != x86_64 ]; then
    echo "abi: the baseline is of x86_64, this machine is $(uname -m): golden.c holds the offsets here" >&2
    exit 0
fi

# What is not in the probe is not compared.
missing=0
mapfile -t types < <(sed -nE 's/^(typedef struct [a-z_]+|\}) ([a-z_]+);$/\2/p; s/^typedef void \(\*([a-z_]+)\)\(.*/\1/p' \
    "$folder"/include/conductor_{plugin,services,storage,crm}.h)
for type in "${types[@]}"; do
    if ! grep -q "^SEEN($type)$" "$folder/abi/probe.c"; then
        echo "abi: $type is not in $folder/abi/probe.c" >&2
        missing=1
    fi
done
[ $missing = 0 ] || exit 1

# build COMPILER INCLUDE OUT.so
build() {
    "$1" -std=gnu11 -g -gdwarf-4 -fPIC -shared -fvisibility=hidden -I"$2" -o "$3" "$folder/abi/probe.c"
}

build gcc "$folder/include" "$work/gcc.so"
if [ "${1:-}" = --update ]; then
    abidw --no-show-locs --no-corpus-path --no-comp-dir-path --out-file "$baseline" "$work/gcc.so"
    echo "abi: $baseline is written"
    exit 0
fi
# A comparison that cannot fail is none: with the wrong options abidiff passes over everything.
cp -r "$folder/include" "$work/grown"
sed -i 's/^} conductor_metric;$/    int64_t grown;\n&/' "$work/grown/conductor_services.h"
build gcc "$work/grown" "$work/grown.so"
if abidiff "$baseline" "$work/grown.so" >/dev/null; then
    echo "abi: abidiff does not see a field that was added" >&2
    exit 1
fi

build clang "$folder/include" "$work/clang.so"
# No suppressions: one for fields at the tail would hide fields in the middle too.
for compiler in gcc clang; do
    if ! abidiff "$baseline" "$work/$compiler.so"; then
        echo "abi: the contract, as $compiler builds it, is not the one of $baseline" >&2
        exit 1
    fi
done
