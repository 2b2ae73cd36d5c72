"""A client nobody here wrote: @polkadot/api connects, signs a transfer and sees it finalised."""
import shutil
import subprocess

from harness import ROOT, Node, Skip, main, shared

CLIENTS = ROOT / "tests" / "clients"


def install():
    """The pinned packages of tests/clients, from the registry npm is set up for."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise Skip("npm and node are not installed: run `make setup-check`")
    if not (CLIENTS / "node_modules").is_dir():
        done = subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=CLIENTS, capture_output=True, timeout=240)
        if done.returncode != 0:
            shutil.rmtree(CLIENTS / "node_modules", ignore_errors=True)
            raise Skip(f"npm ci failed: {done.stderr.decode(errors='replace')[-300:]}")


def test_polkadot_js_transfers_and_sees_finality():
    chain = shared("chain-specs/rococo-dev-1.14.json")
    install()
    with Node(chain, None, "--alice", "--validator", "--force-authoring") as node:
        done = subprocess.run(["node", "transfer.mjs", f"ws://127.0.0.1:{node.port}"], cwd=CLIENTS,
                              capture_output=True, timeout=150)
        out = done.stdout.decode(errors="replace")
        assert done.returncode == 0, f"{out}\n{done.stderr.decode(errors='replace')[-2000:]}\n{node.log_text()}"
        assert "OK" in out, out
        assert node.stop() == 0


if __name__ == "__main__":
    main(globals())
