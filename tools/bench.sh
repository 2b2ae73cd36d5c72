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
# Comparisons of the whole node, where they exist.
for script in tests/bench/*.sh; do
    if [ -x "$script" ]; then
        "$script" "$folder"
    fi
done
