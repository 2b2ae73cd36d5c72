#!/bin/sh
# record_and_replay.sh BUILD: a run of the simulator leaves a recording that the node replays.
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1/stipple-sim" --seed 17 --nodes 4 --blocks 30 --faults heavy --beefy \
    --record "$folder/run" --record-node 2
"$1/stipple" replay "$folder/run"
