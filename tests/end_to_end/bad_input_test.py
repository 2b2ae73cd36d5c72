"""Bad input gets one clear line and an exit code; nothing is lost."""
import json
import os
import re
import shutil
import socket
import subprocess

from harness import Folder, Node, RpcError, Skip, free_port, main, run, shared

ROCOCO = "chain-specs/rococo-dev-1.14.json"


def refused(words, *arguments, code=1, **options):
    got, out, err = run(*arguments, **options)
    assert got == code, f"exit code {got}, expected {code}: {err[-1500:]}"
    lines = [line for line in err.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1, err[-1500:]
    for word in words:
        assert word in lines[0], f"{word!r} is not in {lines[0]!r}"


def spec_with(folder, change):
    spec = json.loads(shared(ROCOCO).read_text())
    change(spec)
    path = folder / "spec.json"
    path.write_text(json.dumps(spec))
    return path


def info(folder, path):
    return ["import-blocks", "--chain", path, "--base-path", folder / "base", os.devnull]


def test_a_spec_that_is_missing_or_not_json():
    with Folder() as folder:
        refused(["nowhere.json"], *info(folder, folder / "nowhere.json"))
        (folder / "text.json").write_text("this is no JSON")
        refused(["text.json"], *info(folder, folder / "text.json"))


def test_a_spec_without_genesis():
    with Folder() as folder:
        refused(["genesis"], *info(folder, spec_with(folder, lambda spec: spec.pop("genesis"))))


def test_a_spec_with_odd_hex():
    def odd(spec):
        spec["genesis"]["raw"]["top"]["0x3a686561707061676573"] = "0x123"
    with Folder() as folder:
        refused(["genesis.raw.top", "hex"], *info(folder, spec_with(folder, odd)))


def test_a_runtime_that_does_not_compile():
    def broken(spec):
        spec["genesis"]["raw"]["top"]["0x3a636f6465"] = "0x0061736d01000000ffffff"
    with Folder() as folder:
        refused(["code"], *info(folder, spec_with(folder, broken)))


def test_a_runtime_with_unknown_imports():
    # (module (import "env" "ext_unknown_version_1" (func)))
    wasm = bytes.fromhex("0061736d01000000010401600000021d0103656e7615") + b"ext_unknown_version_1" + b"\x00\x00"

    def unknown(spec):
        spec["genesis"]["raw"]["top"]["0x3a636f6465"] = "0x" + wasm.hex()
    with Folder() as folder:
        refused(["ext_unknown_version_1"], *info(folder, spec_with(folder, unknown)))


def test_a_database_of_another_chain():
    other = shared("chain-specs/westend-local-0.9.32.json")
    with Folder() as folder:
        first = spec_with(folder, lambda spec: None)
        assert run(*info(folder, first))[0] == 0
        spec = json.loads(other.read_text())
        spec["id"] = json.loads(first.read_text())["id"]
        second = folder / "other.json"
        second.write_text(json.dumps(spec))
        refused(["genesis"], *info(folder, second))
        assert run(*info(folder, first))[0] == 0


def test_a_damaged_database_file():
    with Folder() as folder:
        chain = shared(ROCOCO)
        assert run(*info(folder, chain))[0] == 0
        db = next((folder / "base" / "chains").glob("*/db"))
        manifest = next(db.glob("MANIFEST-*"))
        manifest.write_bytes(b"damaged" * 100)
        refused([str(db)], *info(folder, chain))


def test_a_database_that_is_open_elsewhere():
    with Folder() as folder:
        chain = shared(ROCOCO)
        with Node(chain, folder / "base"):
            refused(["db"], *info(folder, chain))


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def test_blocks_that_are_damaged_and_then_the_good_file():
    good = shared("rococo-dev-chain/blocks.bin").read_bytes()
    # Block 1 has one seal; each later block has its own and its parent's, in an inherent.
    seals = [found.end() for found in re.finditer(rb"\x05BABE\x01\x01", good)]
    state_root = 8 + 32 + 1  # of block 1: behind the count of blocks, the parent and the number
    with Folder() as folder:
        common = ["--chain", shared(ROCOCO), "--base-path", folder / "base"]

        def importing(data):
            path = folder / "blocks.bin"
            path.write_bytes(data)
            return ["import-blocks", *common, "--binary", path]
        refused(["block #1 ", "seal"], *importing(flipped(good, state_root)))
        refused(["block #11 ", "seal"], *importing(flipped(good, seals[19] + 5)))
        refused(["block #21 ", "extrinsics root"], *importing(flipped(good, seals[40] + 5)))
        refused(["block 26 of the file", "ends"], *importing(good[:60000]))
        code, out, err = run(*importing(good))
        assert code == 0, err[-1500:]
        assert "#102" in run("chain-info", *common)[1] + out + err


def test_a_disk_that_is_full_loses_nothing():
    blocks = shared("rococo-dev-chain/blocks.bin")
    with Folder() as folder:
        disk = folder / "disk"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)],
                                 capture_output=True, text=True)
        if mounted.returncode != 0:
            raise Skip(f"no small disk: {mounted.stderr.strip()}")
        try:
            # Kilobytes free: the first rows do not fit, the genesis state does not, a block does not.
            for free in (100, 1000, 3000):
                common = ["--chain", shared(ROCOCO), "--base-path", disk / f"base-{free}"]
                used = sum(file.stat().st_blocks * 512 for file in disk.rglob("*") if file.is_file())
                (disk / "filler").write_bytes(bytes(max(0, 24 * 1024 * 1024 - used - free * 1024)))
                code, _, err = run("import-blocks", *common, "--binary", blocks)
                lines = [line for line in err.splitlines() if line.startswith("Error: ")]
                assert code == 1, f"{free} kB free: exit code {code}: {err[-1500:]}"
                assert len(lines) == 1 and "No space left on device" in lines[0], f"{free} kB free: {err[-1500:]}"
                (disk / "filler").unlink()
                subprocess.run(["mount", "-o", "remount,size=512m", str(disk)], check=True)
                code, _, err = run("import-blocks", *common, "--binary", blocks)
                assert code == 0, f"{free} kB free, then enough: {err[-1500:]}"
                shutil.rmtree(disk / f"base-{free}")
                subprocess.run(["mount", "-o", "remount,size=24m", str(disk)], check=True)
        finally:
            subprocess.run(["umount", str(disk)], check=True)


