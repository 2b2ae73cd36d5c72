"""A long prepared chain, imported from a file and then synced over loopback: what the network adds to execution.

The chain is one of our development runtime with inherents only ($STIPPLE_LONG_CHAIN blocks, 20 000 unless told), made
by stipple_node_bench beside the binary. Prints both rates and the network's share of the time.
"""
import os
import pathlib
import subprocess
import time

from network import BINARY, Network, Skip, main, run

BLOCKS = int(os.environ.get("STIPPLE_LONG_CHAIN", "20000"))
SHARE_MAX = 0.15


def prepared_chain(folder):
    maker = pathlib.Path(BINARY).parent / "src" / "node" / "stipple_node_bench"
    if not maker.is_file():
        raise Skip(f"no {maker}: build it first")
    file = folder / "blocks.bin"
    subprocess.run([str(maker)], check=True, capture_output=True,
                   env={**os.environ, "STIPPLE_CHAIN_FILE": str(file), "STIPPLE_CHAIN_BLOCKS": str(BLOCKS)})
    return file


def import_seconds(base, file):
    """Of `import-blocks` into a fresh folder, the start of the program included."""
    began = time.monotonic()
    code, _, err = run("import-blocks", "--chain", "dev", "--base-path", base, "--binary", file, timeout=1800)
    assert code == 0, err[-2000:]
    return time.monotonic() - began


def test_sync_of_a_long_chain_is_limited_by_execution():
    with Network("dev") as network:
        file = prepared_chain(network.folder)
        serving = network.add("serving", "--reserved-only")
        imported = import_seconds(serving.base, file)
        serving.start()
        assert serving.best() == BLOCKS, serving.best()
        following = network.add("following", "--reserved-only")
        serving.node.rpc("system_addReservedPeer", following.address())
        following.start([], "--reserved-nodes", serving.address())
        began, first = time.monotonic(), following.best()
        while following.best() < BLOCKS:
            assert time.monotonic() < began + 1800, following.node.log_text()
            time.sleep(0.05)
        synced = (time.monotonic() - began) * BLOCKS / (BLOCKS - first)
        share = 1 - imported / synced
        print(f"network.import_long_chain {BLOCKS / imported:.0f} blocks/s\n"
              f"network.sync_long_chain {BLOCKS / synced:.0f} blocks/s\n"
              f"network.share_of_sync {share * 100:.1f} %", flush=True)
        network.agree_up_to(BLOCKS)
        assert share < SHARE_MAX, (imported, synced)


if __name__ == "__main__":
    main(globals())
