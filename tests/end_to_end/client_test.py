"""Clients nobody here wrote: each connects, signs a transfer and sees it finalised.

@polkadot/api speaks the older groups of JSON-RPC, polkadot-api the chainHead and transaction groups.
"""
import subprocess

from harness import ROOT, Node, install_npm, main, shared

CLIENTS = ROOT / "tests" / "clients"


def install():
    """The pinned packages of tests/clients."""
    install_npm(CLIENTS, ("@polkadot/api", "polkadot-api"))


def run_script(script, node, *arguments):
    """A client's script against a running node; it prints OK when all went well."""
    done = subprocess.run(["node", script, f"ws://127.0.0.1:{node.port}", *arguments], cwd=CLIENTS,
                          capture_output=True, timeout=200)
    out = done.stdout.decode(errors="replace")
    assert done.returncode == 0, f"{out}\n{done.stderr.decode(errors='replace')[-2000:]}\n{node.log_text()}"
    assert "OK" in out, out


def run_client(script):
    chain = shared("chain-specs/rococo-dev-1.14.json")
    install()
    with Node(chain, None, "--alice", "--validator", "--force-authoring") as node:
        run_script(script, node)
        assert node.stop() == 0


def test_polkadot_js_transfers_and_sees_finality():
    run_client("transfer.mjs")


def test_polkadot_api_reads_transfers_and_is_refused_with_reasons():
    run_client("papi.mjs")


if __name__ == "__main__":
    main(globals())
