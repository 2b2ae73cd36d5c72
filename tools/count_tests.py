#!/usr/bin/env python3
"""Counts the verdicts of a ctest JUnit report and prints the closing line of a test run."""
import sys
import xml.etree.ElementTree as ElementTree


def count(root):
    """(passed, failed, skipped) of a <testsuite>. A disabled test counts as skipped."""
    passed = failed = skipped = 0
    for case in root.iter("testcase"):
        status = case.get("status", "")
        if status == "fail" or case.find("failure") is not None:
            failed += 1
        elif status in ("notrun", "disabled") or case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def skip_reasons(root):
    """What the skipped tests say, most frequent first: [(count, text)]."""
    reasons = {}
    for case in root.iter("testcase"):
        mark = case.find("skipped")
        if mark is None and case.get("status") not in ("notrun", "disabled"):
            continue
        output = case.findtext("system-out") or ""
        lines = [line.strip() for line in output.splitlines()]
        lines = [line for line in lines if line.startswith(("no ", "skipped:", "not "))]
        text = lines[0] if lines else (mark.get("message") if mark is not None else None) or ""
        reasons[text] = reasons.get(text, 0) + 1
    return sorted(((n, text) for text, n in reasons.items()), reverse=True)


def main(path, more_passed=0, more_failed=0):
    """Prints the closing line and gives the exit status: 0 when some tests ran and none failed."""
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        print(f"no test report: {error}")
        return 1
    passed, failed, skipped = count(root)
    ran = passed > 0
    passed, failed = passed + more_passed, failed + more_failed
    for number, text in skip_reasons(root)[:10]:
        print(f"skipped {number}: {text}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if failed == 0 and ran else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:4])))
