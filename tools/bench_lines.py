#!/usr/bin/env python3
"""Turns Google Benchmark's JSON into "name value unit" lines: time per operation, then each counter."""
import json
import sys


def lines(report, prefix):
    for entry in report.get("benchmarks", []):
        if entry.get("run_type") == "aggregate" or entry.get("error_occurred"):
            continue
        name = f"{prefix}/{entry['name']}"
        yield f"{name} {entry['real_time']:.4g} {entry['time_unit']}"
        if "bytes_per_second" in entry:
            yield f"{name}/throughput {entry['bytes_per_second'] / 1e6:.4g} MB/s"
        if "items_per_second" in entry:
            yield f"{name}/rate {entry['items_per_second']:.4g} 1/s"


def main(prefix):
    text = sys.stdin.read()
    if not text.strip():
        return 0  # the filter matched nothing
    for line in lines(json.loads(text), prefix):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
