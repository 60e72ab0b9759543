#!/bin/sh
# Builds the Swift fixture, or another source on the frozen SDK: build-swift.sh OUT.so [SOURCE.swift]
# The SDK and the plugin are one module, compiled in one go; the toolchain is the one in the path.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compiler=$(command -v swiftc)
"${compiler%swiftc}clang" -std=c17 -fPIC -I "$here/include" -c "$here/sdk/toolchain.c" -o "$work/toolchain.o"
find "$here/sdk/PluginKit" -name '*.swift' >"$work/files"
swiftc -swift-version 6 -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility \
    -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature NonisolatedNonsendingByDefault \
    -package-name frozen -module-name FrozenPlugin -wmo -Onone -emit-library -I "$here/include" \
    -Xlinker "--version-script=$here/sdk/plugin.map" -o "$1" "@$work/files" "${2:-$here/fixture.swift}" "$work/toolchain.o"
