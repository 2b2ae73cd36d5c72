"""Clients nobody here wrote: each connects, signs a transfer and sees it finalised.

@polkadot/api speaks the older groups of JSON-RPC, polkadot-api the chainHead and transaction groups.
"""
import shutil
import subprocess

from harness import ROOT, Node, Skip, main, shared

CLIENTS = ROOT / "tests" / "clients"


def install():
    """The pinned packages of tests/clients, from the registry npm is set up for."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise Skip("npm and node are not installed: run `make setup-check`")
    if all((CLIENTS / "node_modules" / name).is_dir() for name in ("@polkadot/api", "polkadot-api")):
        return
    # By the lock file; `npm ci` would refuse it, since optional packages for other systems are left out.
    command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"]
    try:
        done = subprocess.run(command, cwd=CLIENTS, capture_output=True, timeout=300)
        reason = done.stderr.decode(errors="replace")[-300:] if done.returncode != 0 else None
    except subprocess.TimeoutExpired:
        reason = "no answer in 300 s"
    if reason is not None:
        shutil.rmtree(CLIENTS / "node_modules", ignore_errors=True)
        raise Skip(f"npm install failed: {reason}")


def run_client(script):
    chain = shared("chain-specs/rococo-dev-1.14.json")
    install()
    with Node(chain, None, "--alice", "--validator", "--force-authoring") as node:
        done = subprocess.run(["node", script, f"ws://127.0.0.1:{node.port}"], cwd=CLIENTS,
                              capture_output=True, timeout=200)
        out = done.stdout.decode(errors="replace")
        assert done.returncode == 0, f"{out}\n{done.stderr.decode(errors='replace')[-2000:]}\n{node.log_text()}"
        assert "OK" in out, out
        assert node.stop() == 0


def test_polkadot_js_transfers_and_sees_finality():
    run_client("transfer.mjs")


def test_polkadot_api_reads_transfers_and_is_refused_with_reasons():
    run_client("papi.mjs")


if __name__ == "__main__":
    main(globals())
