# Sourced: puts a cargo of at least 1.95 first in PATH. Looks at PATH, rustup and Debian's backport
# packages (cargo-web, rustc-web put their programs under /usr/bin with a suffix or under /usr/lib).
cargo_is_good() {
    local version
    version=$("$1" --version 2>/dev/null | sed -nE 's/^cargo ([0-9]+)\.([0-9]+).*/\1 \2/p')
    [ -n "$version" ] || return 1
    # shellcheck disable=SC2086
    set -- $version
    [ "$1" -gt 1 ] || [ "$2" -ge 95 ]
}

find_cargo() {
    local candidate
    for candidate in cargo "$HOME/.cargo/bin/cargo" /usr/lib/rust-*/bin/cargo; do
        if cargo_is_good "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

if STIPPLE_CARGO=$(find_cargo); then
    PATH="$(dirname "$STIPPLE_CARGO"):$PATH"
    export PATH STIPPLE_CARGO
fi
