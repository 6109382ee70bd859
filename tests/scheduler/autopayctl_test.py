#!/usr/bin/env python3
"""autopayctl_test.py - autopayctl against a server that plays the daemon: what it sends, prints and
exits with. The daemon's own side is test_admin*.c.

usage: autopayctl_test.py PATH-OF-AUTOPAYCTL
"""
import http.server
import json
import os
import socketserver
import subprocess
import sys
import tempfile
import threading
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "autopayctl"
AGREEMENT = {"agreement_id": "C03-1", "state": "open", "synced_at": "2026-11-22T03:12:28.847Z",
             "limit": {"amount": "50000", "currency": "JPY"}, "care": None, "close_wanted": False}
STATUS = {"version": "0", "sellers": [{"seller_id": "A1"}]}


class Handler(http.server.BaseHTTPRequestHandler):
    def address_string(self):
        return "client"

    def log_message(self, *_):
        pass

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        self.server.seen.append((self.command, self.path, body))
        status, text = self.server.answers.get(self.path.split("?")[0], (404, {
            "error": "not_found", "message": "not planted"}))
        data = text.encode() if isinstance(text, str) else json.dumps(text).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = answer


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class Autopayctl(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.socket = os.path.join(self.folder.name, "admin.sock")
        self.server = Server(self.socket, Handler)
        self.server.seen = []
        self.server.answers = {"/v1/status": (200, STATUS)}
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()

    def plant(self, path, status, answer):
        self.server.answers["/v1/sellers/A1/" + path] = (status, answer)

    def run_it(self, *words, code=0, **environment):
        done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=60,
                              check=False, stdin=subprocess.DEVNULL,
                              env={**os.environ, "AUTOPAY_SOCKET": self.socket,
                                   "AUTOPAY_SELLER": "A1", "LC_ALL": "C.UTF-8", **environment})
        self.assertEqual(done.returncode, code, f"{words}: {done.stdout}{done.stderr}")
        if code != 0:
            self.assertEqual(done.stdout if code != 3 else "", "", words)
            self.assertTrue(done.stderr.startswith("autopayctl"), done.stderr)
        return done

    def test_options_become_keys_of_the_request(self):
        self.plant("subscriptions", 201, {"subscription_key": "K", "next_due": []})
        self.run_it("subscription", "create", "--amount", "1200", "C03-1", "--unit=month",
                    "--every", "3", "--anchor", "2026-01-31", "--last-day-of-month", "--label",
                    "a \"b\" \u5b9a", "--key", "signup-1")
        method, path, body = self.server.seen[-1]
        self.assertEqual((method, path), ("POST", "/v1/sellers/A1/subscriptions"))
        self.assertEqual(json.loads(body), {
            "agreement_id": "C03-1", "amount": "1200", "unit": "month", "every": 3,
            "anchor": "2026-01-31", "last_day_of_month": True, "label": "a \"b\" \u5b9a",
            "idempotency_key": "signup-1"})

    def test_options_become_the_query(self):
        self.plant("charges", 200, {"charges": [], "next": None})
        self.run_it("charge", "list", "--state", "paid&x=1", "--max", "7")
        self.assertEqual(self.server.seen[-1][1], "/v1/sellers/A1/charges?state=paid%26x%3D1&max=7")

    def test_charges_of_an_agreement(self):
        self.plant("charges", 200, {"charges": [], "next": None})
        self.run_it("charge", "list", "--agreement", "C03-1")
        self.assertEqual(self.server.seen[-1][1], "/v1/sellers/A1/charges?agreement=C03-1")

    def test_notices(self):
        self.plant("notices", 200, {"notices": [
            {"number": 7, "kind": "refund", "object_id": "S03-1-1-R1", "state": "Completed",
             "reason": None, "amount": "300", "currency": "JPY", "done": True,
             "received_at": "2026-11-22T03:12:28.847Z", "parent_id": None}], "next": 7})
        done = self.run_it("notices", "--kind", "refund", "--object", "S03-1-1-R1", "--after", "3",
                           "--max", "2")
        self.assertEqual(self.server.seen[-1][1], "/v1/sellers/A1/notices"
                         "?kind=refund&object=S03-1-1-R1&after=3&max=2")
        self.assertIn("S03-1-1-R1", done.stdout)
        self.assertIn("2026-11-22 03:12:28Z", done.stdout)
        self.assertIn("go on with --after 7", done.stderr)

    def test_a_word_cannot_leave_its_place_in_the_path(self):
        self.run_it("charge", "show", "../agreements?x", code=2)
        self.assertEqual(self.server.seen[-1][1], "/v1/sellers/A1/charges/..%2Fagreements%3Fx")

    def sent(self):
        """What was asked for last: path below the seller, and the body."""
        method, path, body = self.server.seen[-1]
        self.assertEqual(method, "POST")
        return path.removeprefix("/v1/sellers/A1/"), json.loads(body) if body else {}

    def test_cancel(self):
        self.plant("subscriptions/K/cancel", 200, {"subscription_key": "K", "next_due": []})
        for words, body in ((("--period-end",), {"when": "period_end"}), (("--now",), {"when": "now"}),
                            (("--now", "--force"), {"when": "now", "force": True}),
                            (("--at", "2026-12-31T15:00:00Z"), {"at": "2026-12-31T15:00:00Z"})):
            self.run_it("subscription", "cancel", "K", *words)
            self.assertEqual(self.sent(), ("subscriptions/K/cancel", body))
        for words in ((), ("--now", "--period-end"), ("--now", "--at", "x"), ("--force",)):
            self.run_it("subscription", "cancel", "K", *words, code=64)

    def test_what_is_done_with_a_subscription(self):
        cases = (
            ("pause", (), {}), ("pause", ("--until", "2027-01-31T15:00:00Z"),
                                {"until": "2027-01-31T15:00:00Z"}),
            ("uncancel", (), {}), ("resume", (), {}), ("stop", (), {}), ("start", (), {}),
            ("skip", ("--cycle", "12"), {"cycle": 12}),
            ("move", ("--to", "2026-12-03T00:00:00Z"), {"to": "2026-12-03T00:00:00Z"}),
            ("change", ("--amount", "1500", "--from", "2027-04-01T00:00:00Z"),
             {"amount": "1500", "from": "2027-04-01T00:00:00Z"}),
            ("change", ("--unit", "month", "--every", "2", "--anchor", "2027-01-31", "--time", "09:00",
                        "--zone", "Asia/Tokyo", "--last-day-of-month", "--cycles", "3", "--end",
                        "2028-01-01", "--policy", "patient"),
             {"unit": "month", "every": 2, "anchor": "2027-01-31", "time": "09:00",
              "zone": "Asia/Tokyo", "last_day_of_month": True, "cycles": 3, "end": "2028-01-01",
              "policy": "patient"}),
            ("replace", ("--agreement", "C03-2"), {"agreement_id": "C03-2"}))
        for verb, words, body in cases:
            self.plant("subscriptions/K/" + verb, 200, {
                "subscription_key": "K", "state": "active",
                "next_due": [{"cycle": 12, "due_at": "2026-12-03T00:00:00.000Z", "amount": "1500"}]})
            done = self.run_it("subscription", verb, *words, "K")
            self.assertEqual(self.sent(), (f"subscriptions/K/{verb}", body))
            self.assertRegex(done.stdout, r"12 2026-12-03 00:00:00Z +1500")
            self.run_it("subscription", verb, *words, code=64)

    def test_what_is_said_about_a_charge(self):
        for verb in ("approve", "reject", "ship", "void"):
            self.plant(f"charges/K-1/{verb}", 200, {"charge_id": "K-1", "state": "due"})
            self.assertIn("K-1", self.run_it("charge", verb, "K-1").stdout)
            self.assertEqual(self.sent(), (f"charges/K-1/{verb}", {}))
            self.run_it("charge", verb, code=64)

    def test_refund(self):
        refund = {"refund_id": "K-1-R1", "kind": "shop", "state": "intent", "amount": "300"}
        self.plant("charges/K-1/refunds", 202, refund)
        self.plant("refunds", 200, {"refunds": [refund], "next": None})
        done = self.run_it("charge", "refund", "K-1", "--key", "r1", "--amount", "300", "--overage",
                           "--note", "broken")
        self.assertIn("K-1-R1", done.stdout)
        self.assertEqual(self.sent(), ("charges/K-1/refunds", {
            "idempotency_key": "r1", "amount": "300", "overage": True, "note": "broken"}))
        done = self.run_it("refunds", "--charge", "K-1", "--max", "7")
        self.assertEqual(self.server.seen[-1][1], "/v1/sellers/A1/refunds?charge=K-1&max=7")
        self.assertRegex(done.stdout, r"K-1-R1 .*shop +intent")
        self.plant("charges/K-1", 200, {"charge_id": "K-1", "state": "paid", "attempts": [],
                                        "refunds": [refund]})
        self.assertIn("K-1-R1", self.run_it("charge", "show", "K-1").stdout)

    def test_stop_switches(self):
        self.server.answers["/v1/stop"] = (200, {"seller_id": None, "stopped": "operator"})
        self.plant("stop", 200, {"seller_id": "A1", "stopped": "operator", "all_stopped": None})
        self.plant("start", 200, {"seller_id": "A1", "stopped": None, "all_stopped": None})
        self.plant("agreements/C03-1/stop", 202, AGREEMENT)
        self.plant("agreements/C03-1/close", 202, AGREEMENT)
        for words, path in ((("stop", "--all"), "/v1/stop"), (("stop",), "/v1/sellers/A1/stop"),
                            (("start",), "/v1/sellers/A1/start"),
                            (("agreement", "stop", "C03-1"), "/v1/sellers/A1/agreements/C03-1/stop"),
                            (("agreement", "close", "C03-1"),
                             "/v1/sellers/A1/agreements/C03-1/close")):
            self.run_it(*words)
            self.assertEqual(self.server.seen[-1][:2], ("POST", path))
        self.run_it("stop", "A1", code=64)
        seen = len(self.server.seen)
        for words in (("stop", "--all", "--seller", "A1"), ("--seller", "A1", "start", "--all")):
            self.assertIn("which?", self.run_it(*words, code=64).stderr)
        self.assertEqual(len(self.server.seen), seen)

    def test_policy(self):
        policy = {"version": 3, "name": "default", "at": "2026-11-22T03:12:28.847Z",
                  "text": "name = default\nattempts_max = 5\n", "keys": "capture = now\nattempts_max = 5\n",
                  "answers": [{"about": "any call", "state": None, "reason_code": None,
                               "error": "InternalError", "outcome": "unknown",
                               "reason": "service_unavailable", "note": None}],
                  "reasons": [{"reason": "AmazonRejected", "act": "retry", "waits": "1d 3d",
                               "ask": None, "exhausts_limit": False, "meaning": "a new attempt"}]}
        self.plant("policies/default", 200, policy)
        self.plant("policies/3", 200, policy)
        self.plant("policies", 200, {"policies": [policy], "next": None})
        for words in ((), ("3",)):
            done = self.run_it("policy", "show", *words)
            self.assertEqual(self.server.seen[-1][1],
                             "/v1/sellers/A1/policies/" + (words[0] if words else "default"))
            self.assertIn("\nattempts_max = 5\n", done.stdout)
            self.assertRegex(done.stdout, r"any call .*InternalError unknown +service_unavailable")
            self.assertRegex(done.stdout, r"AmazonRejected retry 1d 3d")
        self.run_it("policy", "show", "a", "b", code=64)
        self.assertIn("default", self.run_it("policy", "list").stdout)

    def test_exit_codes(self):
        for status, code in ((400, 1), (409, 1), (413, 1), (404, 2), (429, 3), (503, 3), (405, 70),
                             (500, 70)):
            self.plant("agreements/C03-1", status, {"error": "x", "message": f"sentence {status}"})
            done = self.run_it("agreement", "show", "C03-1", code=code)
            self.assertEqual(done.stderr, f"autopayctl: sentence {status}\n")
        self.plant("agreements/C03-1", 413, "The body is too large.\n")
        self.assertIn("too large", self.run_it("agreement", "show", "C03-1", code=1).stderr)
        self.plant("agreements/C03-1", 200, "<html>")
        self.run_it("agreement", "show", "C03-1", code=70)
        self.run_it("status", code=3, AUTOPAY_SOCKET=self.socket + ".gone")

    def test_wrong_words(self):
        for words in ((), ("agreement",), ("agreement", "close"), ("nonsense",), ("status", "x"),
                      ("agreement", "show"), ("agreement", "show", "a", "b"), ("--nonsense",),
                      ("charge", "list", "--max", "1e3"), ("agreement", "show", ""),
                      ("--seller=", "events"), ("charge", "once", "C03-1", "--unit", "day")):
            self.run_it(*words, code=64)
        self.assertEqual(self.server.seen, [])

    def test_the_seller(self):
        self.plant("agreements/C03-1", 200, AGREEMENT)
        self.run_it("agreement", "show", "C03-1", AUTOPAY_SELLER="")
        self.assertEqual([path for _, path, _ in self.server.seen],
                         ["/v1/status", "/v1/sellers/A1/agreements/C03-1"])
        self.server.answers["/v1/status"] = (200, {"sellers": [{"seller_id": "A1"},
                                                               {"seller_id": "A2"}]})
        done = self.run_it("agreement", "show", "C03-1", code=64, AUTOPAY_SELLER="")
        self.assertIn("A1 A2", done.stderr)

    def test_output(self):
        self.plant("agreements", 200, {"agreements": [AGREEMENT], "next": "C03-1"})
        done = self.run_it("agreement", "list")
        self.assertIn("2026-11-22 03:12:28Z", done.stdout)
        self.assertIn("--after C03-1", done.stderr)
        done = self.run_it("agreement", "list", "--json")
        self.assertEqual(json.loads(done.stdout)["agreements"], [AGREEMENT])
        long_id = "C03-" + "9" * 31
        self.plant("agreements", 200, {"agreements": [{**AGREEMENT, "agreement_id": long_id,
                                                       "state": "a\x1b[2Jb"}], "next": None})
        done = self.run_it("agreement", "list", COLUMNS="40")
        self.assertIn(long_id, done.stdout)
        self.assertNotIn("\x1b", done.stdout)

    def test_register_waits_for_the_sync(self):
        self.plant("agreements", 202, {**AGREEMENT, "state": "unsynced"})
        self.plant("agreements/C03-1", 200, AGREEMENT)
        done = self.run_it("agreement", "register", "C03-1", "--confirm", "--wait", "--json")
        self.assertEqual(json.loads(done.stdout), AGREEMENT)
        self.assertEqual(json.loads(self.server.seen[0][2]),
                         {"agreement_id": "C03-1", "confirm": True})

    def test_help_everywhere(self):
        for words in ((), ("agreement",), ("subscription",), ("charge",), ("policy",), ("events",),
                      ("notices",), ("status",), ("refunds",), ("stop",), ("start",)):
            self.assertIn("Usage: autopayctl", self.run_it(*words, "--help").stdout)
        program = self.run_it("--help").stdout
        for noun, verbs in (("agreement", "register show list sync close stop start"),
                            ("subscription", "create show list cancel uncancel pause resume skip move "
                             "change replace stop start"),
                            ("charge", "once show list approve reject ship void refund"),
                            ("policy", "list show")):
            listed = self.run_it(noun, "--help").stdout
            for verb in verbs.split():
                self.assertRegex(listed, rf"(?m)^  {verb} ")
                self.assertRegex(program, rf"\b{verb}\b")
                page = self.run_it(noun, verb, "--help").stdout
                self.assertIn(f"autopayctl {noun} {verb}", page)
                self.assertIn("Example", page)
        self.assertRegex(self.run_it("--version").stdout, r"^autopayctl \d+\.\d+")


if __name__ == "__main__":
    unittest.main()
