"""Validators as processes: they produce and finalise through a restart, an absence and a partition that heals."""
import os

from network import ROCOCO_LOCAL, WESTEND_LOCAL, Network, main, shared, start_all, validators
from proxy import Proxy

# How long a partition lasts; minutes in a soak.
PARTITION_BLOCKS = int(os.environ.get("STIPPLE_PARTITION_BLOCKS", "4"))


def test_three_westend_validators_finalise_through_a_restart_and_a_kill():
    with Network(shared(WESTEND_LOCAL)) as network:
        alice, bob, charlie = members = validators(network, ["alice", "bob", "charlie"])
        start_all(members)
        network.wait("finality everywhere", lambda: all(m.finalized() >= 3 for m in members), 150)
        network.agree_up_to(3)
        # Each has published where it is, and found the two others in the hash table.
        network.wait("the addresses of the other authorities", lambda: all(
            "substrate_authority_discovery_known_authorities_count 2\n" in m.node.metrics() for m in members), 60)
        charlie.stop()  # more than a third is gone: blocks, but no finality
        height = max(alice.finalized(), bob.finalized())
        best = alice.best()
        network.wait("blocks of two", lambda: min(alice.best(), bob.best()) >= best + 3, 120)
        assert max(alice.finalized(), bob.finalized()) <= max(height + 2, best), "two of three finalised"
        charlie.start([alice.address(), bob.address()])
        network.wait("finality after the restart",
                     lambda: all(m.finalized() > best for m in members), 180)
        bob.kill()
        bob.start([alice.address()])
        target = alice.best() + 2
        network.wait("finality after the kill",
                     lambda: all(m.finalized() >= target for m in members), 180)
        network.agree_up_to(target)
        for member in members:
            member.stop()


def test_four_of_five_rococo_validators_finalise_with_a_late_joiner():
    with Network(shared(ROCOCO_LOCAL)) as network:
        members = validators(network, ["alice", "bob", "charlie", "dave"])
        start_all(members)
        network.wait("finality everywhere", lambda: all(m.finalized() >= 2 for m in members), 200)
        late = network.add("late")
        late.start([members[2].address()])
        target = members[0].best() + 1
        network.wait("the late one's finality", lambda: late.finalized() >= target, 200)
        network.agree_up_to(target)


def test_a_partition_stops_finality_and_heals():
    """Alice and a watcher here, bob and charlie there; a vote needs all three."""
    with Network(shared(WESTEND_LOCAL)) as network:
        # Configured addresses only, which lead through the links: nobody tells or dials another of this machine.
        alice, bob, charlie = members = [
            network.add(name, f"--{name}", "--force-authoring", "--no-private-ip", "--reserved-only")
            for name in ("alice", "bob", "charlie")]
        watcher = network.add("watcher", "--no-private-ip")
        links = [Proxy(alice.port, seed) for seed in (1, 2)]
        for link in links:
            network.on_exit(link.close)

        def reserve(*addresses):
            return sum((["--reserved-nodes", address] for address in addresses), [])
        alice.start([], *reserve(*(f"/ip4/127.0.0.1/tcp/9/p2p/{other.peer}" for other in (bob, charlie, watcher))))
        bob.start([], *reserve(alice.address(links[0].port), charlie.address()))
        charlie.start([], *reserve(alice.address(links[1].port), bob.address()))
        watcher.start([alice.address()])
        everybody = [*members, watcher]
        network.wait("finality through the links", lambda: all(m.finalized() >= 2 for m in everybody), 180)

        for link in links:
            link.cut()
        began = max(m.best() for m in members)
        network.wait("blocks on both sides", lambda: alice.best() > began and
                     min(bob.best(), charlie.best()) >= began + PARTITION_BLOCKS, 60 + 30 * PARTITION_BLOCKS)
        assert all(m.finalized() <= began for m in everybody), [m.finalized() for m in everybody]
        for link in links:
            link.heal()
        best = max(m.best() for m in everybody)
        network.wait("finality of one chain", lambda: all(m.finalized() >= best for m in everybody), 240)
        network.agree_up_to(best)

        for link in links:
            link.delay, link.rate = 0.3, 200_000
        slow = alice.best() + 3
        network.wait("finality over slow links", lambda: all(m.finalized() >= slow for m in everybody), 240)
        for link in links:
            link.drop_one_in(2)
            link.held = True  # silence, no end of the connection
        quiet = bob.best()
        network.wait("blocks in silence", lambda: charlie.best() >= quiet + 3, 120)
        for link in links:
            link.heal()
        best = max(m.best() for m in everybody)
        network.wait("finality after silence", lambda: all(m.finalized() >= best for m in everybody), 300)
        network.agree_up_to(best)


if __name__ == "__main__":
    main(globals())
