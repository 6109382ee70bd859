#!/usr/bin/env python3
"""seeds.py - the ctest sim_seeds: replays the worlds of seeds.txt.

    seeds.py PROGRAM [ARGUMENT...]     further arguments for every seed
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    program, more = sys.argv[1], sys.argv[2:]
    failed = 0
    with open(os.path.join(HERE, "seeds.txt"), encoding="utf-8") as lines:
        worlds = [line.split("#")[0].split() for line in lines]
    for arguments in filter(None, worlds):
        failed += subprocess.run([program, *more, *arguments], check=False).returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
