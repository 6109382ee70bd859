#!/usr/bin/env python3
"""tools.py - runs a tool over our files, two at a time, and fails when one of them has findings.

    tools.py format                 clang-format of all .c and .h (.clang-format)
    tools.py lint BUILD_FOLDER      clang-tidy of all .c in the build's compile database (.clang-tidy)
    tools.py shell                  shellcheck of all shell scripts
    tools.py --self-test            each tool, with our settings, sees a planted mistake
"""
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile

import sources

SETTINGS = (".clang-format", ".clang-tidy", "tests/.clang-tidy")


def format_command(path, _build):
    return ["clang-format", "--dry-run", "-Werror", path]


def lint_command(path, build):
    return ["clang-tidy", "-p", build, "--quiet", path]


def shell_command(path, _build):
    return ["shellcheck", path]


def formatted():
    return [p for p in sources.paths() if p.endswith((".c", ".h"))]


def linted(build):
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        built = {os.path.relpath(entry["file"], sources.ROOT) for entry in json.load(file)}
    return [p for p in sources.paths() if p.endswith(".c") and p in built]


def is_shell(path):
    with open(os.path.join(sources.ROOT, path), "rb") as file:
        first = file.readline()
    return first.startswith(b"#!") and first.split(b"/")[-1].split()[-1] in (b"sh", b"bash", b"dash")


def scripts():
    return [p for p in sources.paths() if is_shell(p)]


def run(root, command):
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def check(paths, command_of, build=None):
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = pool.map(lambda path: run(sources.ROOT, command_of(path, build)), paths)
        for path, (code, output) in zip(paths, answers):
            if code != 0:
                failed += 1
                print(f"== {path}\n{output.strip()}", flush=True)
    print(f"{len(paths)} files, {failed} with findings")
    return 1 if failed or not paths else 0


# (tool, path, text, the word of its complaint; None: nothing to complain about)
PLANTED = (
    (format_command, "a.c", "int f(void)\n{\n    return 1;\n}\n", None),
    (format_command, "b.c", "int f(void) {\n  return 1; }\n", "clang-format-violations"),
    (lint_command, "c.c", "int f(const int *p)\n{\n    return p ? *p : 0;\n}\n", None),
    (lint_command, "d.c", "int f(const int *p)\n{\n    if (p) {\n        return 1;\n    }\n    return *p;\n}\n",
     "clang-analyzer-core.NullDereference"),
    (lint_command, "e.c", "#include <stdlib.h>\nint f(int n)\n{\n    char *p = malloc(8);\n    if (p && n) {\n"
     "        return 1;\n    }\n    free(p);\n    return 0;\n}\n", "clang-analyzer-unix.Malloc"),
    (lint_command, "f.c", "int f(int a)\n{\n    return a == a;\n}\n", "misc-redundant-expression"),
    (lint_command, "tests/g.c", "#include <string.h>\nvoid f(int *p)\n{\n    memset(p, '0', 4);\n}\n",
     "bugprone-suspicious-memset-usage"),
    (lint_command, "h.c", '#include "billing/i.h"\n', "misc-redundant-expression"),
    (shell_command, "j", "#!/bin/sh\necho \"$1\"\n", None),
    (shell_command, "k", "#!/bin/sh\nrm $1\n", "SC2086"),
)
IN_HEADER = "static inline int f(int a)\n{\n    return a == a;\n}\n"


def plant(root):
    for folder in ("tests", "billing"):
        os.mkdir(os.path.join(root, folder))
    for path in SETTINGS:
        shutil.copy(os.path.join(sources.ROOT, path), os.path.join(root, path))
    for path, text in [("billing/i.h", IN_HEADER)] + [(p, t) for _, p, t, _ in PLANTED]:
        with open(os.path.join(root, path), "w", encoding="utf-8") as file:
            file.write(text)
    with open(os.path.join(root, "compile_commands.json"), "w", encoding="utf-8") as file:
        json.dump([{"directory": root, "file": path, "command": f"clang -I. -std=c17 -c {path}"}
                   for _, path, _, _ in PLANTED if path.endswith(".c")], file)


def self_test():
    with tempfile.TemporaryDirectory(prefix="autopay-tidy-") as root:
        plant(root)
        for command_of, path, text, word in PLANTED:
            code, output = run(root, command_of(path, root))
            assert (code != 0) == (word is not None) and (word or "") in output, f"{text}: {code} {output}"
    print("the tools see what was planted")
    return 0


def main():
    os.nice(10)  # nothing here waits for a deadline; tests that run beside it do
    what = sys.argv[1]
    if what == "--self-test":
        return self_test()
    if what == "lint":
        return check(linted(sys.argv[2]), lint_command, sys.argv[2])
    paths, command_of = {"format": (formatted, format_command), "shell": (scripts, shell_command)}[what]
    return check(paths(), command_of)


if __name__ == "__main__":
    sys.exit(main())
