#!/usr/bin/env bash
# Installs what a build needs: Debian packages of tools/packages.txt (with the word `check` also those
# of tools/packages-check.txt), a Rust of at least 1.95, and the crates of bridge/Cargo.lock. Does
# nothing, quickly, when everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

lists=(tools/packages.txt)
if [ "${1:-}" = check ]; then
    lists+=(tools/packages-check.txt)
fi

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

missing_packages() {
    local package
    while read -r package; do
        [ -n "$package" ] || continue
        # nodejs and npm may come from elsewhere: the program counts.
        case "$package" in
            nodejs) command -v node >/dev/null && continue ;;
            npm) command -v npm >/dev/null && continue ;;
        esac
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
            echo "$package"
    done < <(cat "${lists[@]}")
}

install() {
    echo "setup: installing $*"
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get -qq update >/dev/null
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" \
        >/dev/null
}

if ! command -v dpkg-query >/dev/null; then
    echo "setup: not a Debian system; the packages needed are those of ${lists[*]}" >&2
else
    mapfile -t missing < <(missing_packages)
    if [ ${#missing[@]} -gt 0 ]; then
        if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
            echo "setup: please install, as root: apt-get install ${missing[*]}" >&2
            exit 1
        fi
        install "${missing[@]}"
    fi
fi

# shellcheck source=tools/environment.sh
. tools/environment.sh
if [ -z "${STIPPLE_CARGO:-}" ]; then
    if { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; } && install cargo-web rustc-web; then
        . tools/environment.sh
    fi
fi
if [ -z "${STIPPLE_CARGO:-}" ]; then
    echo "setup: no cargo of at least 1.95: apt-get install cargo-web rustc-web, or use rustup" >&2
    exit 1
fi

# Crates: only when something of the lock file is not there yet.
if ! "$STIPPLE_CARGO" metadata --offline --locked --format-version 1 \
    --manifest-path bridge/Cargo.toml >/dev/null 2>&1; then
    echo "setup: fetching crates"
    "$STIPPLE_CARGO" fetch --locked --quiet --manifest-path bridge/Cargo.toml
fi
