"""Starts the real programs for end-to-end tests and measurements: mws-sandbox and autopayd on loopback,
with the same agreements enrolled on both sides.

Everything lives below one temporary folder and ends with the `with` block: only processes started
here are ended. Nothing is asserted here; see the tests beside this file.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time

SECRET = "e2e-secret"


def seller_id(index):
    return f"SELLER{index + 1:04d}"


def agreement_id(seller, index):
    return f"C03-{seller + 1:07d}-{index + 1:07d}"


def wait_until(condition, seconds, what):
    """Asks `condition` again and again until it is true; fails after `seconds`."""
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}")
        pause.wait(0.02)


class Sandbox:
    """mws-sandbox on free ports; any seller may call with SECRET."""

    def __init__(self, build, folder, *options):
        self.folder = folder
        port_file = os.path.join(folder, "sandbox.ports")
        if os.path.exists(port_file):
            os.remove(port_file)
        self.log = open(os.path.join(folder, "sandbox.log"), "ab")
        self.process = subprocess.Popen(
            [os.path.join(build, "mws-sandbox"), "--tls-dir", os.path.join(folder, "tls"),
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
        self.ca_file = os.path.join(folder, "tls", "ca.pem")

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

    def ledger(self):
        return self.control("GET", "/control/ledger")

    def totals(self):
        return self.control("GET", "/control/ledger?totals=1")["totals"]

    def stats(self):
        return self.control("GET", "/control/stats")

    def stop(self):
        stop(self.process)
        self.log.close()


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
    access_key = "AK{seller}"
    secret_file = "{self.folder}/secret"
    zone = "Asia/Tokyo"
    {seller_settings}
}}
''')

    def enrol(self, sellers, agreements, due, due_at, apart=0, amount=1000):
        subprocess.run([os.path.join(self.build, "tests", "enrol"), "--store", self.store,
                        "--sellers", str(sellers), "--agreements", str(agreements), "--due",
                        str(due), "--due-at", due_at, "--apart", str(apart), "--amount",
                        str(amount)], check=True)

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

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def stop(self):
        code = stop(self.process)
        self.log.close()
        return code

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_kb(self, key="VmRSS"):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith(key + ":"):
                    return int(line.split()[1])
        raise AssertionError(key)
