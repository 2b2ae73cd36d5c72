#!/usr/bin/env python3
"""Figures of the whole node on the real Rococo chain, one "name value unit" line each.

    tools/bench_node.py build/release

Idle memory and start to first RPC answer are of a warm start (database and compiled code are there);
requests a second are what `wrk -t1 -c50` gets beside the node. Without the chain's data or wrk it says so.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
os.environ["STIPPLE_BINARY"] = str(pathlib.Path(sys.argv[1]).resolve() / "stipple")
sys.path.insert(0, str(ROOT / "tests" / "end_to_end"))
from harness import Folder, Node, Skip, shared  # noqa: E402

ACCOUNTS = "0x26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac"  # System.Number


def requests_per_second(port, method, params):
    script = tempfile.NamedTemporaryFile("w", suffix=".lua")
    script.write('wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
                 f'wrk.body = [[{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}]]\n')
    script.flush()
    out = subprocess.run(["wrk", "-t1", "-c50", "-d5", "--latency", "-s", script.name, f"http://127.0.0.1:{port}/"],
                         capture_output=True, text=True, timeout=60).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    tail = re.search(r"99%\s+([\d.]+)(us|ms|s)", out)
    return rate, float(tail.group(1)) * {"us": 1e-3, "ms": 1, "s": 1e3}[tail.group(2)]


def main():
    chain = shared("chain-specs/rococo-dev-1.14.json")
    with Folder() as base:
        with Node(chain, base) as node:
            node.rpc("state_getMetadata")
            node.stop()
        starts = []
        for _ in range(5):
            began = time.monotonic()
            with Node(chain, base) as node:
                starts.append(time.monotonic() - began)
                node.stop()
        print(f"node/start_to_first_answer {min(starts) * 1000:.0f} ms")
        with Node(chain, base) as node:
            node.rpc("state_getRuntimeVersion")
            time.sleep(3)
            resident = re.search(r"^process_resident_memory_bytes ([\d.e+]+)", node.metrics(), re.M)
            print(f"node/idle_resident_memory {float(resident.group(1)) / 1e6:.0f} MB")
            if shutil.which("wrk") is None:
                print("node/requests skipped: wrk is not installed", file=sys.stderr)
            else:
                for method, params in (("state_getStorage", f'["{ACCOUNTS}"]'), ("chain_getBlock", "[]"),
                                       ("system_name", "[]")):
                    rate, slowest = requests_per_second(node.port, method, params)
                    print(f"node/{method} {rate:.0f} 1/s")
                    print(f"node/{method}/p99 {slowest:.2f} ms")
            node.stop()


if __name__ == "__main__":
    try:
        main()
    except Skip as reason:
        print(f"bench_node: skipped: {reason}", file=sys.stderr)
