#!/usr/bin/env python3
"""scenarios.py - the index in scenarios/README.md: one line for each scenario, by theme.

    scenarios.py PROGRAM            compares: titles, files, and that each word is explained
    scenarios.py --write PROGRAM    writes the index
"""
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent / "scenarios"
README = FOLDER / "README.md"
BEGIN = "<!-- made by ../scenarios.py --write; a test compares it -->\n"
END = "<!-- end -->\n"
THEMES = [
    ("calendar", "When a cycle is due"),
    ("lifecycle", "From registering to closing"),
    ("retry", "Declines, and what follows"),
    ("limit", "The limit of a period"),
    ("modes", "Charging modes"),
    ("refunds", "Money that goes back"),
    ("downtime", "After downtime"),
    ("network", "Answers that do not come"),
    ("notifications", "What Amazon tells"),
    ("machine", "Trouble of the machine"),
    ("guards", "Guards and stop switches"),
    ("lanes", "Priorities and fairness"),
]


def output_of(program, *arguments):
    return subprocess.run([program, *arguments], check=True, text=True, stdout=subprocess.PIPE).stdout


def make_index(program):
    complaints = [f"{path}: its folder is no theme of scenarios.py" for path in FOLDER.iterdir()
                  if path.is_dir() and path.name not in dict(THEMES)]
    lines = []
    count = 0
    for theme, heading in THEMES:
        files = sorted((FOLDER / theme).glob("*.txt"))
        count += len(files)
        lines += ["", f"### {heading}", "", "| | |", "| --- | --- |"]
        for line in output_of(program, "--title", *map(str, files)).splitlines():
            path, title = line.split("\t")
            name = pathlib.Path(path).relative_to(FOLDER)
            if not title:
                complaints.append(f"{path}: begins without a title")
            lines.append(f"| [{name.stem}]({name}) | {title} |")
    return complaints, f"\n{count} scenarios.\n" + "\n".join(lines) + "\n\n"


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--write"]
    complaints, index = make_index(arguments[0])
    text = README.read_text()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    wanted = before + BEGIN + index + END + after
    if "--write" in sys.argv:
        README.write_text(wanted)
    elif text != wanted:
        complaints.append("scenarios/README.md is stale: scenarios.py --write")
    for word in output_of(arguments[0], "--words", "-").split():
        if f"`{word} " not in after and f"`{word}`" not in after:
            complaints.append(f"scenarios/README.md does not explain `{word}`")
    print("\n".join(complaints))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
