#!/usr/bin/env python3
"""arrows.py - who may include whom: the picture of the design, section "Folders", as a table.

Rejects an #include "..." whose arrow is not drawn, one that is not written from the root of the tree,
and a foreign library's header outside the one file that is its face.
"""
import re
import sys

import sources

CORE = ("billing/status.h", "billing/ensure.h", "billing/instant.h")
SANDBOX_EDGE = ("mws/edge/xml.h", "mws/edge/http_client.h")  # not: the sandbox decodes by itself


def sandbox_may_include(path):
    return (folder(path) == "mws/sandbox" or path == "mws/vocab.h"
            or path in CORE + ("billing/civil.h",)
            or (folder(path) == "mws/edge" and path not in SANDBOX_EDGE))


# Folder -> may it include that path? The first folder that is a prefix of the file's path counts.
ARROWS = [
    ("tests/", lambda path: True),
    ("billing/", lambda path: folder(path) == "billing"),
    ("schema/", lambda path: folder(path) in ("schema", "billing")),
    # Who posts notifications is a client like any other: it sends bytes and reads a status.
    ("mws/sandbox/deliver.c", lambda path: sandbox_may_include(path)
     or path == "mws/edge/http_client.h"),
    ("mws/sandbox/", sandbox_may_include),
    ("mws/edge/", lambda path: folder(path) == "mws/edge" or path in CORE),
    ("mws/", lambda path: folder(path) in ("mws", "mws/edge", "billing")),
    ("scheduler/", lambda path: folder(path) in ("scheduler", "schema", "mws", "mws/edge",
                                                 "billing")),
]

# Foreign header -> the files that may include it.
FACES = [
    (r"uv\.h", r"mws/edge/loop\.c"),
    (r"curl/.*", r"mws/edge/http_client\.c|scheduler/ctl_http\.c"),
    (r"openssl/.*", r"mws/edge/(crypto|certificate|trust)\.c"),
    (r"libxml/.*", r"mws/edge/xml\.c"),
    (r"microhttpd\.h", r"mws/edge/http_server\.c"),
    (r"jansson\.h", r"mws/edge/json\.c"),
    (r"sqlite3\.h", r"schema/sqlite_[a-z_]*\.[ch]"),
    (r"confuse\.h", r"scheduler/config\.c"),
    (r"libsmartcols(/.*)?\.h", r"scheduler/table\.c"),
    (r"systemd/.*", r"scheduler/service\.c"),
]

# ISO C and the C library; a header that is in neither table is a new part that needs a face.
SYSTEM = re.compile(r"(argp|assert|ctype|dirent|endian|errno|fcntl|float|getopt|inttypes|limits|locale"
                    r"|math|netdb|poll|pthread|pwd|search|setjmp|signal|spawn|stdalign|stdarg|stdatomic|stdbool"
                    r"|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|sysexits|termios|threads"
                    r"|time|unistd|arpa/inet|netinet/in|netinet/tcp|sys/[a-z_]+)\.h")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]*)"|<([^>\n]*)>)', re.MULTILINE)


def folder(path):
    return path.rpartition("/")[0]


def complaint_about(path, own, foreign, tree):
    if path.startswith("tests/"):
        return None if own is None or own in tree else f'"{own}" is not a file of the tree'
    if own is not None:
        if own not in tree:
            return f'"{own}" is not a file of the tree (includes are written from its root)'
        for prefix, may_include in ARROWS:
            if path.startswith(prefix):
                return None if may_include(own) else f'{prefix} may not include "{own}"'
        return "the file is in a folder without a rule"
    for header, faces in FACES:
        if re.fullmatch(header, foreign):
            return None if re.fullmatch(faces, path) else f"<{foreign}> belongs to {faces} alone"
    return None if SYSTEM.fullmatch(foreign) else f"<{foreign}> is of no library in the table"


