#!/usr/bin/env python3
"""Style and structure that compilers do not check. `make test` and `make check` run it.

    tools/tidy.py                 every check
    tools/tidy.py layers size     only these
    tools/tidy.py --strict        also requires docs/spec-coverage.md to be current
    tools/tidy.py --write         also brings docs/spec-coverage.md up to date

Checks: layers (includes against USES and against the rows of docs/architecture.md), cycles, size,
banned (clocks, randomness, threads and files outside io/ and node/), headers (story, pragma once,
README per module), spec (docs/spec-coverage.md is current), markers (nothing left to do), unused
(files nobody includes), paths (no absolute path of somebody's machine).

A constant or generated table may be longer than the size limit: its first line then holds the
words "tidy: table".
"""
import re
import sys
from pathlib import Path

# Rows of modules. A module may use lower rows and, of its own row, only itself; NARROWED names what
# is less than that.
ROWS = {
    "base": 0, "io": 0,
    "scale": 1, "crypto": 1, "primitives": 1, "libp2p": 1,
    "state": 2, "executor": 2.5,
    "chain": 3,
    "consensus": 4, "parachain": 4, "network": 4, "rpc": 4,
    "node": 5,
}
NARROWED = {
    "base": set(),
    "io": {"base"},
    "scale": {"base"},
    "crypto": {"base"},
    "libp2p": {"base", "crypto"},
    "primitives": {"base", "scale", "crypto"},
    "state": {"base", "scale", "crypto", "primitives"},
    "executor": {"base", "scale", "crypto", "primitives", "state"},
    "network": {"base", "scale", "crypto", "primitives", "libp2p"},
}
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100
README_LINES_MAX = 80
STRICT = "--strict" in sys.argv

# Text that may only occur in some places: (pattern, what to do instead).
BANNED = [
    (r"\b(?:system_clock|steady_clock|high_resolution_clock)::now\b", "take an Instant argument"),
    (r"\b(?:clock_gettime|gettimeofday)\s*\(", "take an Instant argument"),
    (r"(?<![\w:.>])time\s*\(\s*(?:NULL|nullptr|0)\s*\)", "take a UnixMillis argument"),
    (r"\brandom_device\b", "take a Seed argument"),
    (r"(?<![\w.>])s?rand\s*\(\s*\)", "use base/prng.hpp"),
    (r"\bstd::(?:mt19937\w*|default_random_engine|uniform_\w+_distribution)\b", "use base/prng.hpp"),
    (r"\bstd::(?:jthread|thread|async)\b(?!::)", "emit a job as an effect"),
    (r"\bpthread_create\b", "emit a job as an effect"),
    (r"\b(?:fopen|freopen)\s*\(", "files belong to io/"),
    (r"\bstd::(?:ofstream|ifstream|fstream)\b", "files belong to io/"),
    (r"(?<![\w.>:])::open(?:at)?\s*\(", "files belong to io/"),
    (r"(?<![\w.>:])sleep_for\b", "time is an argument"),
]
# Where operating-system calls live, and the files beside tests that may need them.
FREE_MODULES = {"io", "node"}
FREE_SUFFIXES = ("_test.cpp", "_bench.cpp", "_fuzz.cpp")
# Adapters that must touch files or threads though they lie in a lower row; each with its reason.
BANNED_EXEMPT = {
    "src/executor/code_cache.cpp": "keeps compiled code on disk beside the engine",
    "src/chain/spec/chain_spec.cpp": "load_chain_spec reads the file a flag names",
    "src/chain/spec/parse.cpp": "load_chain_spec reads the file a flag names",
}
MARKERS = re.compile(r"\b(?:TODO|FIXME|XXX|HACK|WIP)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.~$}/-])/(?:work|root|home/\w+|tmp/\w+|Users/\w+)/[\w.-]+")


class Tree:
    """The files of a checkout, read once."""

    def __init__(self, root):
        self.root = Path(root)
        self.texts = {}
        for top in ("src", "runtime", "sim", "tests", "tools", "cmake", "docs", "bridge"):
            folder = self.root / top
            if folder.is_dir():
                for path in sorted(folder.rglob("*")):
                    self._take(path)
        for path in sorted(self.root.glob("*")):
            self._take(path)
        for path in sorted((self.root / ".ci").glob("*")) if (self.root / ".ci").is_dir() else []:
            self._take(path)

    def _take(self, path):
        kinds = {".cpp", ".hpp", ".py", ".sh", ".md", ".txt", ".cmake", ".rs", ".toml", ".h", ".js"}
        relative = path.relative_to(self.root)
        if {"target", "node_modules", "corpus", "__pycache__"} & set(relative.parts):
            return
        named = path.name in ("Makefile", "run") or path.suffix in kinds
        if named and path.is_file():
            self.texts[relative.as_posix()] = path.read_text("utf-8", errors="replace")

    def sources(self, top="src"):
        for name, text in self.texts.items():
            if name.startswith(top + "/") and name.endswith((".cpp", ".hpp")):
                yield name, text


