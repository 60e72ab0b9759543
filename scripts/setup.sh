#!/usr/bin/env bash
# Installs what the build needs and is missing, from the distribution's packages; says what and why before it does.
# With --quiet it says nothing when nothing is missing. With --lint the tools of `make lint` too, with --test those of
# `make test`, with --bench the peer of `make bench`.
set -euo pipefail

quiet=false
lint=false
test=false
bench=false
for word in "$@"; do
    case "$word" in
        --quiet) quiet=true ;;
        --lint) lint=true ;;
        --test) test=true ;;
        --bench) bench=true ;;
        *)
            echo "setup: unknown option $word (known: --quiet, --lint, --test, --bench)" >&2
            exit 2
            ;;
    esac
done

say() {
    echo "setup: $*" >&2
}

check_swift() {
    local version major minor
    if ! command -v swift >/dev/null; then
        say "the Swift toolchain is missing: install Swift 6.2 or newer (https://swift.org/install) and put it on PATH."
        exit 1
    fi
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1)
    read -r major minor <<<"${version:-0 0}"
    if ((major < 6 || (major == 6 && minor < 2))); then
        say "Swift $major.$minor is too old: Conductor needs Swift 6.2 or newer (https://swift.org/install)."
        exit 1
    fi
}

# package|why
needed=(
    "build-essential|a C compiler and the C library's headers"
    "pkg-config|finds the libraries below"
    "libudev-dev|finds modems when they are plugged in"
    "libcurl4-openssl-dev|the commands talk to the gateway through it"
    "libssl-dev|names copies of plugins by their content (libcrypto)"
    "libsqlite3-dev|the journal and the SQLite storage"
    "sqlite3|looks into the database in tests and by hand"
    "curl|asks the API in tests"
)
$lint && needed+=(
    "clang-format|checks the style of the C"
    "cppcheck|checks the C"
    "clang-tidy|checks the C more deeply"
    "libumockdev-dev|the headers that the C tests need"
    "abigail-tools|compares the plugin contract with its baseline"
    "shellcheck|checks the scripts"
)
$test && needed+=(
    "umockdev|plays USB devices to the tests of hot-plug"
    "libumockdev-dev|plays USB devices to the tests of hot-plug"
    "gammu|another program that must get on with the simulated modem"
    "gammu-smsd|another one, and the peer that the benchmark compares with"
    "python3-gammu|another reader of TPDUs, held against ours"
    "python3|a plugin may be a program in any language"
    "postgresql-15|the database behind Supabase: the tests start one of their own and leave the system's alone"
    "python3-psycopg2|tries the SQL for Supabase on that database"
    "openssl|makes the certificates of the server that stands in for Supabase"
    "python3-h2|speaks HTTP/2 there, as Supabase does, and breaks it off in the tests"
    "python3-pip|gets the readers that Debian lacks"
    "strace|shows that the journal is on the disk before a text is deleted or sent"
    "qemu-system-x86|a machine with a USB bus, from which a modem is pulled in the tests of hot-plug"
)

$bench && needed+=(
    "python3|runs the benchmark"
    "gammu-smsd|the peer that the benchmark compares with"
    "libdbd-sqlite3|the peer's database"
    "smstools|the other peer that the benchmark compares with"
    "umockdev|plays USB devices to the benchmark of hot-plug"
    "libumockdev-dev|plays USB devices to the benchmark of hot-plug"
    "python3-gammu|a peer of the codec"
    "libgammu-dev|a peer of the codec, in C"
    "postgresql-15|the database behind Supabase, which the benchmark starts for itself"
)

missing=()
for entry in "${needed[@]}"; do
    package=${entry%%|*}
    state=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
    [[ $state == "install ok installed" ]] || missing+=("$entry")
done

