"""A validator that finality depends on is killed at the worst point of its rounds: finality goes on all the same.

Alone a round takes four seconds, a block six. Killed after its prevote and the import of a block, it would prevote for
more after the restart; its signing journal holds it to what it signed. Who had its prevote is gone, too.
"""
import time

from network import ROCOCO_DEV, Network, main, shared

KILLS = 3


def weights(node):
    best = node.rpc("grandpa_roundState")["best"]
    return best["round"], best["prevotes"]["currentWeight"], best["precommits"]["currentWeight"]


def wait_between_votes(node, seconds=90):
    """Until a block came between the prevote and the precommit of a round."""
    deadline = time.monotonic() + seconds
    seen = None
    while time.monotonic() < deadline:
        number, prevotes, precommits = weights(node)
        if prevotes == 1 and precommits == 0:
            best = node.best()
            if seen is not None and seen[0] == number and best > seen[1]:
                return
            seen = seen if seen is not None and seen[0] == number else (number, best)
        time.sleep(0.02)
    raise AssertionError("no block came between two votes")


def test_a_lone_validator_finalises_on_though_it_would_vote_otherwise_after_the_kill():
    with Network(shared(ROCOCO_DEV)) as network:
        alice = network.add("alice", "--alice", "--validator", "--force-authoring")
        follower = network.add("follower")
        alice.start()
        follower.start([alice.address()])
        network.wait("finality", lambda: follower.finalized() >= 2, 90)
        for kill in range(KILLS):
            wait_between_votes(alice.node)
            height = alice.best()
            alice.kill()
            follower.kill()  # or it would give the vote back
            alice.start()
            follower.start([alice.address()])
            network.wait(f"finality after kill {kill}",
                         lambda: min(alice.finalized(), follower.finalized()) > height, 60)
        network.agree_up_to(height)


if __name__ == "__main__":
    main(globals())
