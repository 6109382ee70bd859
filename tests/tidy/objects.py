#!/usr/bin/env python3
"""objects.py - what the compiled libraries give away.

    objects.py purity libbilling.a        it calls nothing but the listed, harmless functions
    objects.py state library.a ...        no library of ours has mutable data of file scope
    objects.py --self-test CC

For a build without sanitizers: those add calls and data of their own. Reads nm and objdump.
"""
import os
import re
import subprocess
import sys
import tempfile

# No clock, no I/O, no heap, no locale, no environment. fprintf and abort are ENSURE's last words
# (billing/ensure.c), the only output there is.
PURE = {"memcmp", "memcpy", "memmove", "memset", "memchr", "strcmp", "strncmp", "strlen", "strnlen",
        "strchr", "strrchr", "strspn", "strcspn", "strstr", "snprintf", "vsnprintf",
        "abort", "fprintf", "stderr"}

# What the compiler and _FORTIFY_SOURCE make of harmless code.
COMPILER = re.compile(r"_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|__tls_get_addr")
FORTIFIED = re.compile(r"__(\w+?)_chk")

# Mutable data that may be: name -> reason. Nothing yet, and nothing easily.
STATE_ALLOWED = {}
WRITABLE = re.compile(r"\.(data|bss|tdata|tbss)(?!\.rel\.ro)(\..*)?$|\*COM\*$")


def lines_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def purity(library):
    defined, wanted = set(), {}
    member = ""
    for line in lines_of("nm", library):
        if line.endswith(".o:"):
            member = line[:-1]
        fields = line.split()
        if len(fields) == 2 and fields[0] == "U":
            wanted.setdefault(fields[1], member)
        elif len(fields) == 3 and fields[1] in "TDBRVW":
            defined.add(fields[2])
    complaints = []
    for name, member in sorted(wanted.items()):
        plain = FORTIFIED.sub(r"\1", name)
        if name not in defined and plain not in PURE and not COMPILER.fullmatch(name):
            complaints.append(f"{library}({member}) calls {name}")
    return complaints


def state(library):
    complaints = []
    member = ""
    for line in lines_of("objdump", "-t", library):
        match = re.match(r"(\S+\.o):\s+file format", line)
        if match:
            member = match.group(1)
        # value, seven flags, section, size, name; the sixth flag d marks a section's own symbol
        match = re.match(r"[0-9a-f]+ (.{7}) (\S+)\t[0-9a-f]+\s+(?:\.hidden )?(\S+)$", line)
        if match and match.group(1)[5] != "d":
            name = match.group(3)
            if WRITABLE.match(match.group(2)) and name not in STATE_ALLOWED:
                complaints.append(f"{library}({member}) has mutable data: {name}")
    return complaints


def self_test(compiler):
    cases = [
        (purity, '#include <string.h>\nint f(const char *a);\nint f(const char *a)'
                 ' { return strcmp(a, "x"); }', []),
        (purity, "#include <time.h>\nlong f(void);\nlong f(void) { return time(0); }", ["calls time"]),
        (purity, "#include <stdlib.h>\nvoid *f(void);\nvoid *f(void) { return malloc(1); }",
         ["calls malloc"]),
        (state, 'static const char *const names[] = {"a", "b"};\nconst char *f(int i);\n'
                "const char *f(int i) { return names[i]; }\nconst int table[2] = {1, 2};", []),
        (state, "int counter;", ["counter"]),
        (state, "int f(void);\nint f(void) { static int calls; return ++calls; }", ["calls"]),
        (state, "int start = 3;", ["start"]),
        (state, "_Thread_local int each;", ["each"]),
    ]
    with tempfile.TemporaryDirectory() as folder:
        for check, text, needles in cases:
            source, made, library = (os.path.join(folder, n) for n in ("a.c", "a.o", "liba.a"))
            with open(source, "w", encoding="utf-8") as file:
                file.write(text)
            subprocess.run([compiler, "-O2", "-fPIE", "-c", "-o", made, source], check=True)
            if os.path.exists(library):
                os.unlink(library)
            subprocess.run(["ar", "rc", library, made], check=True)
            complaints = check(library)
            assert len(complaints) == len(needles), f"{text}: {complaints}"
            for complaint, needle in zip(complaints, needles):
                assert needle in complaint, f"{text}: {complaints}"
    print("the check sees what was planted")


def main():
    if sys.argv[1] == "--self-test":
        self_test(sys.argv[2])
        return 0
    check = {"purity": purity, "state": state}[sys.argv[1]]
    complaints = [c for library in sys.argv[2:] for c in check(library)]
    for complaint in complaints:
        print(complaint)
    print(f"{len(sys.argv) - 2} libraries, {len(complaints)} complaints")
    return 1 if complaints or len(sys.argv) < 3 else 0


if __name__ == "__main__":
    sys.exit(main())
