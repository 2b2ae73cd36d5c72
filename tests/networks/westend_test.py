"""Recorded blocks of the public Westend: imported from a file by one node, synced over the wire by another."""
import time

import blocks_file
from network import WESTEND, Network, main, run, shared
from proxy import Proxy


def test_westend_blocks_cross_the_wire():
    chain, recorded = shared(WESTEND), shared("westend-blocks/westend_blocks.yaml")
    with Network(chain) as network:
        count = blocks_file.write(recorded.read_text(), network.folder / "blocks.bin")
        assert count == 256, count
        # Only reserved nodes: the boot nodes of the spec are on the public internet. Nobody learns the address
        # behind the link.
        serving = network.add("serving", "--reserved-only", "--no-private-ip")
        code, _, err = run("import-blocks", "--chain", chain, "--base-path", serving.base, "--binary",
                           network.folder / "blocks.bin")
        assert code == 0, err[-2000:]
        following = network.add("following", "--reserved-only", "--no-private-ip")
        slow = network.add("slow", "--reserved-only", "--no-private-ip")
        link = Proxy(serving.port)
        network.on_exit(link.close)
        reserve = ["--reserved-nodes", f"/ip4/127.0.0.1/tcp/9/p2p/{following.peer}",
                   "--reserved-nodes", f"/ip4/127.0.0.1/tcp/9/p2p/{slow.peer}"]
        serving.start([], *reserve)
        assert serving.best() == count

        following.start([], "--reserved-nodes", serving.address())
        started, first = time.monotonic(), following.best()
        while following.best() < count and time.monotonic() < started + 120:
            time.sleep(0.01)
        took = time.monotonic() - started
        assert following.best() == count, following.node.log_text()
        print(f"network.westend_sync {(count - first) / took:.0f} blocks/s (#{first} to #{count} in {took:.2f} s)",
              flush=True)
        network.agree_up_to(count)

        # A link that delays and ends connections; the node is killed in the middle.
        link.delay, link.rate = 0.1, 20_000
        flags = ["--reserved-nodes", serving.address(link.port), "--max-blocks-per-request", "8"]
        slow.start([], *flags)
        network.wait("some blocks", lambda: slow.best() >= 1, 120)
        slow.kill()
        slow.start([], *flags)
        network.wait("more blocks", lambda: slow.best() >= 64, 120)
        assert slow.best() < count, "the link was too fast for this test"
        link.cut()
        time.sleep(1)
        link.heal()
        network.wait("all blocks after a kill and a cut", lambda: slow.best() == count, 120)
        network.agree_up_to(count)


if __name__ == "__main__":
    main(globals())
