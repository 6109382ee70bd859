"""Starts the real programs for end-to-end tests and measurements: mws-sandbox and autopayd on loopback,
with the same agreements enrolled on both sides.

Everything lives below one temporary folder and ends with the `with` block: only processes started
here are ended. Nothing is asserted here; see the tests beside this file.
"""

import atexit
import datetime
import functools
import glob
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

SECRET = "e2e-secret"
ACCESS_KEY = "AKE2EPLANTED"


def seller_id(index):
    return f"SELLER{index + 1:04d}"


def agreement_id(seller, index):
    return f"C03-{seller + 1:07d}-{index + 1:07d}"


def wait_until(condition, seconds, what, pause_s=0.02):
    """Asks `condition` again and again until it is true; fails after `seconds`, and says for `what` it
    waited, a text or a function that tells it then."""
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what() if callable(what) else what}")
        pause.wait(pause_s)


def whole_second(seconds_from_now=0):
    """The first whole second that is at least so far ahead: one that is cut might be past already."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds_from_now)
    return at + datetime.timedelta(microseconds=-at.microsecond % 1_000_000)


def utc(seconds_from_now=0):
    """That second as "2026-11-22T01:00:00Z"."""
    return whole_second(seconds_from_now).strftime("%Y-%m-%dT%H:%M:%SZ")


def daily(seconds_from_now):
    """The plan of a daily subscription whose first cycle is due at that second, or was, should the order come
    late."""
    due = whole_second(seconds_from_now)
    return {"unit": "day", "zone": "Etc/UTC", "anchor": due.strftime("%Y-%m-%d"),
            "time": due.strftime("%H:%M:%S"), "charge_from": due.strftime("%Y-%m-%dT%H:%M:%SZ")}


def free_port():
    """One that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@functools.cache
def shared_keys():
    """A folder for keys and certificates of all sandboxes of this program: making them takes half a second."""
    folder = tempfile.mkdtemp(prefix="autopay-e2e-keys-")
    atexit.register(shutil.rmtree, folder)
    return folder


class Sandbox:
    """mws-sandbox on free ports; any seller may call with SECRET. `tls`: where its keys and certificates
    are kept; without it they are its own."""

    def __init__(self, build, folder, *options, tls=None):
        self.folder = folder
        tls = tls or os.path.join(folder, "tls")
        port_file = os.path.join(folder, "sandbox.ports")
        if os.path.exists(port_file):
            os.remove(port_file)
        self.log = open(os.path.join(folder, "sandbox.log"), "ab")
        self.process = subprocess.Popen(
            [os.path.join(build, "mws-sandbox"), "--tls-dir", tls,
             "--port-file", port_file, "--any-seller", SECRET, *options],
            stderr=self.log, stdin=subprocess.DEVNULL)
        wait_until(lambda: os.path.exists(port_file) or self.process.poll() is not None, 30,
                   "the sandbox to listen")
        if self.process.poll() is not None:
            raise AssertionError("mws-sandbox ended; see " + self.log.name)
        with open(port_file, encoding="ascii") as file:
            ports = dict(line.strip().split("=") for line in file)
        self.port = int(ports["port"])
        self.control_port = int(ports["control_port"])
        self.ca_file = os.path.join(tls, "ca.pem")
        self.url = f"https://localhost:{self.port}/OffAmazonPayments_Sandbox/2013-01-01"

    def control(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.control_port, timeout=120)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            text = answer.read().decode()
            if answer.status >= 400:
                raise AssertionError(f"control {method} {path}: {answer.status} {text}")
            return json.loads(text) if text.strip() else None
        finally:
            connection.close()

    def enrol(self, sellers, agreements, **more):
        for seller in range(sellers):
            self.control("POST", "/control/agreements", {
                "seller": seller_id(seller), "state": "Open", "count": agreements, "first": 1,
                "id_pattern": f"C03-{seller + 1:07d}-#######", **more})

    def buyer(self, agreement, act, **body):
        return self.control("POST", f"/control/agreements/{agreement}/{act}", body)

    def agreement(self, agreement):
        return self.control("GET", "/control/agreements/" + agreement)

    def play(self, *rules):
        """Faults from now on; see mws/sandbox/README.md."""
        self.control("POST", "/control/faults", list(rules))

    def play_nothing(self):
        self.control("DELETE", "/control/faults")

    def played(self, fault):
        return self.stats()["faults"][fault]

    def ledger(self):
        return self.control("GET", "/control/ledger")

    def totals(self):
        return self.control("GET", "/control/ledger?totals=1")["totals"]

    def stats(self):
        return self.control("GET", "/control/stats")

    def stop(self):
        code = stop(self.process)
        self.log.close()
        return code


