#!/usr/bin/env python3
"""Tests of tools/tidy.py and of the small programs beside it, on made-up trees."""
import contextlib
import io
import json
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
import bench_lines  # noqa: E402
import count_tests  # noqa: E402
import tidy  # noqa: E402

HEADER = "// What it is.\n#pragma once\n"
CLEAN = {
    "src/base/CMakeLists.txt": "stipple_module(base)\n",
    "src/base/README.md": "# base\n",
    "src/base/bytes.hpp": HEADER,
    "src/base/bytes.cpp": '#include "base/bytes.hpp"\n',
    "src/chain/pool/CMakeLists.txt": "stipple_module(chain_pool USES base\n    LINKS fmt::fmt)\n",
    "src/chain/pool/README.md": "# pool\n",
    "src/chain/pool/pool.hpp": HEADER + '#include "base/bytes.hpp"\n',
    "src/chain/pool/pool.cpp": '#include "chain/pool/pool.hpp"\n',
}


def findings(check, **changes):
    """What `check` says of the clean tree with some files changed (None removes one). Path
    separators in the keyword are not possible, so changes come as {path: text}."""
    files = dict(CLEAN)
    for path, text in changes.get("files", {}).items():
        if text is None:
            files.pop(path)
        else:
            files[path] = text
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        return list(tidy.CHECKS[check](tidy.Tree(folder)))


class CleanTree(unittest.TestCase):
    def test_has_no_findings(self):
        for check in tidy.CHECKS:
            self.assertEqual(findings(check), [], check)


class Layers(unittest.TestCase):
    def test_an_include_outside_of_uses_is_found(self):
        found = findings("layers", files={
            "src/scale/CMakeLists.txt": "stipple_module(scale USES base)",
            "src/scale/codec.hpp": HEADER,
            "src/chain/pool/pool.hpp": HEADER + '#include "scale/codec.hpp"\n'})
        self.assertEqual(len(found), 1)
        self.assertIn("pool.hpp:3", found[0])

    def test_a_lower_row_may_not_use_a_higher_one(self):
        found = findings("layers", files={
            "src/base/CMakeLists.txt": "stipple_module(base USES chain_pool)"})
        self.assertIn("base may not use chain_pool", found[0])

    def test_modules_of_row_four_do_not_use_each_other(self):
        self.assertFalse(tidy.allowed_module("rpc", "consensus"))
        self.assertFalse(tidy.allowed_module("rpc", "io"))
        self.assertFalse(tidy.allowed_module("crypto", "scale"))
        self.assertFalse(tidy.allowed_module("chain", "libp2p"))
        self.assertTrue(tidy.allowed_module("rpc", "chain"))
        self.assertTrue(tidy.allowed_module("executor", "state"))
        self.assertFalse(tidy.allowed_module("state", "executor"))
        self.assertTrue(tidy.allowed_module("node", "io"))

    def test_a_test_may_use_test_uses(self):
        files = {
            "src/scale/CMakeLists.txt": "stipple_module(scale USES base)",
            "src/scale/codec.hpp": HEADER,
            "src/chain/pool/CMakeLists.txt": "stipple_module(chain_pool USES base TEST_USES scale)",
            "src/chain/pool/pool_test.cpp": '#include "scale/codec.hpp"\n'}
        self.assertEqual(findings("layers", files=files), [])

    def test_a_folder_without_module_is_found(self):
        found = findings("layers", files={"src/chain/tree/tree.hpp": HEADER})
        self.assertIn("no stipple_module", found[0])

    def test_an_unknown_module_is_found(self):
        found = findings("layers", files={
            "src/chain/pool/CMakeLists.txt": "stipple_module(chain_pool USES base trees)"})
        self.assertIn("trees, which is no module", found[0])