def test_a_port_in_use():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused([str(port), "in use"], "--chain", shared(ROCOCO), "--tmp", "--rpc-port", port)


def test_a_malformed_key_file():
    with Folder() as folder:
        keys = folder / "keys"
        keys.mkdir()
        (keys / ("62616265" + "00" * 32)).write_text("not a JSON string")
        refused(["62616265"], "--chain", shared(ROCOCO), "--tmp", "--validator", "--keystore-path", keys,
                "--rpc-port", free_port(), "--no-prometheus")


def test_an_unknown_flag():
    code, _, err = run("--no-such-flag")
    assert code == 2 and "no-such-flag" in err


def test_rpc_bodies_that_are_too_large_too_deep_or_not_json():
    with Node(shared(ROCOCO), None) as node:
        status, body = node.post(b"{")
        assert json.loads(body)["error"]["code"] == -32700
        status, _ = node.post(b'"' + b"x" * (16 * 1024 * 1024) + b'"')
        assert status == 413, status
        deep = b'{"jsonrpc":"2.0","id":1,"method":"system_name","params":' + b"[" * 5000 + b"]" * 5000 + b"}"
        status, body = node.post(deep)
        assert json.loads(body)["error"]["code"] in (-32700, -32600), body
        try:
            node.rpc("state_getKeysPaged", "0x", 1000000)
            raise AssertionError("a million keys were not refused")
        except RpcError as error:
            assert error.code in (4002, -32602), error
        assert node.rpc("system_health")["peers"] == 0


if __name__ == "__main__":
    main(globals())
