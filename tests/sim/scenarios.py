#!/usr/bin/env python3
"""scenarios.py - the index in scenarios/README.md: one line for each scenario, by theme.

    scenarios.py PROGRAM            compares: titles, files, that each word is explained, and that each command
                                    of autopayctl and each key of the configuration is shown by a scenario
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
    ("guards", "Guards and stop switches"),
    ("machine", "Trouble of the machine"),
    ("lanes", "Priorities and fairness"),
    ("looking", "What an operator sees"),
]


# What no scenario can show: files, sockets, credentials and sizes of the machine, and which Amazon is asked.
# tests/e2e and tests/scheduler have these.
NOT_SHOWN = """
daemon store admin_socket ca_file in_flight_max connections_max connect_deadline
daemon ipn_port ipn_address ipn_path ipn_certificate_file ipn_key_file ipn_trust_file ipn_connect_to
daemon log_format log_level
seller region environment endpoint profile_endpoint access_key auth_token secret_file secret_env secret_credential
seller currency quota quota_fraction ipn_topic_arn
"""
PAGING = {"--after", "--max"}  # the same in every list
OPTIONS_NOT_SHOWN = ["agreement register --wait", "why --store", "why --config"]


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


def not_shown():
    lines = [line.split() for line in NOT_SHOWN.split("\n") if line]
    return ({f"{section} {key}" for section, *keys in lines for key in keys} |
            {f"option {option}" for option in OPTIONS_NOT_SHOWN})


def said_by(line):
    """What one line of a scenario shows, in the words of --vocabulary."""
    words = line.split("#")[0].split()
    if words[:1] == ["quietly"]:
        words = words[1:]
    if words[:1] == ["each"]:
        words = words[2:]
    if words[1:2] == ["="] and words[0] != "config":
        words = words[2:]
    if words[:1] == ["config"]:
        return {f"{section} {words[1]}" for section in ("daemon", "seller", "policy")}
    if words[:1] == ["config-policy"]:
        return {f"policy {words[2]}"}
    if not words or words[0] == ">":
        return set()
    options = {word for word in words if word.startswith("--")}
    names = {words[0], " ".join(words[:2])} | ({"any list"} if options & PAGING else set())
    return {f"command {name}" for name in names} | {f"option {name} {option}" for name in names for option in options}


def paged(line):
    return f"option any list {line.split()[-1]}" if line.split()[-1] in PAGING else line


def missing_words(program):
    """Commands, options and keys that no scenario says; and what is excused from that without need."""
    said = set()
    for path in FOLDER.glob("*/*.txt"):
        for line in path.read_text().splitlines():
            said |= said_by(line)
    vocabulary = {paged(line) for line in output_of(program, "--vocabulary", "-").splitlines()}
    excused = not_shown()
    return ([f"no scenario shows: {word}" for word in sorted(vocabulary - said - excused)] +
            [f"scenarios.py excuses what is shown, or does not exist: {word}"
             for word in sorted(excused - (vocabulary - said))])


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
    complaints += missing_words(arguments[0])
    if complaints:
        print("\n".join(complaints))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