def module_of(name):
    """src/chain/pool/pool.cpp -> chain; src/base/bytes.hpp -> base."""
    return name.split("/")[1]


def target_of(name):
    """The CMake module of a file in src: chain_pool. (Folders without CMakeLists fold upward.)"""
    return "_".join(name.split("/")[1:-1])


def without_comments(text):
    """Comments and the insides of string literals blanked, line structure kept."""
    out = []
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)
    last = 0
    for match in pattern.finditer(text):
        piece = match.group(0)
        if piece.startswith("'") and match.start() > 0 and text[match.start() - 1].isalnum():
            continue  # a digit separator, not a character
        out.append(text[last:match.start()])
        keep = "" if piece.startswith("/") else '""'
        out.append(keep + "\n" * piece.count("\n"))
        last = match.end()
    out.append(text[last:])
    return "".join(out)


def includes_of(text):
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if match:
            yield number, match.group(1)


def cmake_modules(tree):
    """{target: (file, USES, TEST_USES)} from every stipple_module() call."""
    modules = {}
    call = re.compile(r"stipple_module\(\s*(\w+)([^)]*)\)")
    for name, text in tree.texts.items():
        if not (name.startswith("src/") and name.endswith("CMakeLists.txt")):
            continue
        text = re.sub(r"#[^\n]*", "", text)
        for match in call.finditer(text):
            uses, test_uses, current = [], [], None
            for word in match.group(2).split():
                if word in ("USES", "LINKS", "TEST_USES", "PRECOMPILED", "TOGETHER", "ALONE"):
                    current = word
                elif current == "USES":
                    uses.append(word)
                elif current == "TEST_USES":
                    test_uses.append(word)
            modules[match.group(1)] = (name, uses, test_uses)
    return modules


def allowed_module(user, used):
    if user == used or user == "node":
        return True
    if user not in ROWS or used not in ROWS:
        return False
    if user in NARROWED:
        return used in NARROWED[user]
    return ROWS[used] < ROWS[user] and used not in ("io", "libp2p")


def check_layers(tree):
    modules = cmake_modules(tree)
    for target, (name, uses, _) in modules.items():
        user = target.split("_")[0]
        for use in uses:
            if use not in modules:
                yield f"{name}: USES {use}, which is no module"
            elif not allowed_module(user, use.split("_")[0]):
                yield f"{name}: {target} may not use {use} (rows of docs/architecture.md)"
    test_headers = only_for_tests(tree)
    for name, text in tree.sources():
        for number, include in includes_of(text):
            if include.startswith("sim/"):  # the simulator stands above all of src
                yield f"{name}:{number}: includes {include}: nothing in src may use the simulator"
    for name, text in tree.sources():
        target = target_of(name)
        if target not in modules:
            yield f"{name}: its folder has no stipple_module"
            continue
        _, uses, test_uses = modules[target]
        beside = name.endswith(FREE_SUFFIXES) or name in test_headers
        reachable = {target, *uses, *(test_uses if beside else [])}
        for number, include in includes_of(text):
            if include.startswith("tests/support/") and beside:
                continue
            if f"src/{include}" not in tree.texts:
                continue  # a bridge header or a library's; cmake knows
            used = target_of(f"src/{include}")
            if used not in reachable:
                yield f"{name}:{number}: includes {include}, but {target} does not USE {used}"
            elif not beside and not allowed_module(module_of(name), used.split("_")[0]):
                yield f"{name}:{number}: {module_of(name)} may not include {include}"


def find_cycle(graph):
    """One cycle of a {node: [nodes]} graph as a list, or None."""
    state, path = {}, []

    def visit(node):
        state[node] = 1
        path.append(node)
        for following in graph.get(node, []):
            if state.get(following) == 1:
                return path[path.index(following):] + [following]
            if following not in state:
                found = visit(following)
                if found:
                    return found
        path.pop()
        state[node] = 2
        return None

    for node in graph:
        if node not in state:
            found = visit(node)
            if found:
                return found
    return None


