"""A live node writes down what enters its core; the file alone gives the same run again."""
import pathlib
import re
import tempfile

from client_test import install, run_script
from harness import Node, free_port, main, run, shared


def recording():
    return pathlib.Path(tempfile.mkdtemp(prefix="stipple-record-")) / "run.rec"


def replayed(file):
    """Numbers of a replay that went well."""
    code, out, error = run("replay", file)
    assert code == 0, error
    assert "as recorded" in out, out
    return int(re.search(r"(\d+) events", out)[1]), "was killed" in out


def test_a_node_that_was_stopped_replays_to_its_end():
    file = recording()
    with Node(None, None, "--dev-block-time", "300", "--record", file, command=["dev"]) as node:
        node.wait_for("ten blocks", lambda: node.finalized() >= 10, 60)
        node.rpc("author_pendingExtrinsics")
        assert node.stop() == 0
    events, killed = replayed(file)
    assert events >= 20, events
    assert not killed
    code, out, _ = run("replay", file, "--trace")
    assert code == 0
    assert out.count(" BlockImported -> ") >= 10
    assert len(re.findall(r"^ *\d+ +[\d.]+s ", out, re.M)) == events


def test_a_transfer_is_in_the_recording():
    install()
    file = recording()
    with Node(None, None, "--instant-seal", "--record", file, command=["dev"]) as node:
        run_script("transfer.mjs", node)
        assert node.best() == 1
        assert node.stop() == 0
    _, out, error = run("replay", file, "--trace")
    assert "as recorded" in out, error
    order = [out.index(name) for name in ("TransactionSubmitted -> ", "TransactionValidated -> ", "BlockImported -> ")]
    assert order == sorted(order), out


def test_an_author_and_a_killed_peer_of_it_replay_both():
    """Slots, votes, sync and gossip over real sockets, on a chain by the Rust node's runtime."""
    spec = shared("chain-specs/rococo-dev-1.14.json")
    author, killed = recording(), recording()
    port = free_port()
    with Node(spec, None, "--alice", "--force-authoring", "--port", port, "--record", author) as alice:
        address = f"/ip4/127.0.0.1/tcp/{port}/p2p/{alice.rpc('system_localPeerId')}"
        with Node(spec, None, "--port", free_port(), "--bootnodes", address, "--record", killed) as peer:
            peer.wait_for("two finalised blocks", lambda: peer.finalized() >= 2, 120)
            endpoint = alice.rpc("system_unstable_networkState")["connectedPeers"][peer.rpc("system_localPeerId")]
            assert "send_back_addr" in endpoint["endpoint"]["listening"], endpoint
            peer.kill()
        assert alice.stop() == 0
    events, was_killed = replayed(author)
    assert not was_killed and events >= 30, events
    events, was_killed = replayed(killed)
    assert was_killed and events >= 30, events
    whole = killed.read_bytes()
    killed.write_bytes(whole[:-5])
    assert replayed(killed)[0] in (events, events - 1)
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 1
    killed.write_bytes(damaged)
    code, _, error = run("replay", killed)
    assert code == 1
    assert "damaged" in error and "at byte" in error, error


def test_a_file_that_is_there_is_not_written_over():
    file = recording()
    file.write_text("mine")
    code, _, error = run("dev", "--record", file)
    assert code == 1 and "is there already" in error, error
    assert file.read_text() == "mine"
    code, _, error = run("replay", file)
    assert code == 1 and "no recording" in error, error


if __name__ == "__main__":
    main(globals())
