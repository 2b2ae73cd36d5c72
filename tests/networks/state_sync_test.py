"""Late joiners by every mode: warp and fast, through kills, and what they tell and serve afterwards."""
import json
import time

import prepared
from network import ROCOCO_DEV, ROCOCO_LOCAL, Network, RpcError, main, run, shared
from proxy import Proxy

AUTHOR = ["--alice", "--validator", "--force-authoring"]


def log_of(member):
    return member.node.log_text(10_000_000)


def test_a_late_joiner_warps_follows_and_fills_its_history():
    with Network(shared(ROCOCO_LOCAL)) as network:
        validators = prepared.running_on(network)
        addresses = [each.address() for each in validators]
        late = network.add("late", "--sync", "warp")
        late.start(addresses)
        network.wait("the end of warp sync", lambda: late.best() > 0, 120)
        first = first_state(late)
        assert first >= 3, first
        network.wait("the head", lambda: late.best() >= validators[0].best(), 60)
        final = validators[0].finalized()
        network.wait("finality", lambda: late.finalized() > final, 90)
        network.agree_up_to(late.finalized())
        network.wait("its history", lambda: prepared.has_history(late.node.rpc, first), 60)
        network.agree_up_to(1)
        # The past has blocks and no states.
        hash_1 = late.node.rpc("chain_getBlockHash", 1)
        assert late.node.rpc("chain_getBlock", hash_1)["block"]["header"]["number"] == "0x1"
        try:
            late.node.rpc("state_getStorage", "0x3a636f6465", hash_1)
            raise AssertionError("state of before the synced block")
        except RpcError as error:
            assert "State already discarded" in str(error), error
        assert late.node.rpc("system_health")["isSyncing"] is False
        state = late.node.rpc("system_syncState")
        assert state["currentBlock"] >= first and state["highestBlock"] >= first, state
        assert "Warping" in log_of(late) or "State sync" in log_of(late)

        # It comes back as what it is, and others can warp from it alone.
        late.kill()
        late.start(addresses)
        network.wait("the head after a kill", lambda: late.best() >= validators[0].best(), 60)
        again = network.add("again", "--sync", "warp")
        again.start([late.address()] + addresses[:2])
        network.wait("warp sync from one that warped", lambda: again.best() > 0, 120)
        network.wait("its head", lambda: again.best() >= validators[0].best(), 60)
        network.agree_up_to(again.finalized())


def first_state(member):
    """The lowest block whose state is here."""
    def has_state(number):
        try:
            block = member.node.rpc("chain_getBlockHash", number)
            return block is not None and bool(member.node.rpc("state_getStorageHash", "0x3a636f6465", block))
        except RpcError:
            return False
    return next(number for number in range(1, member.best() + 1) if has_state(number))


def slow_links(network, members):
    """Addresses through links so slow that a state takes seconds, and a kill can meet its download."""
    links = [Proxy(member.port, seed) for seed, member in enumerate(members)]
    for link in links:
        network.on_exit(link.close)
        link.rate = 150_000
    return links, [member.address(link.port) for member, link in zip(members, links)]


def kill_at(member, addresses, word, seconds=120):
    """Starts, waits for a word in the log, kills; the log so far."""
    member.start(addresses)
    deadline = time.monotonic() + seconds
    while word not in log_of(member):
        assert time.monotonic() < deadline, f"no `{word}`:\n{member.node.log_text()}"
        time.sleep(0.01)
    text = log_of(member)
    member.kill()
    return text


def test_kills_at_every_stage_of_a_warp_sync_lose_nothing_verified():
    with Network(shared(ROCOCO_LOCAL)) as network:
        validators = prepared.running_on(network)
        links, addresses = slow_links(network, validators)
        late = network.add("late", "--sync", "warp", "--no-private-ip")
        kill_at(late, addresses, "warp proof: ")
        text = kill_at(late, addresses, ": range ")
        assert "goes on at" in text and "warp proof: " not in text, "the verified sets were asked for again"
        for link in links:
            link.heal()
        late.start(addresses)
        network.wait("the head", lambda: late.best() >= validators[0].best(), 90)
        again = log_of(late)
        assert "Warping" not in again and "range 1 stored" not in again, "verified state was asked for again"
        final = validators[0].finalized()
        network.wait("finality", lambda: late.finalized() > final, 90)
        network.wait("its history", lambda: prepared.has_history(late.node.rpc, late.best()), 60)
        network.agree_up_to(1)
        network.agree_up_to(late.finalized())


