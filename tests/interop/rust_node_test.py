"""The Rust node ($STIPPLE_RUST_NODE, a polkadot binary): it syncs from us and we from it, with restarts.

It is started with its own chain folder and told of us by --bootnodes; nothing leaves the loopback.
"""
import http.client
import json
import os
import pathlib
import subprocess
import time

from interop import AUTHOR, ROCOCO_DEV, Network, Skip, free_port, main, shared

FLAGS = ["--no-telemetry", "--no-mdns", "--no-hardware-benchmarks", "--no-prometheus", "--rpc-cors", "all"]


class RustNode:
    """Keeps its folder, key and port between start and stop."""

    def __init__(self, network, name, *arguments):
        path = os.environ.get("STIPPLE_RUST_NODE", "")
        if not path or not pathlib.Path(path).is_file():
            raise Skip(f"no Rust node at STIPPLE_RUST_NODE={path!r}")
        self.binary = pathlib.Path(path)
        self.network, self.arguments = network, list(arguments)
        self.base = network.folder / name
        self.port, self.rpc_port = free_port(), free_port()
        self.key = f"{len(name) + 1000:064x}"
        self.log = network.folder / f"{name}.log"
        self.process = None
        network.on_exit(self.kill)

    def start(self, boot=()):
        command = [self.binary, "--chain", self.network.chain, "--base-path", self.base, "--listen-addr",
                   f"/ip4/127.0.0.1/tcp/{self.port}", "--rpc-port", self.rpc_port, "--node-key", self.key,
                   "--workers-path", self.binary.parent, "-lsync=debug,sub-libp2p=debug", *FLAGS, *self.arguments]
        for address in boot:
            command += ["--bootnodes", address]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([str(part) for part in command], stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 240
        while True:
            assert self.process.poll() is None, f"the Rust node ended:\n{self.log_text()}"
            assert time.monotonic() < deadline, f"no RPC of the Rust node:\n{self.log_text()}"
            try:
                self.rpc("system_health")
                return
            except (OSError, http.client.HTTPException):
                time.sleep(0.2)

    def address(self):
        return f"/ip4/127.0.0.1/tcp/{self.port}/p2p/{self.rpc('system_localPeerId')}"

    def rpc(self, method, *params):
        connection = http.client.HTTPConnection("127.0.0.1", self.rpc_port, timeout=60)
        try:
            connection.request("POST", "/", json.dumps({"jsonrpc": "2.0", "id": 1, "method": method,
                                                        "params": list(params)}), {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        assert "error" not in answer, answer
        return answer["result"]

    def best(self):
        return int(self.rpc("chain_getHeader")["number"], 16)

    def finalized(self):
        return int(self.rpc("chain_getHeader", self.rpc("chain_getFinalizedHead"))["number"], 16)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)
        self.process = None

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def log_text(self, tail=4000):
        """The end of it; all of it with `None`."""
        return self.log.read_text(errors="replace")[-tail if tail else 0:]


def agree(rust, ours, height):
    theirs = rust.rpc("chain_getBlockHash", height)
    assert theirs is not None and theirs == ours.node.rpc("chain_getBlockHash", height), (height, theirs)


def waits(network, rust, what, question, seconds):
    try:
        network.wait(what, question, seconds)
    except AssertionError as failure:
        raise AssertionError(f"{failure}\n---- the Rust node\n{rust.log_text()}") from None


def test_the_rust_node_syncs_from_us():
    with Network(shared(ROCOCO_DEV)) as network:
        rust = RustNode(network, "rust")
        author = network.add("author", *AUTHOR)
        author.start()
        network.wait("blocks", lambda: author.finalized() >= 3, 120)
        rust.start([author.address()])
        waits(network, rust, "the Rust node's head", lambda: rust.best() >= author.best() > 3, 90)
        waits(network, rust, "its finality", lambda: rust.finalized() >= 4, 90)
        agree(rust, author, 4)
        rust.stop()
        height = author.best()
        network.wait("more blocks", lambda: author.best() >= height + 2, 60)
        author.kill()
        author.start()
        rust.start([author.address(websocket=True)])
        waits(network, rust, "its finality after restarts of both",
              lambda: rust.finalized() >= height + 2, 150)
        agree(rust, author, height + 2)


def test_we_sync_from_the_rust_node():
    with Network(shared(ROCOCO_DEV)) as network:
        rust = RustNode(network, "rust", "--alice", "--validator", "--force-authoring")
        follower = network.add("follower")
        rust.start()
        deadline = time.monotonic() + 120
        while rust.finalized() < 3:
            assert time.monotonic() < deadline, rust.log_text()
            time.sleep(0.5)
        follower.start([rust.address()])
        waits(network, rust, "our head", lambda: follower.best() >= rust.best() > 3, 90)
        waits(network, rust, "our finality", lambda: follower.finalized() >= 4, 90)
        agree(rust, follower, 4)
        follower.kill()
        height = rust.best()
        rust.stop()
        rust.start()
        follower.start([rust.address()])
        waits(network, rust, "our finality after restarts of both",
              lambda: follower.finalized() >= height + 1, 150)
        agree(rust, follower, height + 1)


if __name__ == "__main__":
    main(globals())
