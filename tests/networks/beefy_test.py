"""BEEFY among real processes on the real Rococo runtime: four of five validators prove mandatory and other blocks, a
late joiner follows, a restarted one goes on, and the mountain range answers with proofs that the runtime verifies."""
from network import ROCOCO_LOCAL, Network, RpcError, main, shared


def proven(member):
    """Number of the newest block with a BEEFY proof; 0 before there is one."""
    try:
        head = member.node.rpc("beefy_getFinalizedHead")
    except RpcError as error:
        assert "BEEFY RPC endpoint not ready" in str(error), error
        return 0
    return int(member.node.rpc("chain_getHeader", head)["number"], 16)


def check_range(node, number):
    at = node.rpc("chain_getBlockHash", number)
    root = node.rpc("mmr_root", at)
    header = node.rpc("chain_getHeader", at)
    logs = [log for log in header["digest"]["logs"] if log.startswith("0x0442454546") and log.endswith(root[2:])]
    assert logs, f"the root {root} is not in the header of #{number}: {header}"
    # A leaf is that of the block before; blocks 1.. have leaves 0..
    proof = node.rpc("mmr_generateProof", [2, 4], number, at)
    assert node.rpc("mmr_verifyProof", proof) is True
    assert node.rpc("mmr_verifyProofStateless", root, proof) is True
    damaged = dict(proof, proof=proof["proof"][:-2] + ("00" if proof["proof"][-2:] != "00" else "01"))
    try:
        node.rpc("mmr_verifyProof", damaged)
    except RpcError as error:
        assert "Invalid proof" in str(error) or "verify" in str(error).lower(), error
    else:
        raise AssertionError("a damaged proof was accepted")


def check_sync_spec(node):
    spec = node.rpc("sync_state_genSyncSpec", True)
    state = spec["lightSyncState"]
    assert sorted(state) == ["babeEpochChanges", "babeFinalizedBlockWeight", "finalizedBlockHeader",
                             "grandpaAuthoritySet"], sorted(state)
    assert spec["genesis"]["raw"]["top"], "no genesis"


def test_four_of_five_validators_prove_blocks_and_a_late_one_follows():
    with Network(shared(ROCOCO_LOCAL)) as network:
        members = [network.add(name, f"--{name}", "--force-authoring") for name in ("alice", "bob", "charlie", "dave")]
        for number, member in enumerate(members):
            member.start([other.address() for other in members[:number]])
        network.wait("a mandatory block proven everywhere", lambda: all(proven(m) >= 1 for m in members), 200)
        network.wait("a block of its own choice proven", lambda: all(proven(m) >= 9 for m in members), 200)
        head = min(proven(m) for m in members)
        assert all(m.node.rpc("chain_getBlockHash", head) == members[0].node.rpc("chain_getBlockHash", head)
                   for m in members)
        check_range(members[0].node, head)
        check_sync_spec(members[0].node)
        late = network.add("late")
        late.start([members[2].address()])
        members[3].stop()
        members[3].start([members[0].address()])
        target = head + 8
        network.wait("more proven, also where it was restarted and joined late",
                     lambda: all(proven(m) >= target for m in [*members, late]), 250)
        check_range(late.node, 5 + target // 2)


if __name__ == "__main__":
    main(globals())
