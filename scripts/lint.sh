#!/usr/bin/env bash
# Everything that can be checked without building: formats, C, shell, and the rules of the house.
# The checks are called by name, through `step`.
# shellcheck disable=SC2317
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

failed=0
step() {
    local name=$1
    shift
    if "$@"; then
        echo "lint: $name: fine"
    else
        echo "lint: $name: FAILED" >&2
        failed=1
    fi
}

swift_format() {
    swift format lint --strict -r -p Sources Tests Fuzz Package.swift
}

mapfile -t c_files < <(git ls-files 'CShims/*.c' 'CShims/*.h')

c_format() {
    clang-format --dry-run -Werror "${c_files[@]}"
}

c_check() {
    local sources
    mapfile -t sources < <(git ls-files 'CShims/*/src/*.c')
    cppcheck --quiet --error-exitcode=1 --std=c11 --language=c --enable=warning,performance,portability \
        --inline-suppr --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
        "${sources[@]}"
}

c_tidy() {
    local sources
    mapfile -t sources < <(git ls-files 'CShims/*/src/*.c' 'CShims/*/tests/*.c')
    # shellcheck disable=SC2046 # a list of flags
    clang-tidy --quiet "${sources[@]}" -- -std=c17 -D_GNU_SOURCE -ICShims/CModemIO/include -ICShims/CCurl/include \
        -ICShims/testing -ICShims/CPluginABI/include -ICShims/CCrypto/include -ICShims/CSandbox/include \
        -ICShims/CSpawn/include -ICShims/CMemory/include -ICShims/CSQLite/include \
        $(pkg-config --cflags umockdev-1.0) 2>&1 | grep -vE 'warnings? (generated|treated)' >&2
    return "${PIPESTATUS[0]}"
}

shell_check() {
    local scripts
    mapfile -t scripts < <(git ls-files '*.sh' .ci/run)
    shellcheck "${scripts[@]}"
}

# A file has at most 600 lines; nothing is left "to do"; libraries do not print, trap on errors or end the process.
house() {
    local found=0 file lines
    while read -r file; do
        lines=$(wc -l <"$file")
        if ((lines > 600)); then
            echo "$file has $lines lines; 600 is the cap: what are the two things in it?" >&2
            found=1
        fi
    done < <(git ls-files '*.swift' '*.c' '*.h')
    if git grep -nIE '\b(TODO|FIXME|XXX|HACK)\b' -- '*.swift' '*.c' '*.h' 'Makefile' >&2; then
        echo "a note to oneself belongs into an issue" >&2
        found=1
    fi
    # The templates are programs of others: Python prints.
    if git grep -nIE '\btry!|\bas!|\bfatalError\(|(^|[^.[:alnum:]])print\(' -- 'Sources/*.swift' \
        ':!Sources/conductor/NewPlugin/*Template*.swift' >&2; then
        echo "an error is thrown, and output goes through Terminal or the logger" >&2
        found=1
    fi
    if git ls-files | grep -E '(^|/)(\.build|Package\.resolved)' >&2; then
        echo "what is built is not kept" >&2
        found=1
    fi
    return "$found"
}

step "swift format" swift_format
step "clang-format" c_format
step "cppcheck" c_check
step "clang-tidy" c_tidy
step "plugin ABI" scripts/abi.sh
step "shellcheck" shell_check
step "rules of the house" house
exit "$failed"
