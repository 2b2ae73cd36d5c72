#!/usr/bin/env python3
"""Our libp2p and the Rust node's at the same work on loopback, "name value unit" lines and the ratio of both.

    tools/bench_libp2p.py build/release

Each program has both ends in one process and answers requests with 8 MiB; the least of three runs counts. The peer
program is compiled once, into the temporary folder; without cargo or its crates the reason is said instead.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
ANSWERS = os.environ.get("STIPPLE_BENCH_ANSWERS", "128")
BYTES = str(8 << 20)
GATE = 2 / 3


def seconds_per_gib(program):
    runs = []
    for _ in range(3):
        done = subprocess.run([str(program), ANSWERS, BYTES], capture_output=True, text=True, timeout=300, check=True)
        name, value = done.stdout.split()
        assert name == "cpu_s_per_GiB", done.stdout
        runs.append(float(value))
    return min(runs)


def build_peer():
    """The program, or None and the reason."""
    cargo = shutil.which("cargo")
    if cargo is None:
        return None, "cargo is not installed"
    folder = pathlib.Path(tempfile.gettempdir()) / "stipple-bench-litep2p"
    manifest = ROOT / "tests" / "interop" / "litep2p" / "Cargo.toml"
    done = subprocess.run([cargo, "build", "--release", "--locked", "--manifest-path", str(manifest),
                           "--target-dir", str(folder)], capture_output=True, text=True, timeout=1800)
    if done.returncode != 0:
        return None, f"cargo build failed: {done.stderr.strip()[-300:]}"
    return folder / "release" / "litep2p-load", None


def main():
    ours = seconds_per_gib(pathlib.Path(sys.argv[1]) / "tests" / "networks" / "stipple_loopback_load")
    print(f"loopback/stipple/cpu_s_per_GiB {ours:.3f} s")
    program, reason = build_peer()
    if reason is not None:
        print(f"loopback/litep2p skipped: {reason}", file=sys.stderr)
        return 0
    theirs = seconds_per_gib(program)
    print(f"peers/loopback/litep2p/cpu_s_per_GiB {theirs:.3f} s")
    print(f"loopback/stipple_to_litep2p {ours / theirs:.3f} ratio")
    if ours / theirs > GATE:
        print(f"loopback: more than {GATE:.2f} of litep2p's time", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
