#!/usr/bin/env bash
# Builds what runs on more than one thread with the thread sanitizer and runs its tests: the unit tests
# of these modules, then real nodes and clients. The Rust bridge is not instrumented. A race ends a
# program with the sanitizer's report and fails the run.
#     tools/tsan.sh build/tsan
set -uo pipefail
cd "$(dirname "$0")/.."
folder=$1
programs=(stipple_base_test stipple_state_store_test stipple_executor_test stipple_io_test stipple_io_net_test
    stipple_io_http_test stipple_io_database_test stipple_node_network_test stipple_node_test
    stipple_rpc_subscriptions_test)
end_to_end=(node_test client_test signing_test)
cmake --build "$folder" --parallel "${JOBS:-$(nproc)}" --target stipple "${programs[@]}" || exit 1
# Wasmtime takes backtraces in its handler of traps, which are signals of the thread's own making.
export TSAN_OPTIONS="halt_on_error=1 second_deadlock_stack=1 report_signal_unsafe=0"
TSAN_OPTIONS+=" suppressions=$PWD/tools/tsan_suppressions.txt"
. tools/symbolizer.sh
failed=0
for program in "${programs[@]}"; do
    path=$(find "$folder" -type f -perm -u+x -name "$program" | head -n 1)
    if "$path" --gtest_brief=1 > "$folder/$program.log" 2>&1; then
        echo "tsan: $program passed"
    else
        echo "tsan: $program FAILED: $folder/$program.log"
        failed=1
    fi
done
# What a node that runs writes to standard error is part of what these tests look at.
for test in "${end_to_end[@]}"; do
    if STIPPLE_BINARY=$PWD/$folder/stipple python3 "tests/end_to_end/$test.py" > "$folder/$test.log" 2>&1; then
        echo "tsan: $test passed"
    else
        echo "tsan: $test FAILED: $folder/$test.log"
        failed=1
    fi
done
exit $failed
