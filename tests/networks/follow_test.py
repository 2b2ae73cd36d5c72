"""Two nodes for half a minute: one authors, the other joins, follows and finalises. Part of `make test`."""
from network import ROCOCO_DEV, Network, main, shared


def test_a_node_joins_and_follows():
    with Network(shared(ROCOCO_DEV)) as network:
        author = network.add("author", "--alice", "--validator", "--force-authoring")
        follower = network.add("follower")
        author.start()
        network.wait("a block", lambda: author.best() >= 1, 30)
        follower.start([author.address()])
        network.wait("the same head", lambda: follower.best() >= author.best(), 30)
        network.wait("an announced block", lambda: follower.best() >= 2, 30)
        network.wait("finality", lambda: follower.finalized() >= 1, 40)
        network.agree_up_to(follower.finalized())
        follower.stop()
        author.stop()


if __name__ == "__main__":
    main(globals())
