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

    def test_cancel(self):
        self.plant("subscriptions/K/cancel", 200, {"subscription_key": "K", "next_due": []})
        self.run_it("subscription", "cancel", "K", "--period-end")
        self.assertEqual(json.loads(self.server.seen[-1][2]), {"when": "period_end"})
        self.run_it("subscription", "cancel", "K", code=64)
        self.run_it("subscription", "cancel", "K", "--now", "--period-end", code=64)

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
        for words in ((), ("agreement",), ("subscription", "create"), ("charge", "once"),
                      ("events",), ("notices",), ("status",)):
            self.assertIn("Usage: autopayctl", self.run_it(*words, "--help").stdout)
        self.assertRegex(self.run_it("--version").stdout, r"^autopayctl \d+\.\d+")


if __name__ == "__main__":
    unittest.main()
