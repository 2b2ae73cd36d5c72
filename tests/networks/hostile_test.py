"""Hostile peers (hostile.cpp) against a node that follows a good chain: each attack ends as the table says.

The chain is that of one author; the node beside it is attacked, and a newcomer by those it meets first. What a node
thinks of its peers is read from its log, what it knows of the chain over RPC.
"""
import os
import re
import subprocess

from network import ROCOCO_DEV, Network, main, shared

# What the log says of the peer, after its id; absent where a closed connection or a bounded table is all there is.
ATTACKS = {
    "wrong_genesis": "genesis_mismatch",
    "garbage_handshake": "bad_message",
    "oversized_lengths": "bad_message",
    "stream_flood": "same_small_request",
    "slow_reader": None,
    "mismatching_answers": "(not_requested|bad_response|no_block)",
    "bad_header": "bad_header",
    "bad_root": "bad_block",
    "forged_votes": "not_requested",
    "poisoned_kademlia": None,
    "endless_handshakes": None,
}
GROWTH_MIB = 150  # with all of them; the worst may make the node hold answers that are not read


def resident_mib(node):
    with open(f"/proc/{node.process.pid}/status", encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024


def log_of(member):
    return member.node.log_text(100_000_000)


def attack(name, member, *more):
    """Runs one attack; gives what the node logged of its peers meanwhile."""
    before = len(log_of(member))
    genesis = member.node.rpc("chain_getBlockHash", 0)[2:]
    done = subprocess.run([os.environ["STIPPLE_HOSTILE_BINARY"], name, str(member.port), genesis, *map(str, more)],
                          capture_output=True, text=True, timeout=200)
    logged = log_of(member)[before:]
    assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}\n{logged[-3000:]}"
    return logged


def assert_penalty(name, penalty, logged):
    assert re.search(rf"12D3\w+: {penalty}\b", logged), f"{name}: no {penalty}\n{logged[-3000:]}"


def attack_in_turn(author, node):
    small = resident_mib(node.node)
    for name, penalty in ATTACKS.items():
        logged = attack(name, node)
        if penalty is not None:
            assert_penalty(name, penalty, logged)
        grown = resident_mib(node.node) - small
        print(f"  {name}: {grown:.0f} MiB above the beginning", flush=True)
        assert grown < GROWTH_MIB, f"{name}: {grown:.0f} MiB more"
        assert author.peer in node.peers(), f"{name}: the author is not a peer any more"


def mislead_newcomers(network, author, node):
    """Each meets the liar first, and the author when the liar is gone."""
    for name, mode, penalty in (("forged_justification", "full", "bad_justification"),
                                ("forged_warp_proof", "warp", "bad_warp_proof")):
        late = network.add(name, "--sync", mode)
        late.start()
        assert_penalty(name, penalty, attack(name, late, node.port))
        assert late.finalized() == 0
        late.node.rpc("system_addReservedPeer", author.address())
        network.wait(f"the good chain after {name}", lambda: late.finalized() >= node.finalized() > 0, 60)
        network.agree_up_to(late.finalized())
        late.kill()


def test_every_attack_has_its_penalty_and_the_good_chain_goes_on():
    with Network(shared(ROCOCO_DEV)) as network:
        author = network.add("author", "--alice", "--validator", "--force-authoring")
        author.start()
        node = network.add("node")
        node.start([author.address()])
        network.wait("a finalised block", lambda: node.finalized() >= 1, 90)
        first = node.finalized()
        attack_in_turn(author, node)
        network.wait("finality after all", lambda: node.finalized() > first + 1, 60)
        network.wait("the author's head", lambda: node.best() >= author.best(), 20)
        # Nobody the hash table was told of has got in.
        assert len(node.peers()) <= 2, node.peers()
        mislead_newcomers(network, author, node)
        network.agree_up_to(node.finalized())


if __name__ == "__main__":
    main(globals())