def check_cycles(tree):
    sys.setrecursionlimit(10000)
    uses = {target: uses for target, (_, uses, _) in cmake_modules(tree).items()}
    cycle = find_cycle(uses)
    if cycle:
        yield "modules in a cycle: " + " -> ".join(cycle)
    graph = {}
    for name, text in tree.sources():
        if name.endswith(".hpp"):
            graph[name] = [f"src/{i}" for _, i in includes_of(text) if f"src/{i}" in tree.texts]
    cycle = find_cycle(graph)
    if cycle:
        yield "headers in a cycle: " + " -> ".join(cycle)


def function_lengths(text):
    """(first line of the body's opening, length) of every function: a brace whose head has a
    parenthesis and which stands in nothing but namespaces and types."""
    scopes = []  # (kind, line of the brace)
    head, line = "", 1
    for char in re.sub(r"^\s*#[^\n]*(?:\\\\\n[^\n]*)*", "", without_comments(text), flags=re.MULTILINE):
        if char == "\n":
            line += 1
            head += " "
        elif char == "{":
            outer = all(kind == "scope" for kind, _ in scopes)
            if re.search(r"\b(?:namespace|class|struct|union|enum|extern)\b[^()]*$", head):
                kind = "scope"
            elif outer and ")" in head and "=" not in head.split("(")[0].replace("operator=", ""):
                kind = "function"
            else:
                kind = "block"
            scopes.append((kind, line))
            head = ""
        elif char == "}":
            if scopes:
                kind, start = scopes.pop()
                if kind == "function":
                    yield start, line - start + 1
            head = ""
        elif char == ";":
            head = ""
        else:
            head += char


def is_table(text):
    return "tidy: table" in text.split("\n", 1)[0]


def check_size(tree):
    for top in ("src", "runtime", "sim", "tests"):
        for name, text in tree.sources(top):
            lines = text.splitlines()
            if len(lines) > FILE_LINES_MAX and not is_table(text):
                yield f"{name}: {len(lines)} lines, at most {FILE_LINES_MAX}"
            for number, line in enumerate(lines, 1):
                # Hex and addresses cannot be broken.
                if len(line) > COLUMNS_MAX and not re.search(r"\S{80}", line):
                    yield f"{name}:{number}: {len(line)} columns, at most {COLUMNS_MAX}"
            if is_table(text) or name.endswith(FREE_SUFFIXES):
                continue
            for number, length in function_lengths(text):
                if length > FUNCTION_LINES_MAX:
                    yield f"{name}:{number}: function of {length} lines, at most {FUNCTION_LINES_MAX}"
    for name, text in tree.texts.items():
        if name.startswith(("src/", "sim/")) and name.endswith("README.md"):
            count = len(text.splitlines())
            if count > README_LINES_MAX:
                yield f"{name}: {count} lines, at most {README_LINES_MAX}"


def only_for_tests(tree):
    """Headers that nothing but tests, fuzzers, benchmarks and each other include."""
    includers = {}
    for top in ("src", "tests"):
        for name, text in tree.sources(top):
            for _, include in includes_of(text):
                includers.setdefault(f"src/{include}", set()).add(name)
    beside = {header for header, users in includers.items()
              if all(user.endswith(FREE_SUFFIXES) or user.startswith("tests/") for user in users)}
    while True:
        more = {header for header, users in includers.items() if header not in beside
                and all(user.endswith(FREE_SUFFIXES) or user.startswith("tests/")
                        or user in beside for user in users)}
        if not more:
            return beside
        beside |= more


def check_banned(tree):
    beside = only_for_tests(tree)
    patterns = [(re.compile(pattern), instead) for pattern, instead in BANNED]
    for name, text in [*tree.sources(), *tree.sources("sim")]:
        if module_of(name) in FREE_MODULES or name.endswith(FREE_SUFFIXES) or name in BANNED_EXEMPT:
            continue
        if name in beside:
            continue
        for number, line in enumerate(without_comments(text).splitlines(), 1):
            for pattern, instead in patterns:
                match = pattern.search(line)
                if match:
                    yield f"{name}:{number}: {match.group(0).strip()} is banned here: {instead}"


def check_headers(tree):
    for name, text in [*tree.sources(), *tree.sources("sim")]:
        if not name.endswith(".hpp"):
            continue
        if not text.startswith("//"):
            yield f"{name}: the first line is no comment that says what this is"
        if "#pragma once" not in text:
            yield f"{name}: no #pragma once"
    for target, (name, _, _) in cmake_modules(tree).items():
        readme = name.replace("CMakeLists.txt", "README.md")
        if readme not in tree.texts:
            yield f"{readme}: missing ({target} needs one)"


