"""Every justification that our validators make verifies with the crate finality-grandpa (program justify/).

Four of the five authorities of a real Rococo chain: its first sessions change the authority set, and each change stores
a justification, made by our voters.
"""
import pathlib
import subprocess
import sys
import tempfile

from interop import FOLDER, ROCOCO_LOCAL, Network, Skip, attempt, main, shared, tool

SETS = 2


def build():
    folder = pathlib.Path(tempfile.gettempdir()) / "stipple-test-justify"  # kept: the crates are compiled once
    folder.mkdir(exist_ok=True)
    reason = attempt([tool("cargo"), "build", "--release", "--manifest-path", FOLDER / "justify" / "Cargo.toml",
                      "--target-dir", folder], folder, 900)
    if reason is not None:
        raise Skip(f"cargo build failed: {reason}")
    return folder / "release" / "justify"


def justified_blocks(node):
    """A line for each block that has a GRANDPA justification: see justify/src/main.rs."""
    lines = []
    for number in range(1, node.finalized() + 1):
        block = node.rpc("chain_getBlockHash", number)
        for engine, justification in node.rpc("chain_getBlock", block)["justifications"] or []:
            if bytes(engine) != b"FRNK":
                continue
            before = node.rpc("chain_getBlockHash", number - 1)
            authorities = node.rpc("state_call", "GrandpaApi_grandpa_authorities", "0x", before)
            set_id = int.from_bytes(bytes.fromhex(
                node.rpc("state_call", "GrandpaApi_current_set_id", "0x", before)[2:]), "little")
            lines.append(f"{set_id} {authorities} {block} {number} 0x{bytes(justification).hex()}")
    return lines


def test_the_justifications_of_our_validators_verify():
    with Network(shared(ROCOCO_LOCAL)) as network:
        program = build()
        members = [network.add(name, f"--{name}", "--force-authoring") for name in ("alice", "bob", "charlie", "dave")]
        for number, member in enumerate(members):
            member.start([other.address() for other in members[:number]])
        network.wait("two changes of the set", lambda: all(
            m.node.rpc("grandpa_roundState")["setId"] >= SETS for m in members), 400)
        height = members[0].finalized()
        network.wait("finality in the set", lambda: all(m.finalized() >= height + 1 for m in members), 120)
        lines = justified_blocks(members[-1].node)
        assert len(lines) >= SETS, lines
    done = subprocess.run([program], input="\n".join(lines), capture_output=True, text=True, timeout=60)
    print(done.stdout, file=sys.stderr)
    assert done.returncode == 0 and done.stdout.endswith("OK\n"), done.stderr


if __name__ == "__main__":
    main(globals())
