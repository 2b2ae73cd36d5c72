"""Warp sync between the Rust node ($STIPPLE_RUST_NODE) and ours, in both directions, with restarts.

The chain is the recorded one with several authority sets, and three of our validators go on with it: the Rust node
wants three peers before it warps. Ours warps from a Rust node alone.
"""
from interop import ROCOCO_LOCAL, Network, main, shared
from rust_node_test import RustNode, agree, waits
import prepared  # beside network, which interop has made importable

NEWEST_SET_CHANGE = 90  # at least: a warp of this chain ends above it


def has_state(rust, number):
    """Of the runtime code, of a block that is final."""
    try:
        return bool(rust.rpc("state_getStorageHash", "0x3a636f6465", rust.rpc("chain_getBlockHash", number)))
    except AssertionError:
        return False


def test_the_rust_node_warps_from_us():
    with Network(shared(ROCOCO_LOCAL)) as network:
        rust = RustNode(network, "rust", "--sync", "warp")
        members = prepared.running_on(network)
        addresses = [each.address() for each in members]
        rust.start(addresses)
        waits(network, rust, "the end of its warp sync", lambda: "Warp sync is complete" in rust.log_text(None), 300)
        waits(network, rust, "its head", lambda: rust.best() >= members[0].best() > prepared.COUNT, 300)
        assert not has_state(rust, NEWEST_SET_CHANGE), "it executed the past"
        final = members[0].finalized()
        waits(network, rust, "its finality", lambda: rust.finalized() > final, 120)
        agree(rust, members[0], final)
        waits(network, rust, "its history", lambda: prepared.has_history(rust.rpc, final), 120)
        agree(rust, members[0], 1)

        # It comes back, and one of those it warped from is another process by then.
        rust.stop()
        members[0].kill()
        members[0].start(addresses[1:])
        rust.start(addresses)
        final = members[1].finalized()
        waits(network, rust, "its finality after restarts of both", lambda: rust.finalized() > final, 240)
        agree(rust, members[1], final + 1)


def test_we_warp_from_the_rust_node():
    """From one that synced in full: one that warped has not what a proof from genesis needs, and says so."""
    with Network(shared(ROCOCO_LOCAL)) as network:
        rust = RustNode(network, "whole")
        members = prepared.running_on(network)
        addresses = [each.address() for each in members]
        rust.start(addresses)
        waits(network, rust, "its head", lambda: rust.best() >= members[0].best() > prepared.COUNT, 400)
        final = members[0].finalized()
        waits(network, rust, "its finality", lambda: rust.finalized() >= final, 120)

        # Ours knows nobody but the Rust node.
        late = network.add("late", "--sync", "warp", "--reserved-only", "--reserved-nodes", rust.address())
        late.start()
        waits(network, rust, "the end of our warp sync", lambda: late.best() > 0, 240)
        text = late.node.log_text(10_000_000)
        assert "warp proof: " in text and "state sync is complete" in text, text[-3000:]
        waits(network, rust, "our head", lambda: late.best() >= members[1].best(), 120)
        assert late.peers() == {rust.rpc("system_localPeerId")}, late.peers()
        final = members[1].finalized()
        waits(network, rust, "our finality", lambda: late.finalized() > final, 120)
        agree(rust, late, final + 1)
        waits(network, rust, "our history", lambda: prepared.has_history(late.node.rpc, final), 120)
        agree(rust, late, 1)

        late.kill()
        rust.stop()
        rust.start(addresses)
        late.start()
        final = members[1].finalized()
        waits(network, rust, "our finality after restarts of both", lambda: late.finalized() > final, 240)
        agree(rust, late, final + 1)


if __name__ == "__main__":
    main(globals())
