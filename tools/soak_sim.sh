#!/usr/bin/env bash
# Fresh seeds for the simulator, so many runs or until one fails; each prints its seed.
#     tools/soak_sim.sh build/release 20
set -euo pipefail
cd "$(dirname "$0")/.."
program=$1/stipple-sim
runs=$2
first=$(($(date +%s) * 1000))
for level in light heavy; do
    "$program" --seeds "$first..$((first + runs - 1))" --blocks 400 --faults "$level"
done
"$program" --seed "$first" --nodes 5 --blocks 40 --runtime wasm --faults heavy