def stop(process, seconds=60):
    """SIGTERM, and the exit code; SIGKILL when it does not end."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise AssertionError("a program did not end within its time") from None


def cpu_seconds(process):
    """User and system time of a running program."""
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class AdminConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Daemon:
    """autopayd with a database of its own; may be killed and started again."""

    def __init__(self, build, folder, sandbox, sellers, settings="", seller_settings="quota = off"):
        self.build = build
        self.folder = folder
        self.sandbox = sandbox
        self.store = os.path.join(folder, "autopay.db")
        self.socket = os.path.join(folder, "admin.sock")
        self.config = os.path.join(folder, "autopayd.conf")
        self.log_path = os.path.join(folder, "autopayd.log")
        self.process = None
        secret = os.path.join(folder, "secret")
        with open(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
                  encoding="ascii") as file:
            file.write(SECRET)
        self.write_config(sellers, settings, seller_settings)

    def write_config(self, sellers, settings="", seller_settings="quota = off"):
        with open(self.config, "w", encoding="ascii") as file:
            file.write(f'store = "{self.store}"\nadmin_socket = "{self.socket}"\n'
                       f'ca_file = "{self.sandbox.ca_file}"\n{settings}\n')
            for seller in range(sellers):
                file.write(f'''seller "{seller_id(seller)}" {{
    region = jp
    environment = sandbox
    endpoint = "https://localhost:{self.sandbox.port}"
    access_key = "{ACCESS_KEY}{seller}"
    secret_file = "{self.folder}/secret"
    zone = "Asia/Tokyo"
    {seller_settings}
}}
''')

    def enrol(self, sellers, agreements, due, due_at, apart=0, amount=1000, first=1):
        subprocess.run([os.path.join(self.build, "tests", "enrol"), "--store", self.store,
                        "--sellers", str(sellers), "--agreements", str(agreements), "--due",
                        str(due), "--due-at", due_at, "--apart", str(apart), "--amount",
                        str(amount), "--first", str(first)], check=True)

    def start(self, wait=True, wrapper=()):
        self.log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [*wrapper, os.path.join(self.build, "autopayd"), "--config", self.config],
            stderr=self.log, stdin=subprocess.DEVNULL)
        if wait:
            wait_until(lambda: self.answers() or self.process.poll() is not None, 30,
                       "autopayd to answer")
            if self.process.poll() is not None:
                raise AssertionError("autopayd ended; see " + self.log_path)
        return self

    def answers(self):
        try:
            return self.get("/v1/status") is not None
        except (OSError, http.client.HTTPException):
            return False

    def request(self, method, path, body=None):
        """(HTTP status, JSON) of the admin API."""
        connection = AdminConnection(self.socket)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read().decode())
        finally:
            connection.close()

    def get(self, path):
        status, value = self.request("GET", path)
        if status != 200:
            raise AssertionError(f"GET {path}: {status} {value}")
        return value

    def seller(self, path, seller=0):
        """GET below /v1/sellers/<seller>/."""
        return self.get(f"/v1/sellers/{seller_id(seller)}/{path}")

    def order(self, path, body, seller=0):
        """POST below /v1/sellers/<seller>/: (HTTP status, JSON)."""
        return self.request("POST", f"/v1/sellers/{seller_id(seller)}/{path}", body)

    def charge_once(self, agreement, amount, key, seller=0, **more):
        """The id of a one-off charge that was accepted."""
        status, value = self.order("charges", {"agreement_id": agreement, "amount": str(amount),
                                               "idempotency_key": key, **more}, seller)
        if status != 202:
            raise AssertionError(f"one-off {key}: {status} {value}")
        return value["charge_id"]

    def wait_charge(self, charge, *states, seller=0, seconds=30):
        """The charge, with its attempts, once it exists and is in one of the states."""
        last = {}

        def there():
            status, value = self.request("GET", f"/v1/sellers/{seller_id(seller)}/charges/{charge}")
            if status == 200:
                last.update(value)
            return last.get("state") in states

        try:
            wait_until(there, seconds, f"charge {charge} to be {' or '.join(states)}")
        except AssertionError as error:
            raise AssertionError(f"{error}; it is {last.get('state')}, {last}") from None
        return last

    def wait_agreement(self, agreement, *states, seller=0, seconds=30):
        return wait_until(lambda: (found := self.seller("agreements/" + agreement, seller))["state"]
                          in states and found, seconds, f"{agreement} to be {' or '.join(states)}")

    def log_text(self):
        with open(self.log_path, encoding="utf-8") as file:
            return file.read()

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def stop(self):
        code = stop(self.process)
        self.log.close()
        return code

    def autopayctl(self, *words):
        """(exit code, standard output, standard error) of the command line, offline or through the socket."""
        done = subprocess.run([os.path.join(self.build, "autopayctl"), *words], capture_output=True,
                              text=True, check=False, timeout=300, stdin=subprocess.DEVNULL,
                              env={**os.environ, "AUTOPAY_SOCKET": self.socket, "LC_ALL": "C.UTF-8"})
        return done.returncode, done.stdout, done.stderr

    def verify(self):
        """The auditor finds nothing in the database, and the sandbox counts the same captures."""
        code, out, problem = self.autopayctl(
            "verify", "--store", self.store, "--against",
            f"http://127.0.0.1:{self.sandbox.control_port}")
        if code != 0:
            raise AssertionError(f"autopayctl verify: {code}\n{out[-6000:]}{problem}")

    def why(self, subject, *words):
        """What autopayctl why answers, as JSON."""
        code, out, problem = self.autopayctl("why", subject, *words, "--store", self.store, "--json")
        if code != 0:
            raise AssertionError(f"autopayctl why {subject}: {code} {problem}")
        return json.loads(out)

    def cpu_seconds(self):
        return cpu_seconds(self.process)

    def memory_kb(self, key="VmRSS"):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith(key + ":"):
                    return int(line.split()[1])
        raise AssertionError(key)


class Scene:
    """A sandbox and a daemon in a folder of their own; both ended, and the folder removed, at the end
    of the `with` block. Before, autopayctl verify must find nothing. After a failure the ends of the
    logs are printed."""

    def __init__(self, build, sellers=1, settings="", seller_settings="quota = off",
                 sandbox_options=("--quota=off",)):
        self.verifies = True   # at the end of the block, unless it ends by an exception
        self.folder = tempfile.mkdtemp(prefix="autopay-e2e-")
        try:
            self.sandbox = Sandbox(build, self.folder, *sandbox_options, tls=shared_keys())
        except BaseException:
            shutil.rmtree(self.folder)
            raise
        self.daemon = Daemon(build, self.folder, self.sandbox, sellers, settings, seller_settings)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            self.end_daemon()
            if kind is None and self.verifies and self.sandbox.process.poll() is None \
                    and os.path.exists(self.daemon.store):
                self.daemon.verify()
            if self.sandbox.process.poll() is None:
                stop(self.sandbox.process)
            if kind is not None:
                self.show_logs()
            else:
                check_sanitizers(self.folder)
        finally:
            shutil.rmtree(self.folder)

    def end_daemon(self):
        process = self.daemon.process
        if process is not None and process.poll() is None:
            stop(process)

    def show_logs(self):
        for path in sorted(glob.glob(os.path.join(self.folder, "*.log"))):
            with open(path, encoding="utf-8", errors="replace") as file:
                text = "".join(line for line in file if "event=admin method=GET" not in line)
            print(f"--- {os.path.basename(path)}, its end\n{text[-6000:]}", flush=True)


def check_sanitizers(folder):
    """No program whose standard error is a log there was stopped by a sanitizer or an assertion."""
    for path in glob.glob(os.path.join(folder, "*.log")):
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        for word in ("Sanitizer", "runtime error", "ENSURE"):
            if word in text:
                raise AssertionError(f"{word} in {path}:\n{text[max(0, text.index(word) - 500):][:6000]}")


class Skipped(Exception):
    """What this machine does not let us do, and why."""


def run_cases(cases, *arguments, only=None):
    """Calls each with the arguments; prints its name, time and failure. The exit code."""
    chosen = [case for case in cases if only in (None, case.__name__)]
    failed = 0
    for case in chosen:
        begun = time.monotonic()
        try:
            case(*arguments)
            verdict = "ok"
        except Skipped as reason:
            verdict = f"SKIPPED ({reason})"
        except Exception:  # pylint: disable=broad-except
            traceback.print_exc(file=sys.stdout)
            verdict = "FAILED"
            failed += 1
        print(f"{verdict:6} {time.monotonic() - begun:6.2f} s  {case.__name__}", flush=True)
    print(f"{len(chosen)} cases, {failed} failed")
    return 1 if failed or not chosen else 0
