"""go-libp2p and js-libp2p hosts: ping, identify, Kademlia, requests and announcements, dialling and dialled."""
import os
import pathlib
import tempfile

from interop import (AUTHOR, GENESIS, ROCOCO_DEV, Network, Program, build_go_host, free_port, install_packages, main,
                     shared)
from harness import Folder
from tls_test import certificate, trusting


def meets(*program):
    """Over TCP and WebSocket; the host dials, then our node does."""
    with Network(shared(ROCOCO_DEV)) as network:
        author = network.add("author", *AUTHOR)
        author.start()
        for websocket in (False, True):
            with Program(*program, "dial", author.address(websocket=websocket), GENESIS) as host:
                host.succeeds(80)
        for number, transport in enumerate(("tcp", "ws")):
            with Program(*program, "listen", transport, GENESIS) as host:
                address = host.line("LISTENING ", 60)
                node = network.add(f"dialler{number}", "--reserved-nodes", address)
                node.start([author.address()])
                host.succeeds(130)
                node.stop()
        author.stop()


def test_js_libp2p_over_tls():
    """With a certificate of our own making on either side."""
    install_packages()
    with Network(shared(ROCOCO_DEV)) as network, Folder() as folder:
        cert, key = certificate(folder, "own", "DNS:localhost,IP:127.0.0.1")
        trusting(cert)
        os.environ |= {"NODE_EXTRA_CA_CERTS": str(cert), "TLS_CERT": str(cert), "TLS_KEY": str(key)}
        port = free_port()
        author = network.add("author", *AUTHOR, "--tls-cert", cert, "--tls-key", key,
                             "--listen-addr", f"/ip4/127.0.0.1/tcp/{port}/wss")
        author.start()
        with Program("node", "jshost.mjs", "dial", f"/ip4/127.0.0.1/tcp/{port}/wss/p2p/{author.peer}", GENESIS) as host:
            host.succeeds(80)
            assert f"/tcp/{port}/" in host.text(), host.text()
        with Program("node", "jshost.mjs", "listen", "wss", GENESIS) as host:
            address = host.line("LISTENING ", 60)
            assert "/tls/ws/" in address or "/wss/" in address, address
            node = network.add("dialler", "--reserved-nodes", address)
            node.start([author.address()])
            host.succeeds(130)
            node.stop()
        author.stop()


def test_go_libp2p():
    with tempfile.TemporaryDirectory(prefix="stipple-gohost-") as folder:
        meets(build_go_host(pathlib.Path(folder)))


def test_js_libp2p():
    install_packages()
    meets("node", "jshost.mjs")


if __name__ == "__main__":
    main(globals())