# Readers of numbers and TPDUs that ours are held against, and a program for modems, of PyPI. Into .build, where nothing
# else sees them. Without network the tests say what they leave out; with CI=true they would pass without having compared
# anything.
python_packages() {
    local place wanted="phonenumbers==9.0.43 smspdudecoder==2.2.0 bitstring==4.2.3 tzdata==2026.6"
    wanted+=" python-gsmmodem-new==0.13.0 pyserial==3.5"
    place="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.build/python"
    [[ $(cat "$place/.wanted" 2>/dev/null) == "$wanted" ]] && return
    say "getting $wanted into .build/python: other readers of numbers and TPDUs, held against ours"
    rm -rf "$place"
    mkdir -p "$place"
    # shellcheck disable=SC2086 # one word each
    if /usr/bin/python3 -m pip install --quiet --disable-pip-version-check --no-warn-script-location \
        --root-user-action=ignore --target "$place" $wanted >&2; then
        echo "$wanted" >"$place/.wanted"
    elif [[ ${CI:-} == true ]]; then
        say "they could not be got, and tests that compare nothing must not pass here."
        exit 1
    else
        say "they could not be got (no network?): the tests go on and say what they leave out."
    fi
}

# What the machine of `make test-hotplug` runs. Unpacked into .build and not installed: a kernel would change how this
# machine starts, and it has its own udevd, or wants none. Without network, as above.
guest_packages() {
    local place kernel log
    place="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.build/hotplug/packages"
    [[ -e $place/.complete ]] && return
    say "getting Debian's kernel, udev, kmod and busybox (75 MB) into .build/hotplug: the guest of the hot-plug tests"
    rm -rf "$place"
    mkdir -p "$place/archives"
    log="$place/log"
    kernel_of() { apt-cache depends --important linux-image-amd64 2>/dev/null | sed -nE 's/^ +Depends: //p' || true; }
    [[ -n $(kernel_of) ]] || "${as_root[@]}" apt-get update >&2 || true
    kernel=$(kernel_of)
    if (cd "$place/archives" && apt-get -q -o APT::Sandbox::User="$(id -un)" download \
        "${kernel:-linux-image-amd64}" udev kmod libkmod2 busybox-static) >"$log" 2>&1 &&
        for archive in "$place"/archives/*.deb; do dpkg-deb -x "$archive" "$place"; done; then
        # The guest has neither discs nor network cards: 11 MB of modules are left of 400.
        find "$place/lib/modules" -name '*.ko' -not -path '*/kernel/drivers/usb/*' \
            -not -path '*/kernel/drivers/virtio/*' -not -path '*/kernel/drivers/char/*' \
            -not -path '*/kernel/fs/configfs/*' -delete
        rm -r "$place/archives"
        touch "$place/.complete"
    else
        cat "$log" >&2
        say "they could not be got (no network, or not Debian for amd64?): no modem is pulled from a real bus."
        if [[ ${CI:-} == true ]]; then exit 1; fi
    fi
}

as_root=()
if [[ $(id -u) != 0 ]]; then as_root=(sudo); fi

check_swift
if ((${#missing[@]} == 0)); then
    $quiet || say "nothing is missing."
    if $test; then
        python_packages
        guest_packages
    fi
    exit 0
fi

if ! command -v apt-get >/dev/null; then
    say "this system has no apt-get; install by hand what these Debian packages have:"
    printf '  %s\n' "${missing[@]//|/: }" >&2
    exit 1
fi

say "these packages are missing and will be installed:"
names=()
for entry in "${missing[@]}"; do
    printf '  %-22s %s\n' "${entry%%|*}" "${entry#*|}" >&2
    names+=("${entry%%|*}")
done

if [[ $(id -u) != 0 ]] && ! command -v sudo >/dev/null; then
    say "installing needs root, and there is no sudo. As root: apt-get install ${names[*]}"
    exit 1
fi
# A fresh machine may have no package lists yet; a stale one is good enough when its packages are still there.
install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${names[@]}")
"${install[@]}" >&2 || {
    "${as_root[@]}" apt-get update >&2
    "${install[@]}" >&2
}
if $test; then
    python_packages
    guest_packages
fi
