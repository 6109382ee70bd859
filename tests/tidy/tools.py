#!/usr/bin/env python3
"""tools.py - runs a tool over our files, two at a time, and fails when one of them has findings.

    tools.py format                 clang-format of all .c and .h (.clang-format)
    tools.py lint BUILD_FOLDER      clang-tidy of all .c in the build's compile database (.clang-tidy)
    tools.py shell                  shellcheck of all shell scripts
"""
import concurrent.futures
import json
import os
import subprocess
import sys

import sources


def format_jobs():
    files = [p for p in sources.paths() if p.endswith((".c", ".h"))]
    return [(p, ["clang-format", "--dry-run", "-Werror", p]) for p in files]


def lint_jobs(build):
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        built = {os.path.relpath(entry["file"], sources.ROOT) for entry in json.load(file)}
    files = [p for p in sources.paths() if p.endswith(".c")]
    return [(p, ["clang-tidy", "-p", build, "--quiet", p]) for p in files if p in built]


def is_shell(path):
    with open(os.path.join(sources.ROOT, path), "rb") as file:
        first = file.readline()
    return first.startswith(b"#!") and first.split(b"/")[-1].split()[-1] in (b"sh", b"bash", b"dash")


def shell_jobs():
    return [(p, ["shellcheck", p]) for p in sources.paths() if is_shell(p)]


def run(job):
    path, command = job
    done = subprocess.run(command, cwd=sources.ROOT, capture_output=True, text=True, check=False)
    return path, done.returncode, done.stdout + done.stderr


def main():
    jobs = {"format": format_jobs, "lint": lint_jobs, "shell": shell_jobs}[sys.argv[1]](*sys.argv[2:])
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for path, code, output in pool.map(run, jobs):
            if code != 0:
                failed += 1
                print(f"== {path}\n{output.strip()}", flush=True)
    print(f"{len(jobs)} files, {failed} with findings")
    return 1 if failed or not jobs else 0


if __name__ == "__main__":
    sys.exit(main())
