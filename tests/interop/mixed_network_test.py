"""Three Rust nodes ($STIPPLE_RUST_NODE) and ours as the fourth of five authorities, where four are needed.

Nothing is final and no BEEFY round ends without our votes; with them both go on, and our finality is theirs.
"""
import time

from interop import ROCOCO_LOCAL, Network, main, shared
from rust_node_test import RustNode, agree, waits


def beefy_head(node):
    """The block BEEFY has finalised; absent before the first round has ended."""
    try:
        return int(node.rpc("chain_getHeader", node.rpc("beefy_getFinalizedHead"))["number"], 16)
    except Exception:  # the Rust node answers with an error until BEEFY is ready
        return 0


def test_finality_depends_on_our_votes():
    with Network(shared(ROCOCO_LOCAL)) as network:
        rust = []
        for name in ("alice", "bob", "charlie"):
            node = RustNode(network, name, f"--{name}", "--validator", "--insecure-validator-i-know-what-i-do")
            node.start([other.address() for other in rust])
            rust.append(node)
        first = rust[0]
        deadline = time.monotonic() + 300
        while first.best() < 4:
            assert time.monotonic() < deadline, first.log_text()
            time.sleep(1)
        assert all(node.finalized() == 0 for node in rust), "three of five finalised"

        ours = network.add("dave", "--dave", "--force-authoring")
        ours.start([node.address() for node in rust])
        target = first.best() + 3
        waits(network, first, "finality everywhere", lambda: min(
            ours.finalized(), *(node.finalized() for node in rust)) >= target, 300)
        agree(first, ours, target)
        waits(network, first, "a BEEFY round", lambda: all(beefy_head(node) > 0 for node in rust), 300)

        ours.kill()
        time.sleep(20)  # what is on its way may still count
        height, beefy = first.finalized(), beefy_head(first)
        best = first.best()
        deadline = time.monotonic() + 120
        while first.best() < best + 4:
            assert time.monotonic() < deadline, first.log_text()
            time.sleep(1)
        assert (first.finalized(), beefy_head(first)) == (height, beefy), "three of five went on without us"
        ours.start([node.address() for node in rust])
        target = first.best()
        waits(network, first, "finality after our restart", lambda: min(
            ours.finalized(), *(node.finalized() for node in rust)) >= target, 300)
        waits(network, first, "BEEFY after our restart", lambda: beefy_head(first) > beefy, 300)
        agree(first, ours, target)


if __name__ == "__main__":
    main(globals())