class Cycles(unittest.TestCase):
    def test_headers_that_include_each_other_are_found(self):
        found = findings("cycles", files={
            "src/base/a.hpp": HEADER + '#include "base/b.hpp"\n',
            "src/base/b.hpp": HEADER + '#include "base/a.hpp"\n'})
        self.assertEqual(len(found), 1)
        self.assertIn("src/base/a.hpp -> src/base/b.hpp -> src/base/a.hpp", found[0])

    def test_modules_that_use_each_other_are_found(self):
        found = findings("cycles", files={
            "src/chain/CMakeLists.txt": "stipple_module(chain USES chain_pool)",
            "src/chain/pool/CMakeLists.txt": "stipple_module(chain_pool USES chain)"})
        self.assertIn("modules in a cycle", found[0])


class Size(unittest.TestCase):
    def test_a_long_file_is_found_unless_it_is_a_table(self):
        body = "int x;\n" * 501
        self.assertIn("501 lines", findings("size", files={"src/base/t.cpp": body})[0])
        table = "// tidy: table of constants\n" + body
        self.assertEqual(findings("size", files={"src/base/t.cpp": table}), [])

    def test_a_long_line_is_found_but_not_long_hex(self):
        wide = "int a = " + "1 + " * 30 + "1;\n"
        self.assertIn("columns", findings("size", files={"src/base/t.cpp": wide})[0])
        digits = 'auto a = "' + "0" * 128 + '";\n'
        self.assertEqual(findings("size", files={"src/base/t.cpp": digits}), [])

    def test_a_long_function_is_found_at_its_line(self):
        text = "namespace a {\nint f(int b,\n      int c) {\n" + "    ++b;\n" * 70 + "}\n}\n"
        found = findings("size", files={"src/base/t.cpp": text})
        self.assertEqual(found, ["src/base/t.cpp:3: function of 72 lines, at most 70"])

    def test_a_long_class_of_short_functions_is_fine(self):
        text = "class A {\n" + "    int f() {\n        return 1;\n    }\n" * 60 + "};\n"
        self.assertEqual(findings("size", files={"src/base/t.cpp": text}), [])

    def test_a_long_readme_is_found(self):
        self.assertIn("81 lines", findings("size", files={"src/base/README.md": "a\n" * 81})[0])


class Banned(unittest.TestCase):
    CALLS = [
        "auto t = std::chrono::steady_clock::now();", "std::random_device d;", "std::thread t(f);",
        "int fd = ::open(path, 0);", "std::ofstream out(path);", "int r = rand();",
        'FILE* f = fopen("a", "r");', "auto now = time(nullptr);", "std::mt19937 g;",
    ]

    def test_each_call_is_found_in_a_machine(self):
        for call in self.CALLS:
            self.assertEqual(len(findings("banned", files={"src/base/t.cpp": call})), 1, call)

    def test_io_node_and_tests_may(self):
        for path in ("src/io/t.cpp", "src/node/t.cpp", "src/base/t_test.cpp"):
            for call in self.CALLS:
                self.assertEqual(findings("banned", files={path: call}), [], path)

    def test_a_header_that_only_tests_include_may(self):
        files = {"src/base/world.hpp": HEADER + "std::ifstream file;\n",
                 "src/base/t_test.cpp": '#include "base/world.hpp"\n'}
        self.assertEqual(findings("banned", files=files), [])
        files["src/base/t.cpp"] = '#include "base/world.hpp"\n'
        self.assertEqual(len(findings("banned", files=files)), 1)

    def test_comments_texts_and_other_names_do_not_count(self):
        text = ('// std::thread is banned\nauto a = "rand()";\nauto b = std::this_thread::get_id();\n'
                "auto c = store.open(1);\nauto d = Database::open(2);\nauto e = 1'000;  // rand()\n"
                "auto id = std::thread::id{};\nauto f = block_time(0);\n")
        self.assertEqual(findings("banned", files={"src/base/t.cpp": text}), [])


class Headers(unittest.TestCase):
    def test_a_header_without_story_or_pragma_is_found(self):
        self.assertEqual(len(findings("headers", files={"src/base/bytes.hpp": "int a;\n"})), 2)

    def test_a_module_without_readme_is_found(self):
        self.assertIn("README.md: missing", findings("headers", files={"src/base/README.md": None})[0])


