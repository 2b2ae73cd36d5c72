"""import-blocks, export-blocks, export-state, check-block, revert, chain-info, purge-chain on real chains."""
import gzip
import json

from harness import Folder, Node, main, run, shared

ROCOCO = "chain-specs/rococo-dev-1.14.json"
LOCAL = "chain-specs/rococo-local-bulk-1.15.json"


def expect(code, *arguments, **options):
    got, out, err = run(*arguments, **options)
    assert got == code, f"{arguments}: exit code {got}, expected {code}\n{err[-2000:]}"
    return out, err


def test_imports_the_rust_nodes_file_and_exports_the_same_bytes():
    chain, blocks = shared(ROCOCO), shared("rococo-dev-chain/blocks.bin")
    with Folder() as base:
        common = ["--chain", chain, "--base-path", base]
        expect(0, "import-blocks", *common, "--binary", "--state-pruning", "archive", blocks)
        expect(0, "export-blocks", *common, "--binary", "--state-pruning", "archive", base / "out.bin")
        assert (base / "out.bin").read_bytes() == blocks.read_bytes()
        expect(0, "export-blocks", *common, "--state-pruning", "archive", "--to", "5", base / "out.json")
        assert (base / "out.json").read_bytes() == shared("rococo-dev-chain/blocks.json").read_bytes()
        out, _ = expect(0, "export-state", *common, "--state-pruning", "archive", "30")
        recorded = json.loads(gzip.decompress(shared("rococo-dev-chain/state-at-30.json.gz").read_bytes()))
        assert json.loads(out)["genesis"] == recorded["genesis"]
        expect(0, "check-block", *common, "--state-pruning", "archive", "50")
        out, _ = expect(0, "chain-info", *common, "--state-pruning", "archive")
        assert "102" in out, out
        expect(0, "revert", *common, "--state-pruning", "archive", "2")
        expect(0, "purge-chain", *common, "-y")
        assert not (base / "chains" / "rococo_dev" / "db").exists()


def test_proves_finality_as_the_rust_node_did():
    chain, blocks = shared(ROCOCO), shared("rococo-dev-chain/blocks.bin")
    answers = [json.loads(line) for line in shared("rococo-dev-chain/answers.jsonl").read_text().splitlines()]
    asked = [answer for answer in answers if answer["method"] == "grandpa_proveFinality"]
    assert asked
    with Folder() as base:
        expect(0, "import-blocks", "--chain", chain, "--base-path", base, "--binary", blocks)
        with Node(chain, base) as node:
            for answer in asked:
                ours = node.rpc("grandpa_proveFinality", *answer["params"])
                theirs = answer["result"]
                if "sha256" in str(theirs)[:12]:
                    continue
                assert ours == theirs, (answer["params"], str(ours)[:80], str(theirs)[:80])
            assert node.stop() == 0


def test_follows_the_justifications_of_four_validators():
    chain, blocks = shared(LOCAL), shared("rococo-local-chain/blocks.bin")
    with Folder() as base:
        common = ["--chain", chain, "--base-path", base, "--state-pruning", "archive"]
        expect(0, "import-blocks", *common, "--binary", blocks)
        out, _ = expect(0, "chain-info", *common)
        assert "107" in out, out
        assert "99" in out, out  # the last block with a justification in the file


def test_an_import_can_be_repeated_and_continued():
    chain, blocks = shared(ROCOCO), shared("rococo-dev-chain/blocks.bin")
    with Folder() as base:
        common = ["--chain", chain, "--base-path", base]
        expect(0, "import-blocks", *common, "--binary", blocks)
        expect(0, "import-blocks", *common, "--binary", blocks)


if __name__ == "__main__":
    main(globals())
