"""sources.py - what the checks of the source text share: the list of files, and C without comments.

A check is a function from {path: text} to a list of complaints, so that its self-test can hand it a
tree with a planted mistake; main() is the same for all of them.
"""
import os
import re
import subprocess
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))


def paths():
    """Tracked files, or every file outside build folders where there is no git."""
    try:
        # safe.directory: the checkout may belong to somebody else than the one who runs the tests
        listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT,
                                check=True, capture_output=True).stdout.decode().split("\0")
        found = [p for p in listed if p]
    except (OSError, subprocess.CalledProcessError):
        found = []
        for folder, folders, names in os.walk(ROOT):
            folders[:] = [f for f in folders if not re.match(r"build|\.git$|node_modules$", f)]
            found += [os.path.relpath(os.path.join(folder, n), ROOT) for n in names]
    return sorted(p for p in found if os.path.isfile(os.path.join(ROOT, p)))


def read_tree(suffixes):
    tree = {}
    for path in paths():
        if path.endswith(suffixes):
            with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as file:
                tree[path] = file.read()
    return tree


_TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def code_of(text):
    """C with comments and the insides of strings blanked, line breaks kept. #include "x" is left."""
    def blank(match):
        token = match.group()
        start = text.rfind("\n", 0, match.start()) + 1
        if token[0] == '"' and text[start:match.start()].lstrip().startswith("#include"):
            return token
        kept = "".join("\n" if c == "\n" else " " for c in token)
        return kept if token[0] == "/" else token[0] + kept[1:-1] + token[-1]
    return _TOKEN.sub(blank, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def main(check, self_test, suffixes=(".c", ".h")):
    """With --self-test runs the self-test, else the check over the tree; returns the exit code."""
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        print("the check sees what was planted")
        return 0
    tree = read_tree(suffixes)
    complaints = check(tree)
    for complaint in complaints:
        print(complaint)
    print(f"{len(tree)} files, {len(complaints)} complaints")
    return 1 if complaints or not tree else 0


def expect(check, tree, needles):
    """The check says exactly one complaint per needle, each holding its needle."""
    complaints = check(tree)
    assert len(complaints) == len(needles), f"{complaints} instead of {needles}"
    for needle in needles:
        assert any(needle in complaint for complaint in complaints), f"{needle} not in {complaints}"
