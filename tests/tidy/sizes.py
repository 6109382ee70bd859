#!/usr/bin/env python3
"""sizes.py - files of at most 800 lines, functions of at most 70, and an opening comment in each file.

A function is counted from the line of its opening brace to its closing brace; both stand in column 0,
which the format check sees to.
"""
import sys

import sources

FILE_LINES_MAX = 800
FUNCTION_LINES_MAX = 70


def functions(text):
    """(line of the opening brace, number of lines) of each."""
    start = None
    for number, line in enumerate(text.split("\n"), 1):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            yield start, number - start + 1
            start = None


def check(tree):
    complaints = []
    for path, text in tree.items():
        length = text.count("\n")
        if length > FILE_LINES_MAX:
            complaints.append(f"{path}: {length} lines, {FILE_LINES_MAX} are the most")
        if not text.startswith("/*"):
            complaints.append(f"{path}:1: opens without a comment that says what the file is for")
        for start, lines in functions(sources.code_of(text)):
            if lines > FUNCTION_LINES_MAX:
                complaints.append(f"{path}:{start}: a function of {lines} lines, "
                                  f"{FUNCTION_LINES_MAX} are the most")
    return complaints


def self_test():
    def function(lines):
        return "/* a */\nint f(void)\n{\n" + "    g();\n" * (lines - 2) + "}\n"

    sources.expect(check, {"a.c": function(70)}, [])
    sources.expect(check, {"a.c": function(71)}, ["a.c:3: a function of 71"])
    sources.expect(check, {"a.h": "/* a */\n" + "int x;\n" * 799}, [])
    sources.expect(check, {"a.h": "/* a */\n" + "int x;\n" * 800}, ["a.h: 801"])
    sources.expect(check, {"a.h": "#ifndef A\n"}, ["a.h:1: opens without"])


if __name__ == "__main__":
    sys.exit(sources.main(check, self_test))
