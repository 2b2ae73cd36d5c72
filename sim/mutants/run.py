#!/usr/bin/env python3
"""Breaks a rule of the node, builds the simulator with it and expects its checkers to notice.

    run.py --build build/release [NAME ...]     all of this folder without names

That all of them apply is looked at in any case.

A mutant is a text file: a sentence, the source file, the arguments of a run, what its failure must
say (a regular expression), the right text and the wrong one. The right text must occur once: a
mutant that does not apply fails, as does one that no checker catches. Nothing in the source tree is
touched: the changed file, its object and the program go to BUILD/mutants; the object stands before
the libraries when they are linked, so that the right one is not taken from them.
"""
import argparse
import json
import pathlib
import re
import shlex
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent


def parse(path):
    text = path.read_text()
    head, _, rest = text.partition("--- right\n")
    right, _, wrong = rest.partition("\n--- wrong\n")
    lines = head.strip().split("\n")
    fields = dict((part.strip() for part in line.split(":", 1)) for line in lines[1:])
    return {"name": path.stem, "what": lines[0], "right": right, "wrong": wrong.rstrip("\n"),
            **fields}


def run(command, folder):
    return subprocess.run(command, cwd=folder, shell=isinstance(command, str), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def compile_command(build, source, changed, out):
    """What compiles the changed source, beside those of its group if it is compiled in one."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        unit = pathlib.Path(entry["file"])
        if unit.parent.name == "Unity" and str(source) in unit.read_text():
            group = changed.parent / unit.name
            group.write_text(unit.read_text().replace(str(source), str(changed)))
        elif unit == source:
            group = changed
        else:
            continue
        words = shlex.split(entry["command"])
        words[words.index("-o") + 1] = str(out)
        words[words.index("-c") + 1] = str(group)
        return words + ["-w"]
    raise KeyError(f"no compile command for {source}")


def link_command(build, changed_object, out):
    lines = run(["ninja", "-t", "commands", "stipple-sim"], build).stdout.strip().split("\n")
    main = "sim/CMakeFiles/stipple-sim.dir/main.cpp.o"
    link = lines[-1].replace("-o stipple-sim ", f"-o {out} ", 1)
    return link.replace(f" {main} ", f" {main} {changed_object} ", 1)


def why_not_applied(mutant):
    times = (SOURCE / mutant["file"]).read_text().count(mutant["right"])
    return "" if times == 1 else f"does not apply: the text occurs {times} times"


def make(mutant, build):
    """The program of a mutant that applies, or None with what went wrong."""
    source = SOURCE / mutant["file"]
    text = source.read_text()
    folder = build / "mutants" / mutant["name"]
    folder.mkdir(parents=True, exist_ok=True)
    changed, program = folder / source.name, folder / "stipple-sim"
    text = text.replace(mutant["right"], mutant["wrong"])
    if not changed.exists() or changed.read_text() != text:
        changed.write_text(text)
    newest = max(changed.stat().st_mtime, (build / "stipple-sim").stat().st_mtime)
    if program.exists() and program.stat().st_mtime > newest:
        return program, ""
    changed_object = folder / (source.name + ".o")
    for command in (compile_command(build, source, changed, changed_object),
                    link_command(build, changed_object, program)):
        done = run(command, build)
        if done.returncode != 0:
            return None, "does not build:\n" + done.stdout[-3000:]
    return program, ""


def check(mutant, build):
    begun = time.monotonic()
    program, problem = make(mutant, build)
    built = time.monotonic()
    if not program:
        return problem
    # One seed that catches it is enough.
    words = shlex.split(mutant["run"])
    seeds = [words[words.index("--seed") + 1]] if "--seed" in words else None
    if seeds is None:
        at = words.index("--seeds")
        first, last = words[at + 1].split("..")
        seeds = [str(seed) for seed in range(int(first), int(last) + 1)]
        del words[at:at + 2]
    else:
        at = words.index("--seed")
        del words[at:at + 2]
    for seed in seeds:
        done = run([str(program), "--seed", seed, *words], build)
        failed = re.search(r"^FAILED: (.*)$", done.stdout, re.MULTILINE)
        if not failed:
            continue
        if done.returncode != 1 or not re.search(mutant["says"], failed.group(1)):
            return f"fails otherwise than it should with seed {seed}: {failed.group(1)}"
        print(f"{mutant['name']}: caught with seed {seed}: {failed.group(1)[:110]} "
              f"(built in {built - begun:.0f} s, ran {time.monotonic() - built:.0f} s)", flush=True)
        return ""
    return f"nobody noticed: {mutant['what']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    build = given.build.resolve()
    paths = sorted(HERE.glob("*.txt"))
    unknown = set(given.names) - {path.stem for path in paths}
    if unknown:
        sys.exit(f"no such mutant: {', '.join(sorted(unknown))}")
    failed = 0
    for path in paths:
        mutant = parse(path)
        problem = why_not_applied(mutant)
        if not problem and (not given.names or path.stem in given.names):
            problem = check(mutant, build)
        if problem:
            failed += 1
            print(f"{path.stem}: {problem}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
