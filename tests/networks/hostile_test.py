"""Hostile peers (hostile.cpp) against a node that follows a good chain: each attack ends as the table says.

The chain is that of one author; the node beside it is attacked, and a newcomer by those it meets first. What a node
thinks of its peers is read from its log, what it knows of the chain over RPC.
"""
import os
import re
import subprocess
import time

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
GROWTH_MIB = 250  # under all of them at once; four peers may each make the node hold 32 MiB that they do not read


def resident_mib(node):
    with open(f"/proc/{node.process.pid}/status", encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024


def log_of(member):
    return member.node.log_text(100_000_000)


class Attack:
    """One attack under way: a process of its own."""

    def __init__(self, name, member, *more):
        self.name, self.member = name, member
        self.before = len(log_of(member))
        genesis = member.node.rpc("chain_getBlockHash", 0)[2:]
        self.process = subprocess.Popen(
            [os.environ["STIPPLE_HOSTILE_BINARY"], name, str(member.port), genesis, *map(str, more)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def runs(self):
        return self.process.poll() is None

    def end(self):
        """What the node has logged meanwhile, and the ids the attack came under."""
        said, _ = self.process.communicate(timeout=200)
        logged = log_of(self.member)[self.before:]
        assert self.process.returncode == 0, f"{self.name}: {said}\n{logged[-3000:]}"
        return logged, re.findall("12D3\\w+", said)

    def pays(self, penalty):
        """Penalties are of those who earned them, whoever else attacks at the time."""
        logged, ids = self.end()
        assert penalty is None or re.search(rf"({'|'.join(ids)}): {penalty}\b", logged), \
            f"{self.name}: no {penalty} for {ids}\n{logged[-3000:]}"


def attack(name, member, *more):
    """Runs one attack; gives what the node logged of its peers meanwhile."""
    return Attack(name, member, *more).end()[0]


def watch(author, node, attacks, small):
    """Until all have ended: memory and the honest peer all the time."""
    most = 0
    while any(each.runs() for each in attacks):
        most = max(most, resident_mib(node.node) - small)
        assert most < GROWTH_MIB, f"{most:.0f} MiB more with {[each.name for each in attacks if each.runs()]}"
        assert author.peer in node.peers(), "the author is not a peer any more"
        time.sleep(0.2)
    for each in attacks:
        each.pays(ATTACKS[each.name])
    print(f"  {', '.join(each.name for each in attacks)}: {most:.0f} MiB above the beginning", flush=True)


def newcomers(network):
    """Nodes that know nobody yet, each with the attack that waits for it."""
    for name, mode in (("forged_justification", "full"), ("forged_warp_proof", "warp")):
        late = network.add(name, "--sync", mode)
        late.start()
        yield late


def find_the_good_chain(network, author, node, misled):
    """After those they met first were liars: the author is told of only now."""
    for late, liars in misled:
        liars.pays({"full": "bad_justification", "warp": "bad_warp_proof"}[late.arguments[-1]])
        assert late.finalized() == 0
        late.node.rpc("system_addReservedPeer", author.address())
    for late, liars in misled:
        network.wait(f"the good chain after {liars.name}", lambda: late.finalized() >= node.finalized() > 0, 60)
    network.agree_up_to(min(late.finalized() for late, _ in misled))


def test_every_attack_has_its_penalty_and_the_good_chain_goes_on():
    with Network(shared(ROCOCO_DEV)) as network:
        author = network.add("author", "--alice", "--validator", "--force-authoring")
        author.start()
        node = network.add("node")
        node.start([author.address()])
        late = list(newcomers(network))
        network.wait("the author", lambda: author.peer in node.peers(), 20)
        small = resident_mib(node.node)
        # While the first blocks come: so many connections that others would find no place beside them.
        watch(author, node, [Attack("endless_handshakes", node)], small)
        network.wait("a block", lambda: node.best() >= 1, 90)
        misled = [(each, Attack(each.name, each, node.port)) for each in late]
        watch(author, node, [Attack(name, node) for name in ATTACKS if name != "endless_handshakes"], small)
        final = node.finalized()
        find_the_good_chain(network, author, node, misled)
        network.wait("finality after all", lambda: node.finalized() > final, 60)
        network.wait("the author's head", lambda: node.best() >= author.best(), 20)
        # Nobody the hash table was told of has got in; newcomers may have.
        honest = {author.peer} | {each.peer for each in late}
        assert node.peers() - honest == set(), node.peers()
        network.agree_up_to(node.finalized())


if __name__ == "__main__":
    main(globals())
