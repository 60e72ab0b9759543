#!/bin/sh
# Runs the test programs of one folder and ends with `N passed, N failed`; each program has a time limit of its own.
set -u
folder=$1
passed=0
failed=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT

for suite in test_loop test_port test_claim test_uevent test_udev; do
    if [ ! -x "$folder/$suite" ]; then
        echo "$suite: SKIPPED, because umockdev (packages umockdev, libumockdev-dev) is not installed"
        continue
    fi
    wrapper=
    if [ "$suite" = test_udev ]; then
        wrapper=umockdev-wrapper
    fi
    $wrapper "$folder/$suite" >"$output" 2>&1
    status=$?
    cat "$output"
    counts=$(sed -n "s/^$suite: \([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2/p" "$output")
    ran=${counts% *}
    broken=${counts#* }
    passed=$((passed + ${ran:-0}))
    failed=$((failed + ${broken:-0}))
    # A crash, or a sanitizer's word after the last test.
    if [ "$status" -ne 0 ] && [ "${broken:-0}" -eq 0 ]; then
        echo "$suite: ended with status $status"
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
