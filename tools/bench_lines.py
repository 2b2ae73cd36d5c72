#!/usr/bin/env python3
"""Turns Google Benchmark's JSON into "name value unit" lines: time per operation, then each counter."""
import json
import sys

# What every entry has; any other number in it is a counter of the benchmark, whose unit ends its name.
COMMON = {"family_index", "per_family_instance_index", "repetitions", "repetition_index", "threads", "iterations",
          "real_time", "cpu_time", "bytes_per_second", "items_per_second", "result_bytes"}
UNITS = {"us", "ms", "bytes", "percent", "items", "ratio"}


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
        for key, value in entry.items():
            if key not in COMMON and isinstance(value, (int, float)) and not isinstance(value, bool):
                unit = "1/s" if key.endswith(("per_second", "/s")) else key.rpartition("_")[2]
                yield f"{name}/{key} {value:.6g} {unit if unit in UNITS or unit == '1/s' else 'count'}"


def main(prefix):
    text = sys.stdin.read()
    if not text.strip():
        return 0  # the filter matched nothing
    for line in lines(json.loads(text), prefix):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
