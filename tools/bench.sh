#!/usr/bin/env bash
# Builds and runs every benchmark of a release build; prints one "name value unit" line each.
#     tools/bench.sh build/release [filter]
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
filter=${2:-.}
mapfile -t targets < <(ninja -C "$folder" -t targets all | sed -nE 's/^(stipple_[a-z0-9_]+_bench): phony$/\1/p' |
    sort -u)
if [ ${#targets[@]} -eq 0 ]; then
    echo "bench: no benchmark is configured in $folder" >&2
    exit 1
fi
ninja -C "$folder" "${targets[@]}" >&2
for target in "${targets[@]}"; do
    program=$(find "$folder" -type f -perm -u+x -name "$target" | head -n 1)
    "$program" --benchmark_format=json --benchmark_filter="$filter" 2>/dev/null |
        python3 tools/bench_lines.py "${target#stipple_}"
done
# The whole node, where the real chain's data is.
if [ "$filter" = . ]; then
    ninja -C "$folder" stipple >&2
    python3 tools/bench_node.py "$folder"
    ninja -C "$folder" stipple_loopback_load >&2
    python3 tools/bench_libp2p.py "$folder"
    # A chain of 20 000 blocks from a file and over loopback: what the network adds. It fails above 15 %.
    STIPPLE_BINARY=$folder/stipple python3 tests/networks/long_chain_test.py |
        awk '/^networks\// { print; fflush(); next } { print > "/dev/stderr" }'
fi
# The same work done by the Rust crates of the field, in the same run: STIPPLE_PEERS names their program.
if [ -n "${STIPPLE_PEERS:-}" ] && [ "$filter" = . ]; then
    data=${STIPPLE_SHARED_DATA:-../shared/data}
    for work in trie signatures erasure "runtime $data/chain-specs/rococo-dev-1.14.json"; do
        # shellcheck disable=SC2086
        "$STIPPLE_PEERS" $work | sed 's/^/peers\//' || true
    done
    if [ -n "${STIPPLE_PEERS_BLOCKS:-}" ]; then
        "$STIPPLE_PEERS" import "$data/chain-specs/westend.json" "$STIPPLE_PEERS_BLOCKS" | sed 's/^/peers\//' || true
    fi
fi
