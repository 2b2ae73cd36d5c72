"""Several nodes as processes on loopback: identities, ports, addresses of each other. Standard library only.

Builds upon tests/end_to_end/harness.py. A network node keeps its port, key and folder when it is stopped, so that
`start()` after `kill()` is the same peer again.
"""
import hashlib
import json
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "end_to_end"))

from harness import BINARY, Node, RpcError, free_port, main, run, shared, Skip  # noqa: E402,F401 (for the tests)

ROCOCO_DEV = "chain-specs/rococo-dev-1.14.json"
WESTEND_LOCAL = "chain-specs/westend-local-0.9.32.json"
ROCOCO_LOCAL = "chain-specs/rococo-local-bulk-1.15.json"
WESTEND = "chain-specs/westend.json"
LOG = "sub-libp2p=debug,peerset=debug,sync=debug,runtime=off"


class Member:
    """One node of a network: what stays the same while its process comes and goes."""

    def __init__(self, network, name, arguments):
        self.network = network
        self.name = name
        self.arguments = list(arguments)
        self.port = free_port()
        self.key = f"{network.taken_keys():064x}"
        self.base = network.folder / name
        self.node = None
        self.peer = peer_id(self.key, network.folder)

    def address(self, port=None, websocket=False):
        """Where others reach it: directly, or through a proxy's `port`."""
        return f"/ip4/127.0.0.1/tcp/{port or self.port}{'/ws' if websocket else ''}/p2p/{self.peer}"

    def start(self, boot=(), *more, ready_seconds=120):
        assert self.node is None, f"{self.name} runs already"
        boot_nodes = [["--bootnodes", address] for address in boot]
        self.node = Node(self.network.chain, self.base, "--listen-addr", f"/ip4/127.0.0.1/tcp/{self.port}",
                         "--node-key", self.key, "--log", LOG, *sum(boot_nodes, []), *self.arguments, *more,
                         ready_seconds=ready_seconds)
        return self.node

    def stop(self):
        code = self.node.stop()
        assert code == 0, f"{self.name} ended with {code}:\n{self.node.log_text()}"
        self._forget()

    def kill(self):
        self.node.kill()
        self._forget()

    def _forget(self):
        node, self.node = self.node, None
        node.__exit__(None, None, None)

    def peers(self):
        """Peer ids of those it speaks of blocks with."""
        return {peer["peerId"] for peer in self.node.rpc("system_peers")}

    def best(self):
        return self.node.best()

    def finalized(self):
        return self.node.finalized()


class Network:
    """`with Network(chain) as network:` ends every process and removes every folder at the end."""

    def __init__(self, chain):
        self.chain = chain
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stipple-network-"))
        self.members = []
        self.closing = []

    def taken_keys(self):
        return len(self.members) + 1

    def add(self, name, *arguments):
        member = Member(self, name, arguments)
        self.members.append(member)
        return member

    def on_exit(self, action):
        """Also done at the end: the closing of proxies."""
        self.closing.append(action)

    def running(self):
        return [member for member in self.members if member.node is not None]

    def logs(self, tail=2500):
        return "\n".join(f"---- {member.name}\n{member.node.log_text(tail)}" for member in self.running())

    def wait(self, what, question, seconds):
        """Until `question()` is true; a process that ends meanwhile fails the test."""
        member = self.running()[0]

        def asked():
            for each in self.running():
                code = each.node.process.poll()
                assert code is None, f"{each.name} ended with {code}:\n{each.node.log_text()}"
            return question()
        try:
            member.node.wait_for(what, asked, seconds)
        except AssertionError as failure:
            heads = {each.name: (each.node.best(), each.node.finalized())
                     for each in self.running()}
            raise AssertionError(f"{failure}\n(best, final): {heads}\n{self.logs()}") from None

    def agree_up_to(self, height):
        """Every running node has the same block there."""
        hashes = {member.name: member.node.rpc("chain_getBlockHash", height) for member in self.running()}
        assert len(set(hashes.values())) == 1 and None not in hashes.values(), (height, hashes)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for action in self.closing:
            action()
        for member in self.running():
            member.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def validators(network, names):
    """One member for each well-known authority."""
    return [network.add(name, f"--{name}", "--force-authoring") for name in names]


def start_all(members):
    """Each knows those before it; discovery has to find the others."""
    for number, member in enumerate(members):
        member.start([other.address() for other in members[:number]])


def public_key(suri, scheme="sr25519"):
    code, out, err = run("key", "inspect", suri, "--scheme", scheme, "--output-type", "json")
    assert code == 0, err
    return json.loads(out)["publicKey"]


def compact(number):
    assert number < 64, number
    return bytes([number << 2])


def submit(node, suri, call):
    """Signs a call as an extrinsic of version 4 with the extensions of Rococo and of our runtime, and submits it."""
    version = node.rpc("state_getRuntimeVersion")
    genesis = bytes.fromhex(node.rpc("chain_getBlockHash", 0)[2:])
    account = bytes.fromhex(public_key(suri)[2:])
    code, out, err = run("key", "inspect", suri, "--output-type", "json")
    assert code == 0, err
    nonce = node.rpc("system_accountNextIndex", json.loads(out)["ss58Address"])
    extra = b"\0" + compact(nonce) + compact(0) + b"\0"  # immortal, nonce, no tip, no metadata hash
    implicit = version["specVersion"].to_bytes(4, "little") + version["transactionVersion"].to_bytes(4, "little")
    payload = call + extra + implicit + genesis + genesis + b"\0"
    if len(payload) > 256:
        payload = hashlib.blake2b(payload, digest_size=32).digest()
    code, out, err = run("key", "sign", "--suri", suri, "--message", payload.hex(), "--hex")
    assert code == 0, err
    signature = bytes.fromhex(out.strip().removeprefix("0x"))
    body = b"\x84\0" + account + b"\1" + signature + extra + call
    length = (len(body) << 2 | 1).to_bytes(2, "little")
    return node.rpc("author_submitExtrinsic", "0x" + (length + body).hex())


def peer_id(key, folder):
    """The peer id of a secret, as the binary itself tells it."""
    file = folder / "node-key"
    file.write_text(key)
    code, out, err = run("key", "inspect-node-key", "--file", file)
    assert code == 0, err
    return out.split()[-1]