def check(tree):
    complaints = []
    for path, text in tree.items():
        code = sources.code_of(text)
        for match in INCLUDE.finditer(code):
            complaint = complaint_about(path, match.group(1), match.group(2), tree)
            if complaint:
                complaints.append(f"{path}:{sources.line_of(code, match.start())}: {complaint}")
    return complaints


def self_test():
    headers = {h: "" for h in CORE + SANDBOX_EDGE + (
        "billing/money.h", "mws/vocab.h", "mws/client.h", "mws/edge/loop.h", "schema/store.h",
        "mws/sandbox/ledger.h", "scheduler/log.h", "tests/billing/sample.h")}

    def tree(path, *includes):
        return {**headers, path: "".join(f"#include {i}\n" for i in includes)}

    allowed = {
        "billing/a.c": ['"billing/money.h"', "<string.h>"],
        "schema/a.c": ['"billing/money.h"', '"schema/store.h"'],
        "schema/sqlite_a.c": ["<sqlite3.h>"],
        "mws/a.c": ['"mws/edge/loop.h"', '"billing/money.h"', '"mws/edge/xml.h"'],
        "mws/edge/a.c": ['"billing/status.h"', '"mws/edge/loop.h"'],
        "mws/edge/loop.c": ["<uv.h>", "<sys/socket.h>"],
        "mws/sandbox/a.c": ['"mws/vocab.h"', '"mws/edge/loop.h"', '"mws/sandbox/ledger.h"'],
        "mws/sandbox/deliver.c": ['"mws/edge/http_client.h"', '"mws/sandbox/ledger.h"'],
        "scheduler/a.c": ['"schema/store.h"', '"mws/client.h"', '"mws/edge/loop.h"'],
        "tests/a/test_a.c": ['"mws/sandbox/ledger.h"', "<cmocka.h>", "<sqlite3.h>"],
    }
    for path, includes in allowed.items():
        sources.expect(check, tree(path, *includes), [])
    forbidden = [
        ("billing/a.c", '"mws/vocab.h"'), ("billing/a.c", '"tests/billing/sample.h"'),
        ("billing/a.c", "<uv.h>"), ("billing/a.c", "<glib.h>"), ("billing/a.c", '"money.h"'),
        ("schema/a.c", '"mws/vocab.h"'), ("schema/a.c", '"scheduler/log.h"'),
        ("schema/a.c", "<sqlite3.h>"), ("mws/a.c", '"schema/store.h"'),
        ("mws/a.c", '"mws/sandbox/ledger.h"'), ("mws/a.c", "<openssl/evp.h>"),
        ("mws/edge/a.c", '"mws/vocab.h"'), ("mws/edge/a.c", '"billing/money.h"'),
        ("mws/edge/a.c", "<curl/curl.h>"), ("mws/sandbox/a.c", '"mws/edge/xml.h"'),
        ("mws/sandbox/a.c", '"mws/edge/http_client.h"'), ("mws/sandbox/a.c", '"mws/client.h"'),
        ("mws/sandbox/deliver.c", '"mws/edge/xml.h"'), ("mws/sandbox/deliver.c", "<curl/curl.h>"),
        ("mws/sandbox/a.c", '"billing/money.h"'), ("mws/sandbox/a.c", '"scheduler/log.h"'),
        ("scheduler/a.c", '"mws/sandbox/ledger.h"'), ("scheduler/a.c", "<confuse.h>"),
        ("extra/a.c", '"billing/money.h"'),
    ]
    for path, include in forbidden:
        sources.expect(check, tree(path, include), [f"{path}:1: "])
    sources.expect(check, tree("billing/a.c", '"billing/money.h"', '\n  #  include "mws/vocab.h"'),
                   ["billing/a.c:3: "])
    sources.expect(check, {**headers, "billing/a.c": '/*\n#include "mws/vocab.h"\n*/\n'}, [])


if __name__ == "__main__":
    sys.exit(sources.main(check, self_test))
