#!/usr/bin/env bash
# Runs tidy, its tests and ctest in a build folder, whatever the former say, and closes with one plain
# line, "N passed, N failed, N skipped", counted from ctest's own JUnit report (tidy and its tests
# count as two). Fails when anything failed or when ctest ran nothing.
#     tools/run_tests.sh build/release -j2 -LE 'slow|interop'
set -uo pipefail
cd "$(dirname "$0")/.."
folder=$1
shift
. tools/symbolizer.sh
report=$(mktemp)
trap 'rm -f "$report"' EXIT
passed=0
failed=0
for program in tidy_test tidy; do
    if python3 "tools/$program.py"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
done
ctest --test-dir "$folder" --output-on-failure --no-tests=error --output-junit "$report" "$@" 2>&1 |
    grep --line-buffered -vE '^Internal ctest|^ +Start +[0-9]+:|\.+ +Passed +[0-9.]+ sec'
status=${PIPESTATUS[0]}
python3 tools/count_tests.py "$report" "$passed" "$failed" || status=1
exit "$status"