def test_a_late_joiner_syncs_fast_through_a_kill():
    sync_through_a_kill("fast")


def test_a_late_joiner_syncs_fast_without_proofs_through_a_kill():
    sync_through_a_kill("fast-unsafe")


def sync_through_a_kill(mode):
    with Network(shared(ROCOCO_DEV)) as network:
        author = network.add("author", *AUTHOR)
        author.start()
        network.wait("a chain", lambda: author.finalized() >= 12, 240)
        links, addresses = slow_links(network, [author])
        late = network.add("late", "--sync", mode, "--no-private-ip")
        # The link is so slow that finality goes on before the first range is here.
        kill_at(late, addresses, ": range ")
        for link in links:
            link.heal()
        late.start(addresses)
        network.wait("the head", lambda: late.best() >= author.best(), 120)
        assert mode != "fast" or "range 1 stored" not in log_of(late), "verified state was asked for again"
        final = author.finalized()
        network.wait("finality", lambda: late.finalized() > final, 90)
        network.agree_up_to(late.finalized())
        network.agree_up_to(1)
        assert first_state(late) > 3
        late.stop()
        late.start([author.address()])
        network.wait("the head after a restart", lambda: late.best() >= author.best(), 60)


def checkpoint_spec(network, member, name, alter=lambda spec: None):
    """The specification with a checkpoint, as this node makes it."""
    spec = member.node.rpc("sync_state_genSyncSpec", True)
    assert spec["lightSyncState"]["grandpaAuthoritySet"].startswith("0x"), spec.keys()
    alter(spec)
    path = network.folder / f"{name}.json"
    path.write_text(json.dumps(spec))
    return path


def test_a_late_joiner_warps_from_the_checkpoint_of_its_specification():
    with Network(shared(ROCOCO_LOCAL)) as network:
        validators = prepared.running_on(network)
        addresses = [each.address() for each in validators]
        checkpoint = checkpoint_spec(network, validators[0], "checkpoint")
        at = validators[0].finalized()
        network.wait("finality above it", lambda: validators[0].finalized() > at + 1, 120)

        def spoil(spec):
            spec["lightSyncState"]["grandpaAuthoritySet"] = "0x00" + spec["lightSyncState"]["grandpaAuthoritySet"][4:]
        broken = checkpoint_spec(network, validators[0], "broken", spoil)
        code, _, err = run("--chain", broken, "--base-path", network.folder / "refused", "--sync", "warp",
                           "--no-prometheus")
        assert code != 0 and "lightSyncState.grandpaAuthoritySet" in err, (code, err)

        network.chain = checkpoint
        late = network.add("late", "--sync", "warp")
        late.start(addresses)
        network.wait("the end of warp sync", lambda: late.best() > 0, 120)
        text = log_of(late)
        assert "begin at the checkpoint #" in text, text[-2000:]
        assert "warp proof: 1 fragments" in text or "warp proof: 2 fragments" in text, text[-2000:]
        network.wait("the head", lambda: late.best() >= validators[0].best(), 60)
        final = validators[0].finalized()
        network.wait("finality", lambda: late.finalized() > final, 90)
        network.wait("its history", lambda: prepared.has_history(late.node.rpc, late.best()), 60)
        network.agree_up_to(1)
        network.agree_up_to(late.finalized())
        late.stop()
        late.start(addresses)
        network.wait("the head after a restart", lambda: late.best() >= validators[0].best(), 60)


def test_modes_that_can_not_be_are_refused_with_a_reason():
    for arguments, words in ((["--sync", "warp", "--state-pruning", "archive"], "--sync full"),
                             (["--sync", "fast", "--state-pruning", "archive-canonical"], "--sync full"),
                             (["--sync", "light"], "light")):
        code, _, err = run("--chain", shared(ROCOCO_DEV), "--tmp", "--no-prometheus", *arguments)
        lines = err.replace("Run with --help for more information.", "").strip().splitlines()
        assert code != 0 and words in err and len(lines) == 1, (arguments, code, err)  # before anything is opened


if __name__ == "__main__":
    main(globals())
