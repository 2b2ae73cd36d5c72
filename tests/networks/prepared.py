"""Nodes that begin with a chain from a file: four Rust validators made it (107 blocks, authority-set changes)."""
import shutil

from network import ROCOCO_LOCAL, run, shared

RECORDED = "rococo-local-chain/blocks.bin"
COUNT = 107
NAMES = ["alice", "bob", "charlie"]  # three of four: Ferdie left the set early


def validators(network):
    """Validators with the recorded chain; they go on with it once started."""
    first = network.folder / "prepared"
    code, _, err = run("import-blocks", "--chain", shared(ROCOCO_LOCAL), "--base-path", first, "--binary",
                       shared(RECORDED))
    assert code == 0, err[-2000:]
    members = [network.add(name, f"--{name}", "--force-authoring") for name in NAMES]
    for member in members:
        shutil.copytree(first, member.base)
    return members


def start_all(members):
    """Each knows those before it; discovery has to find the others."""
    for number, member in enumerate(members):
        member.start([other.address() for other in members[:number]])


def running_on(network, seconds=300):
    """The validators, once they have finalised more than the recorded chain of several authority sets."""
    members = validators(network)
    start_all(members)
    network.wait("finality above the recorded chain", lambda: all(each.finalized() > COUNT for each in members), seconds)
    return members


def has_history(rpc, height):
    return all(rpc("chain_getBlockHash", number) for number in range(1, height))
