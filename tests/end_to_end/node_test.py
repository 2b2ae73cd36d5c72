"""A node on the real Rococo runtime: blocks every slot, finality, restart, kill."""
import os
import signal
import time

from harness import Folder, Node, Skip, main, run, shared

ROCOCO = "chain-specs/rococo-dev-1.14.json"
AUTHOR = ["--alice", "--validator", "--force-authoring"]


def test_produces_finalises_and_survives_a_restart_and_a_kill():
    chain = shared(ROCOCO)
    with Folder() as base:
        with Node(chain, base, *AUTHOR) as node:
            assert node.rpc("chain_getBlockHash", 0) == \
                "0xc81df6f5b2871fa630d7056055dc6922ec5cd19c328f216e6d9ec797c99c1f25"
            assert node.rpc("system_chain") == "Development"
            node.wait_for("block 3", lambda: node.best() >= 3, 60)
            node.wait_for("finality", lambda: node.finalized() >= 1, 30)
            assert node.best() - node.finalized() <= 3
            metrics = node.metrics()
            assert 'substrate_block_height{status="best"' in metrics, metrics[:500]
            finalized = node.rpc("chain_getFinalizedHead")
            height = node.finalized()
            assert node.stop() == 0, node.log_text()
        with Node(chain, base, *AUTHOR) as node:
            assert node.finalized() >= height
            assert node.rpc("chain_getBlockHash", height) == finalized
            grown = node.best()
            node.wait_for("a new block after the restart", lambda: node.best() > grown, 40)
            node.kill()
        with Node(chain, base) as node:
            assert node.finalized() >= height
            assert node.rpc("chain_getBlockHash", height) == finalized
            best = node.rpc("chain_getHeader")
            assert int(best["number"], 16) >= grown
            assert node.rpc("state_getStorage", "0x3a636f6465") is not None
            assert node.stop() == 0


def test_does_not_author_without_a_key():
    chain = shared(ROCOCO)
    with Node(chain, None) as node:
        time.sleep(8)
        assert node.best() == 0
        assert node.stop() == 0


def test_stops_cleanly_on_sigint():
    chain = shared(ROCOCO)
    with Node(chain, None, *AUTHOR) as node:
        node.process.send_signal(signal.SIGINT)
        assert node.process.wait(timeout=30) == 0, node.log_text()


if __name__ == "__main__":
    main(globals())
