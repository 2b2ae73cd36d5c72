#!/usr/bin/env bash
# Runs ctest in a build folder and closes with one plain line, "N passed, N failed, N skipped", made
# from ctest's own JUnit report. Fails when a test fails or when none ran.
#     tools/run_ctest.sh build/release -j2 -LE 'slow|interop'
set -uo pipefail
cd "$(dirname "$0")/.."
folder=$1
shift
report=$(mktemp)
trap 'rm -f "$report"' EXIT
ctest --test-dir "$folder" --output-on-failure --no-tests=error --output-junit "$report" \
    --progress "$@" 2>&1 | grep -v '^Internal ctest changing'
status=${PIPESTATUS[0]}
python3 tools/count_tests.py "$report" || status=1
exit "$status"
