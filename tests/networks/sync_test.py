"""An author and one who joins late: full sync, a restart, a kill in the middle of syncing."""
import time

from network import ROCOCO_DEV, Network, main, shared

AUTHOR = ["--alice", "--validator", "--force-authoring"]


def test_a_late_joiner_follows_and_comes_back_after_a_restart_and_a_kill():
    with Network(shared(ROCOCO_DEV)) as network:
        author, follower = network.add("author", *AUTHOR), network.add("follower")
        author.start()
        network.wait("block 4", lambda: author.best() >= 4, 60)

        follower.start([author.address()])
        network.wait("the same head", lambda: follower.best() >= author.best() > 4, 30)
        network.wait("finality at the follower", lambda: follower.finalized() >= 3, 40)
        network.agree_up_to(follower.finalized())

        follower.stop()
        height = author.best()
        network.wait("blocks the follower does not have", lambda: author.best() >= height + 2, 60)
        follower.start([author.address()])
        network.wait("the head after a restart", lambda: follower.best() >= author.best(), 40)

        follower.kill()
        network.wait("more blocks", lambda: author.best() >= height + 4, 60)
        follower.start([author.address()])
        time.sleep(0.3)
        follower.kill()  # in the middle of connecting or of importing
        follower.start([author.address()])
        network.wait("the head after a kill", lambda: follower.best() >= author.best(), 40)
        final = author.finalized()
        network.wait("finality after a kill", lambda: follower.finalized() >= final, 40)
        network.agree_up_to(final)
        follower.stop()
        author.stop()


def test_a_node_tells_of_its_peers_and_takes_reserved_ones():
    with Network(shared(ROCOCO_DEV)) as network:
        author, follower = network.add("author", *AUTHOR), network.add("follower")
        author.start()
        follower.start()
        assert follower.node.rpc("system_localPeerId") == follower.peer
        assert any(author.peer in address for address in author.node.rpc("system_localListenAddresses"))
        assert follower.node.rpc("system_health")["peers"] == 0
        added = follower.node.rpc("system_addReservedPeer", author.address(websocket=True))
        assert added is None, added
        network.wait("the reserved peer", lambda: follower.peers() == {author.peer}, 30)
        network.wait("the peer that came in", lambda: author.peers() == {follower.peer}, 10)
        assert follower.node.rpc("system_reservedPeers") == [author.peer]
        told = follower.node.rpc("system_peers")[0]
        assert told["roles"] == "AUTHORITY", told
        network.wait("the peer's head", lambda: follower.best() >= author.best() > 0, 40)
        follower.node.rpc("system_removeReservedPeer", author.peer)
        assert follower.node.rpc("system_reservedPeers") == []


if __name__ == "__main__":
    main(globals())
