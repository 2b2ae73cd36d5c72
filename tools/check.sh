#!/usr/bin/env bash
# What is checked before a change is offered, beside the tests: format, tidy, clang-tidy, licences and
# advisories of crates.
#     tools/check.sh [all]     all: every file through clang-tidy, not only changed ones
set -uo pipefail
cd "$(dirname "$0")/.."
scope=${1:-changed}
status=0

echo "check: format"
git ls-files -z '*.cpp' '*.hpp' | xargs -0 -r clang-format-19 --dry-run --Werror || status=1

echo "check: tidy"
python3 tools/tidy_test.py || status=1
python3 tools/tidy.py --strict || status=1

echo "check: clang-tidy"
base=$(git merge-base HEAD "@{upstream}" 2>/dev/null || git rev-parse HEAD~1 2>/dev/null || true)
if [ "$scope" = all ]; then
    mapfile -t files < <(git ls-files 'src/*.cpp')
else
    mapfile -t files < <({ git diff --name-only --diff-filter=d "$base" -- 'src/*.cpp'; \
        git ls-files --others --exclude-standard 'src/*.cpp'; } | sort -u)
fi
if [ ${#files[@]} -gt 0 ]; then
    # Generated headers (Wasmtime's conf.h) and the compile commands come with configuring, for each
    # source by itself. The precompiled headers are the compiler's own: clang reads the text instead.
    cmake --preset release -B build/tidy -DSTIPPLE_TOGETHER=OFF -Wno-dev --log-level=WARNING >/dev/null ||
        status=1
    printf '%s\0' "${files[@]}" | xargs -0 -r -n 4 -P "$(nproc)" \
        clang-tidy-19 -p build/tidy --quiet --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-gch \
        --extra-arg=-Wno-unused-command-line-argument 2>/dev/null || status=1
fi

echo "check: crates"
deny=(cargo deny --manifest-path bridge/Cargo.toml --config bridge/deny.toml --log-level error)
if ! cargo deny --version >/dev/null 2>&1; then
    echo "check: cargo-deny is not installed (cargo install --locked cargo-deny), skipped"
else
    "${deny[@]}" check bans licenses sources || status=1
    # Advisories are a repository of their own, which is fetched.
    if "${deny[@]}" fetch db >/dev/null 2>&1; then
        "${deny[@]}" check advisories || status=1
    else
        echo "check: the advisories of crates cannot be fetched, skipped"
    fi
fi
exit "$status"
