"""The reference runtime is the same bytes wherever and whenever it is built.

Some of its sources are compiled again from a copy of the tree in another folder, by the build's own commands without
its cache; their objects must be the bytes of the build's. Linking all objects again, the copied among them, must give
the bytes of the module that the node carries. Which sources are taken changes with the number of the day, so that all
have their turn while a run stays within seconds.
"""
import datetime
import pathlib
import shutil
import shlex
import subprocess

from harness import BINARY, ROOT, Folder, Skip, main, tool

BUILD = BINARY.parent
EVERY = 9  # one source of so many in each run


def build_commands():
    """(commands for precompiled headers, compile commands, link commands) of the module, each as a list of words."""
    if not (BUILD / "build.ninja").is_file():
        raise Skip(f"no build.ninja in {BUILD}")
    done = subprocess.run([tool("ninja"), "-C", str(BUILD), "-t", "commands", "stipple_runtime_wasm"],
                          capture_output=True, text=True, check=True)
    precompiling, compiling, linking = [], [], []
    for line in done.stdout.splitlines():
        for part in line.split(" && "):
            words = shlex.split(part)
            for_wasm = any(word.startswith("--target=wasm32") for word in words)
            if for_wasm and "c++-header" in words:
                precompiling.append(words)
            elif for_wasm and "-c" in words:
                compiling.append(words[1:] if words[0].endswith("ccache") else words)
            elif any(word.endswith("stipple_runtime.wasm") for word in words) and "ranlib" not in part:
                linking.append(words)
    return precompiling, compiling, linking


def after(words, flag):
    return words[words.index(flag) + 1]


def copy_tree(place):
    for part in ("src", "runtime"):
        shutil.copytree(ROOT / part, place / part, ignore=shutil.ignore_patterns("*_test.cpp", "*_fuzz.cpp"))
    # The metadata comes from the native build of the same sources.
    metadata = BUILD / "runtime" / "metadata"
    shutil.copytree(metadata, place / metadata.relative_to(ROOT))


def precompile(words, place):
    """The header of the standard library, which names its place, again from the copy."""
    header = pathlib.Path(after(words, "c++-header"))
    copy = place / header.relative_to(ROOT)
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text(header.read_text().replace(str(ROOT), str(place)))
    subprocess.run([word.replace(str(ROOT), str(place)) for word in words], cwd=copy.parent, check=True)


def test_another_folder_gives_the_same_bytes():
    precompiling, compiling, linking = build_commands()
    module = BUILD / "runtime" / "stipple_runtime.wasm"
    assert len(compiling) >= 50 and len(linking) >= 2, (len(compiling), len(linking))
    today = datetime.date.today().toordinal() % EVERY
    with Folder() as folder:
        place = folder / "a much longer place than the first" / "tree"
        place.mkdir(parents=True)
        copy_tree(place)
        for words in precompiling:
            precompile(words, place)
        again = {}
        for words in compiling[today::EVERY]:
            built = BUILD / after(words, "-o")
            made = folder / built.name
            again[str(after(words, "-o"))] = str(made)
            command = [word.replace(str(ROOT), str(place)) for word in words]
            command[command.index("-o") + 1] = str(made)
            command[command.index("-MF") + 1] = str(made) + ".d"
            subprocess.run(command, cwd=folder, check=True)
            assert made.read_bytes() == built.read_bytes(), f"another object of {after(words, '-c')}"
        second = folder / "second.wasm"
        for words in linking:
            command = [again.get(word, word) for word in words]
            command = [str(second) if word.endswith("stipple_runtime.wasm") else word for word in command]
            subprocess.run(command, cwd=BUILD, check=True)
        assert second.read_bytes() == module.read_bytes(), "another module"
        print(f"{len(again)} of {len(compiling)} objects and the module of {module.stat().st_size} bytes are the same")


if __name__ == "__main__":
    main(globals())
