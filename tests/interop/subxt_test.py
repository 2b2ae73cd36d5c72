"""subxt, the Rust client of the field (tests/clients/subxt, pinned), against our node: on the development chain all
that it can do, up to a runtime upgrade; on the real Rococo runtime transfer, storage and refusals.

The first run builds the client under build/, which takes minutes: `subxt_test.py build` does that alone.
"""
import pathlib
import subprocess
import sys

from interop import AUTHOR, ROCOCO_DEV, Skip, attempt, main, shared, tool
from harness import BINARY, ROOT, Node

CRATE = ROOT / "tests" / "clients" / "subxt"
TARGET = ROOT / "build" / "clients-subxt"


def client():
    binary = TARGET / "debug" / "stipple-subxt-client"
    command = [tool("cargo"), "build", "--quiet", "--locked", "-j2", "--target-dir", str(TARGET)]
    reason = attempt(command, CRATE, 2400)
    if reason is not None:
        raise Skip(f"cargo build failed: {reason}")
    return binary


def run_client(node, *arguments):
    done = subprocess.run([client(), f"ws://127.0.0.1:{node.port}", *map(str, arguments)], capture_output=True,
                          text=True, timeout=700)
    assert done.returncode == 0 and "OK" in done.stdout, f"{done.stdout}\n{done.stderr}\n{node.log_text()}"


def test_subxt_does_everything_and_upgrades_the_runtime():
    code = BINARY.parent / "runtime" / "stipple_next_runtime.wasm"
    if not pathlib.Path(code).is_file():
        raise Skip(f"no {code}: build the target stipple_next_runtime_wasm")
    client()
    with Node(None, None, "--dev-block-time", "1500", command=["dev"]) as node:
        run_client(node, code)


def test_subxt_transfers_on_the_real_runtime():
    chain = shared(ROCOCO_DEV)
    client()
    with Node(chain, None, *AUTHOR) as node:
        run_client(node)


def build_alone():
    try:
        print(f"built {client()}")
    except Skip as reason:
        print(f"skip: {reason}")
        sys.exit(77)


if __name__ == "__main__":
    build_alone() if sys.argv[1:] == ["build"] else main(globals())
