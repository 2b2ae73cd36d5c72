"""Dialling /wss and listening on it: certificates, names and roots, against Python's own TLS on the other end."""
import os
import socket
import ssl
import subprocess
import threading

from network import ROCOCO_DEV, Network, free_port, main, shared
from harness import Folder, tool

UPGRADE = (b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")


def certificate(folder, name, names):
    """A certificate that is its own root: (certificate, key)."""
    files = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run([tool("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                    "-nodes", "-days", "2", "-subj", "/CN=test", "-addext", f"subjectAltName={names}",
                    "-out", files[0], "-keyout", files[1]], check=True, capture_output=True, timeout=60)
    return files


class TlsProxy:
    """Ends TLS as a web server in front of a node does; notes the names it was asked for."""

    def __init__(self, target, files):
        self.target = target
        self.names = []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*files)
        self.context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                inbound, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(inbound,), daemon=True).start()

    def _serve(self, inbound):
        try:
            secure = self.context.wrap_socket(inbound, server_side=True)
            plain = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            inbound.close()
            return
        secure.settimeout(0.02)  # one thread each way would need a lock around the session
        plain.settimeout(0.02)
        while True:
            for source, sink in ((secure, plain), (plain, secure)):
                try:
                    data = source.recv(65536)
                    if not data:
                        secure.close()
                        plain.close()
                        return
                    sink.settimeout(20)
                    sink.sendall(data)
                    sink.settimeout(0.02)
                except (TimeoutError, ssl.SSLWantReadError):
                    continue
                except OSError:
                    return

    def close(self):
        self.listener.close()


def trusting(file):
    """Nodes started from now on trust this root and no other."""
    os.environ["SSL_CERT_FILE"] = str(file)
    os.environ["SSL_CERT_DIR"] = "/nowhere"


def test_a_node_dials_wss_and_demands_a_certificate_for_the_name():
    with Network(shared(ROCOCO_DEV)) as network, Folder() as folder:
        good = certificate(folder, "good", "DNS:localhost,IP:127.0.0.1")
        other = certificate(folder, "other", "DNS:other.example.org")
        host = network.add("host")
        host.start()
        proxies = {name: TlsProxy(host.port, files) for name, files in (("good", good), ("other", other))}
        for each in proxies.values():
            network.on_exit(each.close)
        trusting(good[0])
        member = network.add("dialler")
        node = member.start([f"/dns/localhost/tcp/{proxies['good'].port}/wss/p2p/{host.peer}"])
        network.wait("a peer over TLS", lambda: host.peer in member.peers(), 20)
        assert proxies["good"].names == ["localhost"], proxies["good"].names
        assert f"/dns/localhost/tcp/{proxies['good'].port}/wss" in node.log_text(100_000)
        for name, root, address in (("other_name", other, f"/dns/localhost/tcp/{proxies['other'].port}/wss"),
                                    ("other_root", other, f"/dns/localhost/tcp/{proxies['good'].port}/tls/ws")):
            trusting(root[0])
            member = network.add(name)
            node = member.start([f"{address}/p2p/{host.peer}"])
            network.wait("the refusal", lambda: "TLS with 127.0.0.1" in node.log_text(100_000), 20)
            assert member.peers() == set()
            member.stop()


def test_a_node_listens_on_wss_with_a_certificate_of_its_operator():
    with Network(shared(ROCOCO_DEV)) as network, Folder() as folder:
        files = certificate(folder, "own", "DNS:localhost,IP:127.0.0.1")
        port = free_port()
        host = network.add("host", "--tls-cert", files[0], "--tls-key", files[1],
                           "--listen-addr", f"/ip4/127.0.0.1/tcp/{port}/wss")
        host.start()
        addresses = host.node.rpc("system_localListenAddresses")
        assert f"/ip4/127.0.0.1/tcp/{port}/wss/p2p/{host.peer}" in addresses, addresses
        context = ssl.create_default_context(cafile=files[0])
        with context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="localhost") as client:
            client.sendall(UPGRADE)
            answer = client.recv(4096)
            assert answer.startswith(b"HTTP/1.1 101") and b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer, answer
        # What is no TLS is closed, and a node of ours comes in.
        with socket.create_connection(("127.0.0.1", port)) as plain:
            plain.sendall(UPGRADE)
            plain.settimeout(20)
            assert not plain.recv(4096).startswith(b"HTTP")
        trusting(files[0])
        member = network.add("dialler")
        member.start([f"/ip4/127.0.0.1/tcp/{port}/wss/p2p/{host.peer}"])
        network.wait("a peer over TLS", lambda: host.peer in member.peers(), 20)


if __name__ == "__main__":
    main(globals())
