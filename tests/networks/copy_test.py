"""A validator's folder copied to a second machine: the copy notices, and the first goes on alone."""
import shutil

from network import ROCOCO_DEV, Network, main, run, shared


def test_a_copy_that_listens_first_stops_before_it_signs():
    with Network(shared(ROCOCO_DEV)) as network:
        alice = network.add("alice", "--alice", "--validator", "--force-authoring")
        copy = network.add("copy", "--alice", "--validator", "--force-authoring", "--signing-wait", "40")
        alice.start()
        network.wait("finality", lambda: alice.finalized() >= 1, 60)
        alice.stop()
        shutil.copytree(alice.base, copy.base)
        shutil.rmtree(copy.base / "network", ignore_errors=True)
        alice.start()
        copy.start([alice.address()])
        network.wait("that the copy notices", lambda: "\nstipple_signing_stopped 1\n" in copy.node.metrics(), 60)
        assert "ANOTHER MACHINE SIGNS WITH OUR KEYS" in copy.node.log_text(100_000)
        height = alice.best()
        network.wait("finality of the first", lambda: copy.finalized() > height, 60)
        assert "\nstipple_signing_stopped 0\n" in alice.node.metrics()
        copy.stop()
        copy.start([alice.address()])  # a restart does not bring it back
        assert "signing is off" in copy.node.log_text(100_000)
        copy.stop()
        code, out, err = run("key", "journal", "resume", "--chain", network.chain, "--base-path", copy.base)
        assert code == 0 and "signing is on" in out, (code, out, err)


if __name__ == "__main__":
    main(globals())
