#!/usr/bin/env bash
# `make sdk DEST=folder`: the plugin SDK as a package of its own, generated from this tree. What stood in the folder from
# an earlier run is replaced; a folder that holds anything else is left alone.
set -euo pipefail

dest=${1:?usage: scripts/sdk.sh FOLDER}
from=$PWD
cd "$(dirname "$0")/.."
case $dest in /*) ;; *) dest=$from/$dest ;; esac

if [[ -e $dest && -n $(ls -A "$dest") ]] && ! grep -qs '^# The plugin SDK of Conductor' "$dest/README.md"; then
    echo "sdk: $dest holds something else; give a folder that is new or empty" >&2
    exit 1
fi

rm -rf "$dest/Sources"
mkdir -p "$dest/Sources"
cp scripts/sdk/Package.swift scripts/sdk/README.md "$dest/"
for target in PluginKit PluginKitLink PluginTestKit; do
    cp -R "Sources/$target" "$dest/Sources/$target"
done
cp -R CShims/CPluginABI "$dest/Sources/CPluginABI"
# What is read in the repository only. Baselines and probes of the ABI are no part of a build.
rm -f "$dest"/Sources/*/README.md
find "$dest/Sources/CPluginABI" -mindepth 1 -maxdepth 1 ! -name include ! -name src -exec rm -rf {} +
