"""The signing journal as operators use it: carried to another machine, and one node at a time."""
from harness import Folder, Node, main, run


def journal(action, base, *more, stdin=None):
    return run("key", "journal", action, "--chain", "dev", "--base-path", base, *more, stdin=stdin)


def test_a_journal_moves_with_its_validator():
    with Folder() as old, Folder() as new:
        with Node("dev", old, "--alice", "--validator", "--force-authoring") as node:
            node.wait_for("finality", lambda: node.finalized() >= 1, 60)
            code, _, err = journal("export", old)
            assert code == 1 and "stop it first" in err, (code, err)
            code, _, err = run("--chain", "dev", "--base-path", old, "--rpc-port", "0", "--no-prometheus")
            assert code == 1 and "stop it first" in err and len(err.strip().splitlines()) <= 2, (code, err)
            assert node.stop() == 0
        code, text, err = journal("export", old)
        assert code == 0 and "do not start this node again" in err, (code, err)
        assert "babe_block" in text and "grandpa_precommit" in text, text
        code, out, err = journal("import", new, stdin=text.encode())
        assert code == 0 and "0 were as new or newer" in out, (code, out, err)
        code, out, _ = journal("import", new, stdin=text.encode())
        assert code == 0 and out.startswith("0 raised"), out
        assert journal("export", new)[1] == text
        code, _, err = journal("import", new, stdin=text[:-20].encode())
        assert code == 1 and "journal to import" in err, (code, err)
        code, out, _ = journal("show", new)
        assert code == 0 and "signing is on" in out, out
        code, _, err = journal("show", new / "nothing")
        assert code == 1 and "no signing journal" in err, (code, err)


if __name__ == "__main__":
    main(globals())
