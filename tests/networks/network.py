"""Several nodes as processes on loopback: identities, ports, addresses of each other. Standard library only.

Builds upon tests/end_to_end/harness.py. A network node keeps its port, key and folder when it is stopped, so that
`start()` after `kill()` is the same peer again.
"""
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "end_to_end"))

from harness import Node, RpcError, free_port, main, run, shared, Skip  # noqa: E402,F401 (for the tests)

ROCOCO_DEV = "chain-specs/rococo-dev-1.14.json"
WESTEND_LOCAL = "chain-specs/westend-local-0.9.32.json"
ROCOCO_LOCAL = "chain-specs/rococo-local-bulk-1.15.json"
WESTEND = "chain-specs/westend.json"
LOG = "sub-libp2p=debug,sync=debug,runtime=off"


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


def peer_id(key, folder):
    """The peer id of a secret, as the binary itself tells it."""
    file = folder / "node-key"
    file.write_text(key)
    code, out, err = run("key", "inspect-node-key", "--file", file)
    assert code == 0, err
    return out.split()[-1]