class Spec(unittest.TestCase):
    def test_citations_become_rows(self):
        text = ("// Spec: algo-grandpa-round, defn-winning-threshold (chapter of finality)\n"
                "// Guide: node/approval/approval-voting   // RFC-0026\n// Spec: not an anchor\n")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "src/base/a.hpp"
            path.parent.mkdir(parents=True)
            path.write_text(text, "utf-8")
            page = tidy.spec_page(tidy.Tree(folder))
        for row in ("| algo-grandpa-round | base/a.hpp |", "| defn-winning-threshold | base/a.hpp |",
                    "| node/approval/approval-voting | base/a.hpp |", "| RFC-0026 | base/a.hpp |"):
            self.assertIn(row, page)
        self.assertNotIn("| anchor | base", page)


class Rest(unittest.TestCase):
    def test_leftover_markers_are_found(self):
        for word in ("TO" + "DO", "FIX" + "ME"):
            self.assertEqual(len(findings("markers", files={"src/base/t.cpp": f"// {word}: later"})), 1)

    def test_an_unused_header_and_an_uncompiled_source_are_found(self):
        found = findings("unused", files={"src/base/lonely.hpp": HEADER, "src/deep/t.cpp": ""})
        self.assertEqual(len(found), 2)

    def test_paths_of_a_machine_are_found_but_not_urls(self):
        text = "see /home/" + "somebody/x and https://example.org/root/x\n"
        self.assertEqual(len(findings("paths", files={"docs/a.md": text})), 1)


class Counting(unittest.TestCase):
    REPORT = """<testsuite tests="4">
      <testcase name="a" status="run"/>
      <testcase name="b" status="fail"><failure message=""/></testcase>
      <testcase name="c" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
        <system-out>no real chain data at data/x</system-out></testcase>
      <testcase name="d" status="run"/></testsuite>"""

    def test_counts_passed_failed_and_skipped(self):
        root = ElementTree.fromstring(self.REPORT)
        self.assertEqual(count_tests.count(root), (2, 1, 1))
        self.assertEqual(count_tests.skip_reasons(root), [(1, "no real chain data at data/x")])

    def run_on(self, report):
        with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
            file.write(report)
            file.flush()
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                status = count_tests.main(file.name)
        return status, out.getvalue().strip().splitlines()[-1]

    def test_fails_on_a_failure_and_on_an_empty_run(self):
        self.assertEqual(self.run_on(self.REPORT), (1, "2 passed, 1 failed, 1 skipped"))
        self.assertEqual(self.run_on("<testsuite/>"), (1, "0 passed, 0 failed, 0 skipped"))
        good = '<testsuite><testcase status="run"/></testsuite>'
        self.assertEqual(self.run_on(good), (0, "1 passed, 0 failed, 0 skipped"))

    def test_verdicts_of_other_programs_are_added_but_do_not_hide_an_empty_run(self):
        with contextlib.redirect_stdout(io.StringIO()) as out, tempfile.NamedTemporaryFile("w") as f:
            f.write("<testsuite/>")
            f.flush()
            self.assertEqual(count_tests.main(f.name, 2, 0), 1)
        self.assertIn("2 passed, 0 failed", out.getvalue())

    def test_a_missing_report_is_a_failure(self):
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(count_tests.main("no-such-file.xml"), 1)


class BenchLines(unittest.TestCase):
    def test_one_line_per_figure(self):
        report = json.loads('{"benchmarks": [{"name": "Root/100000", "run_type": "iteration",'
                            '"real_time": 12.5, "time_unit": "ms", "items_per_second": 8e6}]}')
        self.assertEqual(list(bench_lines.lines(report, "trie")),
                         ["trie/Root/100000 12.5 ms", "trie/Root/100000/rate 8e+06 1/s"])


if __name__ == "__main__":
    unittest.main()
