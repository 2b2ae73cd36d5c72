"""Attacks of hostile.cpp that take minutes: a peer that never reads again, a voter that votes twice."""
import os
import pathlib
import subprocess

from hostile_test import attack, log_of, resident_mib
from network import ROCOCO_DEV, ROCOCO_LOCAL, Network, main, shared, start_all, validators


def open_sockets(node):
    count = 0
    for each in pathlib.Path(f"/proc/{node.process.pid}/fd").iterdir():
        try:
            count += os.readlink(each).startswith("socket:")
        except FileNotFoundError:
            pass  # closed meanwhile
    return count


def test_peers_that_do_not_read_are_given_up_and_what_they_held_is_free():
    with Network(shared(ROCOCO_DEV)) as network:
        author = network.add("author", "--alice", "--validator", "--force-authoring")
        author.start()
        network.wait("a block", lambda: author.best() >= 1, 30)
        small, sockets = resident_mib(author.node), open_sockets(author.node)
        idle = subprocess.Popen([os.environ["STIPPLE_HOSTILE_BINARY"], "slow_reader_for_ever", str(author.port),
                                 author.node.rpc("chain_getBlockHash", 0)[2:]])
        network.on_exit(idle.kill)
        network.wait("peers that do not read", lambda: len(author.peers()) == 4, 20)
        network.wait("their end", lambda: not author.peers(), 180)
        network.wait("the end of their connections", lambda: open_sockets(author.node) <= sockets, 60)
        grown = resident_mib(author.node) - small
        print(f"  {grown:.0f} MiB above the beginning", flush=True)
        assert grown < 150, grown
        assert idle.poll() is None
        best = author.best()
        network.wait("another block", lambda: author.best() > best, 30)


def test_a_voter_that_votes_twice_is_reported_and_finality_goes_on():
    with Network(shared(ROCOCO_LOCAL)) as network:
        four = validators(network, ["alice", "bob", "charlie", "dave"])
        start_all(four)
        alice = four[0]
        network.wait("finality", lambda: alice.finalized() >= 1, 120)
        logged = attack("equivocation", alice)
        assert "voted twice" in logged, logged[-3000:]
        # His votes count for every block then, and for no more than his.
        final = max(each.finalized() for each in four)
        network.wait("finality after it", lambda: all(each.finalized() > final + 1 for each in four), 120)
        network.agree_up_to(min(each.finalized() for each in four))
        assert "reported the equivocation" in log_of(alice), log_of(alice)[-3000:]


if __name__ == "__main__":
    main(globals())
