#!/usr/bin/env bash
# Builds every fuzzer with libFuzzer (preset `asan`) and lets each explore for some seconds, starting
# from its kept corpus. New inputs go to build/asan/corpus/<stem>; a crash is written there and named.
#     tools/fuzz.sh 60 [stem]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1
only=${2:-}
cmake --preset asan -Wno-dev --log-level=WARNING >/dev/null
mapfile -t sources < <(git ls-files 'src/*_fuzz.cpp' 'runtime/*_fuzz.cpp')
. tools/symbolizer.sh
failed=0
ran=0
for source in "${sources[@]}"; do
    stem=$(basename "$source" .cpp)
    if [ -n "$only" ] && [ "$only" != "$stem" ]; then
        continue
    fi
    module=$(dirname "${source#src/}" | tr / _)
    target="stipple_${module}_${stem}"
    cmake --build build/asan --target "$target" >/dev/null
    found=build/asan/corpus/$stem
    mkdir -p "$found"
    echo "fuzz: $stem for $seconds s"
    program=$(find build/asan -type f -perm -u+x -name "$target" | head -n 1)
    if ! "$program" -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=2048 -verbosity=0 \
        -artifact_prefix="$found/crash-" "$found" "tests/corpus/$stem"; then
        echo "fuzz: $stem FAILED, the input is in $found" >&2
        failed=1
    fi
    ran=$((ran + 1))
done
echo "fuzz: $ran fuzzers ran"
if [ "$ran" -eq 0 ]; then
    exit 1
fi
exit "$failed"
