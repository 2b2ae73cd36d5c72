"""kill -9 in the middle of imports never loses a finalised block or leaves a database that does not open."""
import os
import random
import re
import subprocess
import time

from harness import BINARY, Folder, main, run, shared

LOOPS = int(os.environ.get("STIPPLE_CRASH_LOOPS", "100"))
SEED = int(os.environ.get("STIPPLE_SEED", "1"))


def heights(common):
    code, out, err = run("chain-info", *common)
    if code == 1 and "there is no database here" in err:
        return 0, 0, ""  # killed before there was one
    assert code == 0, err[-2000:]
    best = int(re.search(r"best\D+(\d+)", out).group(1))
    finalized = int(re.search(r"finalized\D+(\d+)", out).group(1))
    return best, finalized, out


def test_a_hundred_kills():
    chain, blocks = shared("chain-specs/rococo-local-bulk-1.15.json"), shared("rococo-local-chain/blocks.bin")
    generator = random.Random(SEED)
    finished = kills = 0
    last_finalized = 0
    with Folder() as base:
        common = ["--chain", chain, "--base-path", base]
        run("import-blocks", *common, os.devnull)  # compiles once
        while kills < LOOPS:
            process = subprocess.Popen([str(BINARY), "import-blocks", *map(str, common), "--binary", str(blocks)],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=generator.uniform(0.05, 1.2))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
            assert process.returncode in (0, -9), f"seed {SEED}: the import ended with {process.returncode}"
            _, finalized, _ = heights(common)
            assert finalized >= last_finalized, f"seed {SEED}: finalised block lost: {last_finalized} to {finalized}"
            last_finalized = finalized
            if process.returncode == 0:
                finished += 1
                last_finalized = 0
                assert run("purge-chain", *common, "-y")[0] == 0
        code, _, err = run("import-blocks", *common, "--binary", blocks)
        assert code == 0, err[-2000:]
        assert heights(common)[0] == 107
    print(f"{kills} kills, {finished} imports ran to their end")


if __name__ == "__main__":
    main(globals())