def spec_citations(tree):
    """{(kind, anchor): [files]} of every citation in a source comment."""
    found = {}
    for name, text in tree.sources():
        lines = text.splitlines()
        for index, line in enumerate(lines):
            comment = re.match(r"\s*///?\s?(.*)", line)
            if not comment:
                continue
            for match in re.finditer(r"\b(Spec|Guide|libp2p):\s+(.*)", comment.group(1)):
                kind, rest = match.groups()
                rest = rest.split(". ")[0].split("//")[0]
                rest = re.sub(r"\([^)]*\)?", " ", rest)
                for anchor in re.split(r"[,;\s]+", rest):
                    anchor = anchor.strip(".`")
                    if re.fullmatch(r"[a-z][a-z0-9]*(?:[-/][a-z0-9]+)+|[a-z0-9]{4,}", anchor) and (
                            "-" in anchor or "/" in anchor or kind == "libp2p"):
                        found.setdefault((kind, anchor), set()).add(name)
            for rfc in re.findall(r"\bRFC-\d{4}\b", comment.group(1)):
                found.setdefault(("RFC", rfc), set()).add(name)
    return {key: sorted(files) for key, files in sorted(found.items())}


def spec_page(tree):
    titles = {
        "Spec": "Polkadot Protocol Specification",
        "Guide": "Parachain guide",
        "RFC": "Polkadot RFCs",
        "libp2p": "libp2p specifications",
    }
    out = ["# Which part of the specifications is where", "",
           "Made by `tools/tidy.py --write` from the citations in the sources; do not edit."]
    citations = spec_citations(tree)
    for kind, title in titles.items():
        rows = [(anchor, files) for (k, anchor), files in citations.items() if k == kind]
        if rows:
            out += ["", f"## {title}", "", "| anchor | cited in |", "| --- | --- |"]
            out += [f"| {anchor} | {', '.join(f.removeprefix('src/') for f in files)} |"
                    for anchor, files in rows]
    return "\n".join(out) + "\n"


def check_spec(tree):
    """Only with --strict: many changes move citations, and one --write follows them."""
    if STRICT and tree.texts.get("docs/spec-coverage.md") != spec_page(tree):
        yield "docs/spec-coverage.md: not current, run tools/tidy.py --write"


def check_markers(tree):
    for name, text in tree.texts.items():
        if name.startswith("tools/tidy"):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if MARKERS.search(line):
                yield f"{name}:{number}: leftover marker"


def check_unused(tree):
    included = set()
    for top in ("src", "tests", "sim", "runtime"):
        for name, text in tree.sources(top):
            for _, include in includes_of(text):
                included |= {f"src/{include}", include}
    folders = {name.rsplit("/", 1)[0] for name, _, _ in cmake_modules(tree).values()}
    for name, _ in tree.sources():
        if name.endswith(".hpp") and name not in included:
            yield f"{name}: nobody includes it"
        if name.endswith(".cpp") and name.rsplit("/", 1)[0] not in folders:
            yield f"{name}: nothing compiles it"


def check_paths(tree):
    for name, text in tree.texts.items():
        if name.startswith("tools/tidy"):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            match = MACHINE_PATHS.search(line)
            if match:
                yield f"{name}:{number}: {match.group(0)} is a path of somebody's machine"


CHECKS = {
    "layers": check_layers, "cycles": check_cycles, "size": check_size, "banned": check_banned,
    "headers": check_headers, "spec": check_spec, "markers": check_markers,
    "unused": check_unused, "paths": check_paths,
}


def main(arguments):
    root = Path(__file__).resolve().parent.parent
    tree = Tree(root)
    if "--write" in arguments:
        (root / "docs/spec-coverage.md").write_text(spec_page(tree), "utf-8")
    chosen = [a for a in arguments if not a.startswith("-")] or list(CHECKS)
    unknown = [name for name in chosen if name not in CHECKS]
    if unknown:
        print(f"tidy: unknown check {unknown[0]}; there are: {' '.join(CHECKS)}")
        return 2
    findings = 0
    for name in chosen:
        for finding in CHECKS[name](tree):
            print(f"{name}: {finding}")
            findings += 1
    print(f"tidy: {findings} findings in {len(tree.texts)} files")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
