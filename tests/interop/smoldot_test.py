"""smoldot, a light client, against one node of ours: it verifies finality and reads storage through light/2."""
from interop import AUTHOR, FOLDER, ROCOCO_DEV, Network, Program, install_packages, main, shared


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


if __name__ == "__main__":
    main(globals())
