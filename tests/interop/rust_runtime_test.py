"""The Rust node ($STIPPLE_RUST_NODE, a polkadot binary) runs our reference runtime.

The chain is the raw specification that `stipple chain-spec build` writes of the local preset, with two authorities:
one is the Rust node, one is ours, so each authors blocks that the other executes, and none is final without both.
"""
import subprocess

from interop import Network, main
from harness import BINARY, Folder, Skip
from rust_node_test import RustNode, waits

PROOF = 12  # blocks that both must agree upon


def chain_spec(folder):
    runtime = BINARY.parent / "runtime" / "stipple_runtime.wasm"
    if not runtime.is_file():
        raise Skip(f"no {runtime}: build the target stipple_runtime_wasm")
    path = folder / "stipple-local-raw.json"
    with open(path, "w", encoding="utf-8") as out:
        subprocess.run([str(BINARY), "chain-spec", "build", "--runtime", str(runtime), "--preset", "local_testnet",
                        "--chain-name", "Stipple Interop", "--chain-id", "stipple_interop", "--chain-type", "Local",
                        "--raw"], stdout=out, check=True, timeout=120)
    return path


def authors(node_rpc, height):
    """By whom each block up to `height` is: the authority index in its BABE pre-digest."""
    found = set()
    for number in range(1, height + 1):
        header = node_rpc("chain_getHeader", node_rpc("chain_getBlockHash", number))
        digest = bytes.fromhex(header["digest"]["logs"][0][2:])
        assert digest[:5] == b"\x06BABE", digest
        data = digest[6:] if digest[5] & 3 == 0 else digest[7:]
        found.add(int.from_bytes(data[1:5], "little"))
    return found


def test_the_rust_node_and_ours_make_one_chain_of_our_runtime():
    with Folder() as folder, Network(chain_spec(folder)) as network:
        rust = RustNode(network, "rust", "--alice", "--validator", "--force-authoring",
                        "--insecure-validator-i-know-what-i-do")
        ours = network.add("ours", "--bob", "--validator")
        rust.start()
        ours.start([rust.address()])
        waits(network, rust, "blocks of both", lambda: ours.best() >= PROOF and rust.best() >= PROOF, 240)
        waits(network, rust, "finality of both", lambda: ours.finalized() >= PROOF <= rust.finalized(), 240)
        for number in range(PROOF + 1):
            theirs = rust.rpc("chain_getHeader", rust.rpc("chain_getBlockHash", number))
            mine = ours.node.rpc("chain_getHeader", ours.node.rpc("chain_getBlockHash", number))
            assert theirs == mine, (number, theirs, mine)
        # Authors are drawn by lot; in so many slots both have had theirs.
        waits(network, rust, "blocks by both authors",
              lambda: authors(ours.node.rpc, ours.finalized()) == {0, 1}, 240)
        version = rust.rpc("state_getRuntimeVersion")
        assert version == ours.node.rpc("state_getRuntimeVersion") and version["specName"] == "stipple"


if __name__ == "__main__":
    main(globals())
