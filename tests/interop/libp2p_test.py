"""go-libp2p and js-libp2p hosts: ping, identify, Kademlia, requests and announcements, dialling and dialled."""
import tempfile
import pathlib

from interop import AUTHOR, GENESIS, ROCOCO_DEV, Network, Program, build_go_host, install_packages, main, shared


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


def test_go_libp2p():
    with tempfile.TemporaryDirectory(prefix="stipple-gohost-") as folder:
        meets(build_go_host(pathlib.Path(folder)))


def test_js_libp2p():
    install_packages()
    meets("node", "jshost.mjs")


if __name__ == "__main__":
    main(globals())
