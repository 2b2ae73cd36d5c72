"""Eight validators on the real Rococo 1.15 runtime, and seven on ours over bad links: kills, absences, a partition, a
change of the authority set."""
import json

from network import BINARY, Network, Skip, main, public_key, run, shared, start_all, submit, validators
from proxy import Proxy

EIGHT = ["alice", "bob", "charlie", "dave", "eve", "ferdie", "one", "two"]
SESSION_SET_KEYS = bytes([8, 0])


def restart_all(network, members, boot):
    for member in members:
        member.start([other.address() for other in boot])


def test_eight_rococo_validators_of_which_two_may_be_down():
    with Network(shared("chain-specs/rococo-local-timeout-1.15.json")) as network:
        members = validators(network, EIGHT)
        start_all(members)
        network.wait("finality everywhere", lambda: all(m.finalized() >= 2 for m in members), 400)
        for member in members[6:]:
            member.kill()
        target = members[0].best() + 2
        network.wait("finality of six", lambda: all(m.finalized() >= target for m in members[:6]), 300)
        members[5].kill()
        height = max(m.finalized() for m in members[:5])
        best = members[0].best()
        network.wait("blocks of five", lambda: members[0].best() >= best + 4, 200)
        assert max(m.finalized() for m in members[:5]) <= max(height + 2, best), "five of eight finalised"
        restart_all(network, members[5:], members[:5])
        target = members[0].best() + 1
        network.wait("finality of all", lambda: all(m.finalized() >= target for m in members), 400)
        for member in members[:4]:  # half of them at once
            member.kill()
        restart_all(network, members[:4], members[4:])
        target = members[7].best() + 1
        network.wait("finality after half were gone", lambda: all(m.finalized() >= target for m in members), 400)
        network.agree_up_to(target)


class Mesh:
    """Every pair of members over a bad link of its own; nobody tells or dials any other address."""

    def __init__(self, network, names):
        self.members = [network.add(name, f"--{name}", "--force-authoring", "--no-private-ip", "--reserved-only")
                        for name in names]
        self.links = {}
        for number, member in enumerate(self.members):
            for other in self.members[:number]:
                link = self.links[member.name, other.name] = Proxy(other.port, len(self.links))
                network.on_exit(link.close)
        self.heal()

    def start(self, member):
        """It dials those before it; those behind dial it, and are let in by their names."""
        reserved = []
        for other in self.members:
            link = self.links.get((member.name, other.name))
            if other is not member:
                reserved += ["--reserved-nodes", other.address(link.port if link else 9)]
        member.start([], *reserved)

    def part(self, here):
        """Nothing passes between those here and the others; connections end."""
        names = {member.name for member in here}
        for (one, other), link in self.links.items():
            if (one in names) != (other in names):
                link.cut()

    def heal(self):
        for link in self.links.values():
            link.heal()
            link.delay, link.rate = 0.05, 1_000_000


def our_chain(network, names):
    """A specification of our runtime with these authorities."""
    code = BINARY.parent / "runtime" / "stipple_runtime.wasm"
    if not code.is_file():
        raise Skip(f"no runtime at {code}: build the target stipple_runtime_wasm")
    status, out, err = run("chain-spec", "build", "--runtime", code, "--preset", "local_testnet")
    assert status == 0, err
    spec = json.loads(out)
    patch = spec["genesis"]["runtimeGenesis"]["patch"]
    keys = []
    for name in names:
        person = "//" + name.capitalize()
        stash, sr25519 = public_key(person + "//stash"), public_key(person)
        keys.append([stash, stash, {
            "grandpa": public_key(person, "ed25519"), "babe": sr25519, "para_validator": sr25519,
            "para_assignment": sr25519, "authority_discovery": sr25519, "beefy": public_key(person, "ecdsa")}])
    patch["session"]["keys"] = keys
    path = network.folder / "seven.json"
    path.write_text(json.dumps(spec))
    return path


def test_seven_validators_of_our_runtime_change_the_set_and_their_keys():
    with Network(None) as network:
        names = EIGHT[:5] + EIGHT[6:]
        network.chain = our_chain(network, names)
        mesh = Mesh(network, names)
        members = mesh.members
        for member in members:
            mesh.start(member)
        network.wait("finality everywhere", lambda: all(m.finalized() >= 2 for m in members), 400)
        alice = members[0]
        old = alice.node.rpc("grandpa_roundState")["setId"]
        keys = bytes.fromhex(alice.node.rpc("author_rotateKeys")[2:])
        submit(alice.node, "//Alice//stash", SESSION_SET_KEYS + keys + b"\0")
        members[3].kill()  # it meets the change while it syncs
        network.wait("the change of the set", lambda: all(
            m.node.rpc("grandpa_roundState")["setId"] > old for m in network.running()), 400)
        mesh.start(members[3])
        target = alice.best() + 1
        network.wait("finality in the new set", lambda: all(m.finalized() >= target for m in members), 300)
        new_key = keys[:32]
        assert new_key.hex() in alice.node.rpc("state_call", "GrandpaApi_grandpa_authorities", "0x")
        mesh.part(members[:4])  # four here, three there: five are needed
        began = max(m.best() for m in members)
        network.wait("blocks on both sides", lambda: min(m.best() for m in members) >= began + 3, 300)
        assert max(m.finalized() for m in members) <= began, [m.finalized() for m in members]
        mesh.heal()
        target = max(m.best() for m in members)
        network.wait("finality of one chain", lambda: all(m.finalized() >= target for m in members), 300)
        for link in mesh.links.values():
            link.drop_one_in(3)
            link.delay, link.rate = 0.2, 300_000
        target = alice.best() + 2
        network.wait("finality over slow links", lambda: all(m.finalized() >= target for m in members), 300)
        mesh.heal()
        for member in members[-2:]:
            member.kill()  # from here on the new key of alice is needed
        target = alice.best() + 2
        network.wait("finality with alice's new key", lambda: all(m.finalized() >= target for m in members[:5]), 300)
        network.agree_up_to(target)


if __name__ == "__main__":
    main(globals())
