#!/usr/bin/env python3
"""words.py - words that have a place: clocks, unsafe string functions, the inside of money, promises.

A rule is a pattern, where it is allowed, and why it is banned elsewhere. Patterns are searched in code
without comments and strings, except for promises, which are searched everywhere.
"""
import re
import sys

import sources

CALL = r"(?<![\w.>])(?:%s)\s*\("
CLOCK = r"mws/edge/loop\.c|tests/(bench/.*|.*/main_bench_[a-z_]*\.c)"

RULES = [
    (CALL % "time|gettimeofday|clock|clock_gettime|uv_hrtime|uv_now", CLOCK,
     "the clock is handed in (billing/instant.h)"),
    (CALL % "gmtime|gmtime_r|localtime|localtime_r|mktime|timegm|strftime|strptime|tzset|ctime|asctime",
     r"tests/.*oracle.*", "the calendar is billing/civil.h and billing/zone.h"),
    (CALL % "sleep|usleep|nanosleep|clock_nanosleep", None,
     "nothing sleeps: timers are the loop's, tests have virtual time"),
    (CALL % "rand|srand|random|srandom|rand_r|drand48|lrand48", None,
     "random bytes come from mws/edge/crypto.h, and tests have seeds"),
    (CALL % "strtok|strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atof", None,
     "it cannot tell that it went wrong"),
    (r"(?:\.|->)\s*minor\b", r"billing/money\.c|tests/billing/test_money\.c", "only billing/money.c looks into struct money"),
]
# Written in two halves, or this file would find itself. In quotes the last one is ISO 4217's code for
# no currency.
PROMISE = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|(?<![\"'])X" r"XX(?![\"']))\b")
# An access to money's inside that must be says why on its line.
RAW_MONEY = re.compile(r"/\* raw money: .*\*/")


def check(tree):
    complaints = []
    for path, text in tree.items():
        lines = text.split("\n")
        if path.endswith((".c", ".h")):
            code = sources.code_of(text)
            for pattern, allowed, reason in RULES:
                if allowed and re.fullmatch(allowed, path):
                    continue
                for match in re.finditer(pattern, code):
                    line = sources.line_of(code, match.start())
                    if "minor" in pattern and RAW_MONEY.search(lines[line - 1]):
                        continue
                    word = match.group().rstrip("( ")
                    complaints.append(f"{path}:{line}: {word}: {reason}")
        for number, line in enumerate(lines, 1):
            if PROMISE.search(line):
                complaints.append(f"{path}:{number}: a promise: do it, or write down why not")
    return complaints


def self_test():
    bad = ["time(NULL)", "x = localtime (&t)", "sleep(1)", "rand()", "strcpy(a, b)", "sprintf(s, f)",
           "mktime(&tm)", "a.minor = 1", "a->minor++", "nanosleep(&t, NULL)", "clock_gettime(0, &t)",
           "gmtime(&t)", "strftime(s, 1, f, t)", "usleep(1)", "strtok(s, d)"]
    for statement in bad:
        sources.expect(check, {"billing/a.c": f"{{\n    {statement};\n}}\n"}, ["billing/a.c:2: "])
    good = ["loop_time(loop)", "snprintf(s, n, f)", "last_time (x)", "vsnprintf(s, n, f, l)", "o->time(o)",
            'f("time(NULL)")', "/* sleep(1) */", "minor(x)", "a.minor /* raw money: a test of it */ = 1"]
    for statement in good:
        sources.expect(check, {"billing/a.c": statement + ";\n"}, [])
    sources.expect(check, {"billing/money.c": "a.minor = 1;\n", "mws/edge/loop.c": "time(NULL);\n"}, [])
    for word in ("TO" "DO", "FIX" "ME", "X" "XX"):
        sources.expect(check, {"a.c": f"/* {word}: later */\n", "b.md": f"- {word}\n"},
                       ["a.c:1: ", "b.md:1: "])
    sources.expect(check, {"a.c": '"/tmp/x.XXXXXX"; money_of(1, "XX' 'X");\n'}, [])


if __name__ == "__main__":
    sys.exit(sources.main(check, self_test,
                          (".c", ".h", ".py", ".sh", ".md", ".cmake", ".txt", ".sql", ".js", ".in")))
