"""smoldot, a light client, against one node of ours: it verifies finality and reads storage through light/2."""
from interop import AUTHOR, ROCOCO_DEV, ROCOCO_LOCAL, Network, Program, install_packages, main, shared


def test_smoldot_follows_the_chain_and_reads_through_proofs():
    chain = shared(ROCOCO_DEV)
    install_packages()
    with Network(chain) as network:
        author = network.add("author", *AUTHOR)
        author.start()
        with Program("node", "smoldot.mjs", chain, author.address(websocket=True), "--rpc",
                     f"http://127.0.0.1:{author.node.port}", "--seconds", "200") as smoldot:
            smoldot.succeeds(210)
        author.stop()


def test_smoldot_follows_through_a_restart_of_its_only_peer():
    chain = shared(ROCOCO_DEV)
    install_packages()
    with Network(chain) as network:
        author = network.add("author", *AUTHOR)
        author.start()
        with Program("node", "smoldot.mjs", chain, author.address(websocket=True), "--height", "8",
                     "--seconds", "280") as smoldot:
            smoldot.line("begins at", 150)
            network.wait("some finality", lambda: author.finalized() >= 3, 60)
            author.kill()
            author.start()
            smoldot.succeeds(290)


def test_smoldot_warps_over_an_authority_set_change_and_follows_through_the_next():
    chain = shared(ROCOCO_LOCAL)
    install_packages()
    with Network(chain) as network:
        names = ("alice", "bob", "charlie", "dave")
        members = [network.add(name, f"--{name}", "--force-authoring") for name in names]
        for number, member in enumerate(members):
            member.start([other.address() for other in members[:number]])
        node = members[0]
        set_id = "0x5f9cc45b7a00c5899361e1c6099678dc8a2d09463effcc78a22d75b9cb87dffc"  # Grandpa.CurrentSetId

        def present_set():
            stored = node.node.rpc("state_getStorage", set_id, node.node.rpc("chain_getFinalizedHead"))
            return int.from_bytes(bytes.fromhex((stored or "0x00")[2:]), "little")
        network.wait("a finalised set change", lambda: present_set() >= 1, 300)
        height, first = node.finalized(), present_set()
        with Program("node", "smoldot.mjs", chain, node.address(websocket=True), "--height", str(height + 14),
                     "--rpc", f"http://127.0.0.1:{node.node.port}", "--seconds", "380") as smoldot:
            begins = int(smoldot.line("begins at finalised #", 200))
            assert begins > 0, "it began at the genesis: no warp sync"
            smoldot.succeeds(390)
        assert present_set() > first, "no set change while it followed"


if __name__ == "__main__":
    main(globals())
