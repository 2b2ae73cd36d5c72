"""A long prepared chain, imported from a file and then synced over loopback: what the network adds to execution.

The chain is one of our development runtime with inherents only ($STIPPLE_LONG_CHAIN blocks, 20 000 unless told), made
by stipple_node_long_chain_bench beside the binary. Prints both rates and the network's share of the time.
"""
import os
import pathlib
import subprocess
import time

from network import BINARY, Network, Skip, main, run

BLOCKS = int(os.environ.get("STIPPLE_LONG_CHAIN", "20000"))
SHARE_MAX = 0.15


def prepared_chain(folder):
    maker = pathlib.Path(BINARY).parent / "src" / "node" / "stipple_node_long_chain_bench"
    if not maker.is_file():
        raise Skip(f"no {maker}: build it first")
    file = folder / "blocks.bin"
    subprocess.run([str(maker)], check=True, capture_output=True,
                   env={**os.environ, "STIPPLE_CHAIN_FILE": str(file), "STIPPLE_CHAIN_BLOCKS": str(BLOCKS)})
    return file


def cpu_seconds(process):
    """By thread: what each has used so far."""
    used = {}
    for task in pathlib.Path(f"/proc/{process.pid}/task").iterdir():
        name, _, rest = (task / "stat").read_text().partition("(")[2].rpartition(")")
        fields = rest.split()
        used[name] = used.get(name, 0) + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return used


def import_seconds(base, file):
    """Of `import-blocks` into a fresh folder, the start of the program included."""
    began = time.monotonic()
    code, _, err = run("import-blocks", "--chain", "dev", "--base-path", base, "--binary", file, timeout=1800)
    assert code == 0, err[-2000:]
    return time.monotonic() - began


def sync_seconds(network, serving, name):
    """Of a fresh node, from its first answer on; and what its threads used for it."""
    following = network.add(name, "--reserved-only")
    serving.node.rpc("system_addReservedPeer", following.address())
    following.start([], "--reserved-nodes", serving.address())
    began, first = time.monotonic(), following.best()
    while following.best() < BLOCKS:
        assert time.monotonic() < began + 3000, following.node.log_text()
        time.sleep(0.05)
    seconds = (time.monotonic() - began) * BLOCKS / (BLOCKS - first)
    used = cpu_seconds(following.node.process)
    network.agree_up_to(BLOCKS)
    following.stop()
    return seconds, used


def test_sync_of_a_long_chain_is_limited_by_execution():
    """The best of three counts, as with every figure: others may use the machine."""
    with Network("dev") as network:
        file = prepared_chain(network.folder)
        serving = network.add("serving", "--reserved-only")
        imported = import_seconds(serving.base, file)
        serving.start()
        assert serving.best() == BLOCKS, serving.best()
        share = 1
        for turn in range(3):
            if turn > 0:
                imported = import_seconds(network.folder / f"import{turn}", file)
            synced, used = sync_seconds(network, serving, f"following{turn}")
            share = min(share, 1 - imported / synced)
            print(f"  import {imported:.1f} s, sync {synced:.1f} s; CPU of the chain thread {used['chain']:.1f} s, "
                  f"core {used['core']:.1f} s, network {used['network']:.1f} s", flush=True)
            if share < SHARE_MAX:
                break
        print(f"networks/import_long_chain {BLOCKS / imported:.0f} blocks/s\n"
              f"networks/sync_long_chain {BLOCKS / synced:.0f} blocks/s\n"
              f"networks/share_of_sync {share * 100:.1f} %", flush=True)
        assert share < SHARE_MAX, f"{share * 100:.1f} % more than the import takes"


if __name__ == "__main__":
    main(globals())
