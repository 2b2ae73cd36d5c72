"""The proxy itself: what a test of a partition rests on."""
import socket
import threading
import time

from network import main
from proxy import Proxy


def echo_server():
    server = socket.create_server(("127.0.0.1", 0))

    def serve(client):
        with client:
            try:
                while data := client.recv(65536):
                    client.sendall(data)
            except OSError:
                pass

    def accept():
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()
    return server


def connect(link):
    client = socket.create_connection(("127.0.0.1", link.port), timeout=20)
    client.settimeout(20)
    return client


def exchange(client, data):
    began = time.monotonic()
    sender = threading.Thread(target=client.sendall, args=(data,))
    sender.start()
    got = bytearray()
    while len(got) < len(data):
        piece = client.recv(65536)
        assert piece, "the connection ended"
        got += piece
    sender.join()
    assert bytes(got) == data
    return time.monotonic() - began


def test_bytes_pass_unchanged_late_and_slowly():
    server = echo_server()
    link = Proxy(server.getsockname()[1])
    with connect(link) as client:
        exchange(client, bytes(range(256)) * 8000)
        link.delay = 0.2
        assert exchange(client, b"x") >= 0.4  # there and back
        link.delay, link.rate = 0.0, 200_000
        assert exchange(client, bytes(200_000)) >= 0.9
        link.heal()
        exchange(client, b"y" * 100_000)
    link.close()
    server.close()


def test_a_held_link_loses_nothing_and_a_cut_one_all():
    server = echo_server()
    link = Proxy(server.getsockname()[1])
    with connect(link) as client:
        link.held = True
        client.sendall(b"later")
        client.settimeout(0.5)
        try:
            assert not client.recv(5), "bytes passed a held link"
            raise AssertionError("the held link ended the connection")
        except TimeoutError:
            pass
        link.held = False
        client.settimeout(20)
        assert client.recv(5) == b"later"
        link.cut()
        try:
            assert client.recv(1) == b""
        except ConnectionResetError:
            pass
    try:
        with connect(link) as client:
            client.sendall(b"?")
            assert client.recv(1) == b""
            raise AssertionError("no bytes, but no reset either")
    except (ConnectionResetError, BrokenPipeError):
        pass
    link.heal()
    with connect(link) as client:
        exchange(client, b"again")
    link.close()
    server.close()


def test_one_connection_in_two_dies():
    server = echo_server()
    link = Proxy(server.getsockname()[1])
    link.drop_one_in(2)
    ends = []
    for _ in range(4):
        with connect(link) as client:
            try:
                exchange(client, bytes(60_000))
                ends.append("whole")
            except (OSError, AssertionError):
                ends.append("dead")
    assert ends == ["whole", "dead", "whole", "dead"], ends
    link.close()
    server.close()


if __name__ == "__main__":
    main(globals())
