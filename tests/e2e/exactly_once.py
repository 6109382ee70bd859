"""What must hold when everything is settled, whatever happened before: the daemon's database against
the sandbox's ledger, which counts on its own.

The database is read after the daemon has ended. States are read by the names that billing/lifecycle.h
gives them, never by number.
"""

import collections
import os
import re
import sqlite3

BILLING = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "billing")
# The kinds of events whose from_state and to_state are states.
STATEFUL = ("AGREEMENT", "SUBSCRIPTION", "CHARGE", "ATTEMPT", "REFUND")


def enum(name, header="lifecycle.h"):
    """{number: "PAID"} of `enum charge_state` and the like."""
    with open(os.path.join(BILLING, header), encoding="utf-8") as file:
        body = re.search(r"enum %s \{(.*?)\};" % name, file.read(), re.DOTALL).group(1)
    prefix = name.split("_")[0].upper() + "_"
    return {int(number): word.removeprefix(prefix)
            for word, number in re.findall(r"(\w+) = (\d+)", body)}


class Store:
    """A database that no daemon has open."""

    def __init__(self, path):
        self.database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self.database.row_factory = sqlite3.Row

    def rows(self, sql, *values):
        return self.database.execute(sql, values).fetchall()

    def close(self):
        self.database.close()


def _no_gaps(store):
    """Events are numbered 1, 2, ... per seller, and each subject's states follow one another."""
    kinds = enum("change_kind", "effects.h")
    for seller in store.rows("SELECT seller_id, event_count FROM seller"):
        rows = store.rows("SELECT * FROM event WHERE seller_id = ? ORDER BY number",
                          seller["seller_id"])
        assert [row["number"] for row in rows] == list(range(1, seller["event_count"] + 1)), \
            f"{seller['seller_id']}: the numbers of its events have gaps"
        states = {}
        for row in rows:
            if row["to_state"] == 0 or kinds.get(row["kind"]) not in STATEFUL:
                continue
            key = row["kind"], row["subject"]
            assert states.get(key, 0) == row["from_state"], \
                f"event {row['number']} of {seller['seller_id']}: {row['subject']} was in state " \
                f"{states.get(key, 0)}, not {row['from_state']}"
            states[key] = row["to_state"]
    return sum(row["event_count"] for row in store.rows("SELECT event_count FROM seller"))


def _captures(entries):
    """{(seller, SellerOrderId): the one capture}."""
    captures = collections.defaultdict(list)
    for entry in entries:
        if entry.get("capture"):
            captures[entry["seller"], entry["seller_order_id"]].append(entry)
    for key, found in captures.items():
        assert len(found) == 1, f"{key} was captured {len(found)} times"
    return {key: found[0] for key, found in captures.items()}


def _posted(store, captures):
    """What the daemon says was used of each limit is what the sandbox captured in that month."""
    used = collections.Counter()
    for entry in captures.values():
        used[entry["seller"], entry["agreement"], entry["created_at"][:7]] += int(entry["amount"])
    for row in store.rows("SELECT *, strftime('%Y-%m', limit_period_start / 1000, 'unixepoch') AS"
                          " month FROM agreement WHERE limit_currency IS NOT NULL"):
        ours = row["limit_posted_minor"]
        theirs = used[row["seller_id"], row["id"], row["month"]]
        assert ours >= theirs, f"{row['id']}: {ours} posted, but {theirs} captured"
        assert row["limit_reserved_minor"] == 0, f"{row['id']}: something is still reserved"


def check(store_path, sandbox, expected=None):
    """Compares all there is; `expected`: {(seller, charge id)} that must have been captured and no
    others. Returns (captures, events)."""
    ledger = sandbox.ledger()
    for key in ("double_charged", "months_over_limit", "captures_without_order_id"):
        assert ledger["totals"][key] == 0, f"{key}: {ledger['totals'][key]}"
    captures = _captures(ledger["entries"])
    store = Store(store_path)
    assert store.rows("PRAGMA integrity_check")[0][0] == "ok"
    assert not store.rows("PRAGMA foreign_key_check")
    charge_states, attempt_states = enum("charge_state"), enum("attempt_state")
    paid, attempts = {}, collections.Counter()
    for row in store.rows("SELECT * FROM charge"):
        state = charge_states[row["state"]]
        assert state != "ATTEMPTING", f"charge {row['id']} has an attempt without a final answer"
        if state == "PAID":
            paid[row["seller_id"], row["id"]] = row["amount_minor"]
    for row in store.rows("SELECT * FROM attempt"):
        state = attempt_states[row["state"]]
        assert state in ("CAPTURED", "DECLINED", "REFUSED"), f"{row['reference_id']} is {state}"
        attempts[row["seller_id"], row["reference_id"]] += 1
        if state == "CAPTURED":
            entry = captures.get((row["seller_id"], row["charge_id"]))
            assert entry is not None, f"{row['reference_id']} is captured here only"
            assert (entry["reference"], entry["capture"], entry["agreement"]) == \
                (row["reference_id"], row["capture_id"], row["agreement_id"])
    assert all(count == 1 for count in attempts.values()), "a reference id was used twice"
    references = {(entry["seller"], entry["reference"]) for entry in ledger["entries"]}
    assert references <= attempts.keys(), \
        f"unknown to the store: {sorted(references - attempts.keys())[:5]}"
    assert paid.keys() == captures.keys(), "paid here and captured there differ: " \
        f"{sorted(paid.keys() ^ captures.keys())[:5]}"
    assert sum(paid.values()) == sum(int(entry["amount"]) for entry in captures.values())
    if expected is not None:
        assert captures.keys() == expected, \
            f"due and captured differ: {sorted(captures.keys() ^ expected)[:5]}"
    _posted(store, captures)
    events = _no_gaps(store)
    store.close()
    return len(captures), events
