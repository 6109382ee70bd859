"""The measures: each is a function from a bench (see run) to one dictionary, printed as one line.

A measure sets its figures beside a floor or a peer of the same run, names its goal and says whether
it was met. Everything is measured from outside: rates and lateness from the sandbox's ledger, which
counts without the daemon; processor time and memory from the kernel.
"""

import datetime
import http.server
import json
import os
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import threading
import time

import harness

HERE = os.path.dirname(os.path.abspath(__file__))


def seconds_of(instant):
    """"2026-11-22T03:00:00.123Z" as seconds since 1970."""
    return datetime.datetime.fromisoformat(instant.replace("Z", "+00:00")).timestamp()


def instant_of(seconds):
    """The whole second, as text."""
    at = datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def spread(values, digits=0):
    """Median, least and most."""
    return {name: round(of(values), digits) if digits else round(of(values))
            for name, of in (("median", statistics.median), ("min", min), ("max", max))}


def quantile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(part * len(values)))]


def charges_per_s(sandbox, expected):
    """From the first to the last authorization in the ledger; every one must be there once."""
    ledger = sandbox.ledger()
    totals = ledger["totals"]
    if totals["captures"] != expected or totals["double_charged"] != 0:
        raise AssertionError(f"{expected} captures were due: {totals}")
    at = [seconds_of(entry["created_at"]) for entry in ledger["entries"]]
    return (expected - 1) / max(max(at) - min(at), 0.001)


def wait_for_captures(sandbox, daemon, expected, seconds=300):
    """Asks rarely: asking costs the sandbox time."""
    harness.wait_until(lambda: daemon.process.poll() is not None or
                       sandbox.totals()["captures"] >= expected, seconds, "all captures", 0.1)
    if daemon.process.poll() is not None:
        raise AssertionError("autopayd ended; see " + daemon.log_path)


def end_with_cpu(daemon):
    """Stops the daemon, which records its last answers; its processor time from first to last."""
    daemon.process.send_signal(signal.SIGTERM)
    _, status, usage = os.wait4(daemon.process.pid, 0)
    daemon.process.returncode = os.waitstatus_to_exitcode(status)
    daemon.log.close()
    if daemon.process.returncode != 0:
        raise AssertionError("autopayd did not stop well; see " + daemon.log_path)
    return usage.ru_utime + usage.ru_stime


# --- throughput -----------------------------------------------------------------------------------


def charge_with(bench, sellers, agreements, run):
    """`run(folder, sandbox)` charges everything and returns its processor time."""
    charges = sellers * agreements
    with bench.folder() as folder:
        sandbox = harness.Sandbox(bench.build, folder, "--quota", "off")
        try:
            sandbox.enrol(sellers, agreements)
            before = harness.cpu_seconds(sandbox.process)
            cpu = run(folder, sandbox)
            sandbox_cpu = harness.cpu_seconds(sandbox.process) - before
            return {"rate": charges_per_s(sandbox, charges), "cpu_us": cpu / charges * 1e6,
                    "sandbox_cpu_us": sandbox_cpu / charges * 1e6}
        finally:
            sandbox.stop()


def charge_with_daemon(bench, sellers, agreements):
    def run(folder, sandbox):
        daemon = harness.Daemon(bench.build, folder, sandbox, sellers)
        daemon.enrol(sellers, agreements, agreements, instant_of(time.time() - 5))
        daemon.start(wait=False)
        wait_for_captures(sandbox, daemon, sellers * agreements)
        return end_with_cpu(daemon)
    return charge_with(bench, sellers, agreements, run)


def charge_with_program(bench, sellers, agreements, command, environment=None):
    """`command(folder, sandbox)` is a program that prints {"charges", "cpu_s"}."""
    def run(folder, sandbox):
        done = subprocess.run(command(folder, sandbox), env=environment and environment(sandbox),
                              check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)["cpu_s"]
    return charge_with(bench, sellers, agreements, run)


def charge_with_floor(bench, sellers, agreements, *options):
    return charge_with_program(bench, sellers, agreements, lambda folder, sandbox: [
        os.path.join(bench.build, "tests", "floor"), "--url", sandbox.url, "--ca-file",
        sandbox.ca_file, "--secret", harness.SECRET, "--store", os.path.join(folder, "floor.db"),
        "--sellers", str(sellers), "--agreements", str(agreements), *options])


def turns(rounds, *runs):
    """Each run once per round, so that a busy machine disturbs all alike; lists of their results."""
    results = [[] for _ in runs]
    for _ in range(rounds):
        for run, into in zip(runs, results):
            into.append(run())
    return results


def column(results, name):
    return [result[name] for result in results]


def throughput(bench):
    """The floor of the goal is the bare loop, which writes its rows itself; beside it the same loop
    with a thread of its own for the rows."""
    sellers, agreements, rounds = bench.scale((200, 50, 5), (4, 10, 1))
    ours, floors, writers = turns(
        rounds, lambda: charge_with_daemon(bench, sellers, agreements),
        lambda: charge_with_floor(bench, sellers, agreements),
        lambda: charge_with_floor(bench, sellers, agreements, "--writer"))
    ratios = [a["rate"] / b["rate"] for a, b in zip(ours, floors)]
    writer_ratios = [a["rate"] / b["rate"] for a, b in zip(ours, writers)]
    ratio = statistics.median(ratios)
    return {"charges": sellers * agreements, "rounds": rounds,
            "charges_per_s": spread(column(ours, "rate")),
            "floor_charges_per_s": spread(column(floors, "rate")), "ratio": spread(ratios, 2),
            "cpu_us_per_charge": spread(column(ours, "cpu_us")),
            "floor_cpu_us_per_charge": spread(column(floors, "cpu_us")),
            "floor_with_writer_charges_per_s": spread(column(writers, "rate")),
            "ratio_with_writer": spread(writer_ratios, 2),
            "sandbox_cpu_us_per_charge": spread(column(ours, "sandbox_cpu_us")),
            "goal": "ratio >= 0.5", "met": ratio >= 0.5}


def sandbox(bench):
    """The sandbox beside the same HTTP server over the same TLS that answers a constant of the same
    size; the same load on both, which writes nothing down."""
    sellers, agreements, rounds = bench.scale((200, 50, 5), (4, 10, 1))
    requests = sellers * agreements

    def load(url, ca_file, process):
        before = harness.cpu_seconds(process)
        done = subprocess.run(
            [os.path.join(bench.build, "tests", "floor"), "--url", url, "--ca-file", ca_file,
             "--secret", harness.SECRET, "--sellers", str(sellers), "--agreements",
             str(agreements), "--connections", "32"], check=True, stdout=subprocess.PIPE)
        result = json.loads(done.stdout)
        return {"rate": requests / result["wall_s"], "load_cpu_us": result["cpu_s"] / requests * 1e6,
                "cpu_us": (harness.cpu_seconds(process) - before) / requests * 1e6}

    def load_sandbox():
        with bench.folder() as folder:
            ours = harness.Sandbox(bench.build, folder, "--quota", "off")
            ours.enrol(sellers, agreements)
            result = load(ours.url, ours.ca_file, ours.process)
            charges_per_s(ours, requests)
            ours.stop()
            return result

    def load_constant():
        with bench.folder() as folder:
            tls = harness.Sandbox(bench.build, folder)  # only to have a certificate
            tls.stop()
            with subprocess.Popen(
                    [os.path.join(bench.build, "tests", "constant"),
                     os.path.join(folder, "tls", "certificate.pem"),
                     os.path.join(folder, "tls", "key.pem"), os.path.join(HERE, "answer.xml")],
                    stdout=subprocess.PIPE) as process:
                port = int(process.stdout.readline())
                result = load(f"https://localhost:{port}/OffAmazonPayments_Sandbox/2013-01-01",
                              tls.ca_file, process)
                process.terminate()
            return result

    ours, floors = turns(rounds, load_sandbox, load_constant)
    ratios = [a["rate"] / b["rate"] for a, b in zip(ours, floors)]
    return {"requests": requests, "connections": 32, "rounds": rounds,
            "requests_per_s": spread(column(ours, "rate")),
            "floor_requests_per_s": spread(column(floors, "rate")), "ratio": spread(ratios, 2),
            "cpu_us_per_request": spread(column(ours, "cpu_us")),
            "floor_cpu_us_per_request": spread(column(floors, "cpu_us")),
            "load_cpu_us_per_request": spread(column(ours, "load_cpu_us")),
            "goal": "ratio >= 0.4", "met": statistics.median(ratios) >= 0.4}


def peer(bench):
    """A shop's own loop with a client from the npm registry, over the same due list."""
    sellers, agreements, rounds = bench.scale((20, 50, 3), (2, 5, 1))
    modules = bench.npm_modules()

    def charge_with_npm():
        return charge_with_program(
            bench, sellers, agreements, lambda folder, sandbox: [
                "node", os.path.join(HERE, "peer.js"), sandbox.url, harness.SECRET, str(sellers),
                str(agreements)],
            lambda sandbox: {**os.environ, "NODE_PATH": modules, "NODE_NO_WARNINGS": "1",
                             "NODE_EXTRA_CA_CERTS": sandbox.ca_file})

    ours, peers = turns(rounds, lambda: charge_with_daemon(bench, sellers, agreements),
                        charge_with_npm)
    ratios = [a["rate"] / b["rate"] for a, b in zip(ours, peers)]
    return {"charges": sellers * agreements, "rounds": rounds,
            "charges_per_s": spread(column(ours, "rate")),
            "peer_charges_per_s": spread(column(peers, "rate")), "ratio": spread(ratios, 1),
            "cpu_us_per_charge": spread(column(ours, "cpu_us")),
            "peer_cpu_us_per_charge": spread(column(peers, "cpu_us")),
            "goal": "faster, though durable", "met": statistics.median(ratios) > 1}


# --- many subscriptions ---------------------------------------------------------------------------


def daemon_on_copy(bench, folder, sandbox, store, sellers, due_each):
    """A daemon on a copy of `store`, with `due_each` more subscriptions, due now, of each of as many
    sellers again."""
    daemon = harness.Daemon(bench.build, folder, sandbox, 2 * sellers)
    if store:
        shutil.copyfile(store, daemon.store)
        os.chmod(daemon.store, 0o600)
    daemon.enrol(sellers, due_each, due_each, instant_of(time.time() - 5), first=sellers + 1)
    return daemon


def memory(bench):
    """The same 1,000 charges with and without a million subscriptions beside them."""
    sellers, due_each, _ = bench.many()

    def kilobytes(store):
        with bench.folder() as folder:
            sandbox = harness.Sandbox(bench.build, folder, "--quota", "off")
            sandbox.enrol(2 * sellers, due_each)
            daemon = daemon_on_copy(bench, folder, sandbox, store, sellers, due_each).start(False)
            wait_for_captures(sandbox, daemon, sellers * due_each)
            result = {key: daemon.memory_kb(key) for key in ("VmRSS", "VmHWM")}
            daemon.stop()
            sandbox.stop()
            return result

    big = kilobytes(bench.big_store())
    small = kilobytes(None)
    ratio = big["VmRSS"] / small["VmRSS"]
    return {"subscriptions": bench.big_subscriptions(), "charges": sellers * due_each,
            "rss_kb": big["VmRSS"], "rss_most_kb": big["VmHWM"],
            "small_rss_kb": small["VmRSS"], "small_rss_most_kb": small["VmHWM"],
            "ratio": round(ratio, 2), "goal": "ratio <= 1.2 and rss_most < 64 MB",
            "met": ratio <= 1.2 and big["VmHWM"] < 64 * 1024}


def first_request_after(sandbox, started):
    """Seconds from `started` to the first request that the sandbox logged after it, or None."""
    with open(sandbox.log.name, encoding="utf-8") as file:
        for line in file:
            if line.startswith("time=") and " event=request " in line:
                at = seconds_of(line[5:line.index(" ")])
                if at >= int(started * 1000) / 1000:
                    return at - started
    return None


def forget_cached_pages(path):
    """The next reader of the file reads the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fdatasync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def unsettled_at_start(daemon):
    with open(daemon.log_path, encoding="utf-8") as file:
        started = [line for line in file if " event=started " in line]
    return int(started[-1].split("unsettled=")[1].split()[0])


def restart(bench):
    """Killed in the midst of a backlog, twice; how soon is the new process at work?"""
    sellers, _, due_each = bench.many()
    due = sellers * due_each

    def restarts(store):
        with bench.folder() as folder:
            sandbox = harness.Sandbox(bench.build, folder, "--quota", "off", "--log-requests")
            sandbox.enrol(2 * sellers, due_each)
            # So slow that something is always on the wire when the daemon dies.
            sandbox.play({"action": "*", "fault": "delay", "probability": 1,
                          "delay_ms": bench.scale(20, 300)})
            daemon = daemon_on_copy(bench, folder, sandbox, store, sellers, due_each).start(False)
            times = {}
            for name, part in (("cold", 0.05), ("warm", 0.4)):
                harness.wait_until(lambda part=part: sandbox.totals()["captures"] >= part * due,
                                   60, "some captures")
                daemon.kill()
                if name == "cold":
                    forget_cached_pages(daemon.store)
                started = time.time()
                daemon.start(wait=False)
                first = harness.wait_until(
                    lambda started=started: first_request_after(sandbox, started), 60, "a request")
                times[name] = {"s": round(first, 3)}
                times[name]["unsettled"] = unsettled_at_start(daemon)
            sandbox.play_nothing()
            wait_for_captures(sandbox, daemon, due)
            daemon.stop()
            charges_per_s(sandbox, due)
            sandbox.stop()
            return times

    big = restarts(bench.big_store())
    small = restarts(None)
    worst = max(big[name]["s"] for name in big)
    return {"subscriptions": bench.big_subscriptions() + due, "due": due, "first_request": big,
            "small_first_request": small, "goal": "<= 1 s", "met": worst <= 1}


# --- time -----------------------------------------------------------------------------------------


def disk_ms(folder, count=100):
    """How long one small durable write takes here: no charge can be sooner on the wire."""
    times = []
    with open(os.path.join(folder, "disk"), "ab", buffering=0) as file:
        for _ in range(count):
            start = time.monotonic()
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            times.append((time.monotonic() - start) * 1000)
    return times


def lateness(bench):
    """Due instant to the request's arrival, a few charges each second."""
    sellers, seconds = bench.scale((20, 60), (2, 2))
    with bench.folder() as folder:
        sandbox = harness.Sandbox(bench.build, folder, "--quota", "off")
        sandbox.enrol(sellers, seconds)
        daemon = harness.Daemon(bench.build, folder, sandbox, sellers)
        start = int(time.time()) + 4
        daemon.enrol(sellers, seconds, seconds, instant_of(start), apart=1)
        daemon.start(wait=False)
        threading.Event().wait(start + seconds - time.time())
        wait_for_captures(sandbox, daemon, sellers * seconds, 30)
        cpu = end_with_cpu(daemon)
        late = {False: [], True: []}
        for entry in sandbox.ledger()["entries"]:
            due = start + int(entry["agreement"][-7:]) - 1
            late[due == start].append(round((seconds_of(entry["created_at"]) - due) * 1000))
        sandbox.stop()
        disk = disk_ms(folder)

    def quantiles(values):
        return {name: round(quantile(values, part), 1)
                for name, part in (("p50", 0.5), ("p99", 0.99), ("max", 1))}

    # In the first second the connections are made: as many TLS handshakes as charges.
    return {"charges": sellers * seconds, "late_ms": quantiles(late[False]),
            "late_connecting_ms": quantiles(late[True]), "floor_disk_ms": quantiles(disk),
            "cpu_s": round(cpu, 2), "goal": "p99 < 20 ms once connected, never early",
            "met": quantile(late[False], 0.99) < 20 and min(late[False] + late[True]) >= 0}


def quota(bench):
    """Amazon's live quota on both sides: 10 at once, then one a second."""
    due = bench.scale(200, 13)
    with bench.folder() as folder:
        sandbox = harness.Sandbox(bench.build, folder, "--quota", "live")
        sandbox.enrol(1, due)
        daemon = harness.Daemon(bench.build, folder, sandbox, 1, seller_settings="quota = live")
        daemon.enrol(1, due, due, instant_of(time.time() - 5))
        daemon.start(wait=False)
        wait_for_captures(sandbox, daemon, due)
        daemon.stop()
        at = sorted(seconds_of(entry["created_at"]) for entry in sandbox.ledger()["entries"])
        throttled = sandbox.stats()["throttled"]
        sandbox.stop()
    seconds = at[-1] - at[0]
    part = due / (10 + seconds)
    return {"charges": due, "seconds": round(seconds, 1), "part_of_allowed": round(part, 4),
            "throttled": throttled, "goal": "part >= 0.99, throttled = 0",
            "met": part >= 0.99 and throttled == 0}


def context_switches(process):
    count = 0
    for task in os.listdir(f"/proc/{process.pid}/task"):
        with open(f"/proc/{process.pid}/task/{task}/status", encoding="ascii") as file:
            count += sum(int(line.split()[1]) for line in file if "ctxt_switches" in line)
    return count


def idle(bench):
    """Nothing is due: the daemon wakes for its housekeeping, once a minute, and for nothing else."""
    seconds = bench.scale(60, 1)
    with bench.folder() as folder:
        sandbox = harness.Sandbox(bench.build, folder, "--quota", "off")
        daemon = harness.Daemon(bench.build, folder, sandbox, 20)
        daemon.enrol(20, 50, 0, instant_of(time.time()))
        daemon.start(wait=False)
        harness.wait_until(lambda: os.path.getsize(daemon.log_path) > 0, 30, "the start")
        threading.Event().wait(2)
        before, cpu = context_switches(daemon.process), daemon.cpu_seconds()
        threading.Event().wait(seconds)
        switches = context_switches(daemon.process) - before
        cpu = daemon.cpu_seconds() - cpu
        daemon.stop()
        sandbox.stop()
    ticks = seconds / 60
    return {"seconds": seconds, "context_switches": switches, "floor_ticks": round(ticks, 2),
            "cpu_ms": round(cpu * 1000), "goal": "<= 4 a minute",
            "met": switches <= max(4 * ticks, 4)}


# --- notifications ---------------------------------------------------------------------------------


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes one notification, to see what the sandbox writes into it."""

    def do_POST(self):
        self.server.body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def certificate_url(sandbox):
    with http.server.HTTPServer(("127.0.0.1", 0), Receiver) as server:
        server.timeout, server.body = 30, None
        sandbox.control("PUT", "/control/notifications", {
            "seller": harness.seller_id(0), "url": f"http://127.0.0.1:{server.server_port}/"})
        sandbox.control("POST", "/control/notifications/sample",
                        {"seller": harness.seller_id(0), "type": "PaymentRefund"})
        server.handle_request()
        sandbox.control("PUT", "/control/notifications", {"seller": harness.seller_id(0)})
        return json.loads(server.body)["SigningCertURL"]


def ipn_sender(bench, sandbox, port, sellers, count, rate):
    """Signs everything, says "ready" and waits for a line."""
    return subprocess.Popen(
        [os.path.join(bench.build, "tests", "ipn_sender"), f"http://127.0.0.1:{port}/ipn",
         os.path.join(sandbox.folder, "tls", "notice-key.pem"), certificate_url(sandbox),
         str(sellers), str(count), str(rate)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def charge_and_listen(bench, sellers, agreements, count, rate):
    """Charges everything while notifications come; without any (`count` 0) beside it; or listens
    without anything to charge (`agreements` 0)."""
    with bench.folder() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        sandbox = harness.Sandbox(bench.build, folder, "--quota", "off")
        sandbox.enrol(sellers, max(agreements, 1))
        daemon = harness.Daemon(bench.build, folder, sandbox, sellers, settings=
                                f'ipn_port = {port}\n'
                                f'ipn_connect_to = "127.0.0.1:{sandbox.port}"\nlog_level = warning')
        daemon.enrol(sellers, max(agreements, 1), agreements, instant_of(time.time() - 5))
        sender = ipn_sender(bench, sandbox, port, sellers, max(count, 1), rate)
        sender.stdout.readline()
        daemon.start(wait=agreements == 0)
        harness.wait_until(lambda: port_answers(port), 30, "the listener")
        told = json.loads(sender.communicate(b"\n")[0])
        if agreements > 0:
            wait_for_captures(sandbox, daemon, sellers * agreements)
        end_with_cpu(daemon)
        result = {"charges_per_s": charges_per_s(sandbox, sellers * agreements)} if agreements else {}
        sandbox.stop()
        return {**told, **result}


def port_answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def ipn(bench):
    """Signed notifications, each kept durably before it is answered: as fast as they are taken, and
    at 1,200 a second while the daemon charges."""
    sellers, agreements, rounds = bench.scale((200, 50, 3), (4, 5, 1))
    count, rate = bench.scale((10000, 1200), (50, 1200))
    alone, beside, without = turns(
        rounds, lambda: charge_and_listen(bench, sellers, 0, count, 0),
        lambda: charge_and_listen(bench, sellers, agreements, bench.scale(6000, 50), rate),
        lambda: charge_and_listen(bench, sellers, agreements, 0, 0))
    missing = sum(run["sent"] - run["taken"] for run in alone + beside)
    rate_beside = statistics.median(column(beside, "taken_per_s"))
    return {"rounds": rounds, "not_taken": missing,
            "taken_per_s": spread(column(alone, "taken_per_s")),
            "p99_ms": spread(column(alone, "p99_ms"), 1),
            "beside_charging": {
                "taken_per_s": spread(column(beside, "taken_per_s")),
                "p99_ms": spread(column(beside, "p99_ms"), 1),
                "charges_per_s": spread(column(beside, "charges_per_s")),
                "charges_per_s_without": spread(column(without, "charges_per_s"))},
            "goal": ">= 1000 a second beside charging, none refused",
            "met": rate_beside >= 1000 and missing == 0}


# --- parts ----------------------------------------------------------------------------------------


def client(bench):
    """Signing and reading beside the bare HMAC and the bare XML parser on the same bytes."""
    done = subprocess.run([os.path.join(bench.build, "tests", "bench_client"),
                           os.path.join(HERE, "answer.xml"), bench.scale("100", "1")],
                          check=True, stdout=subprocess.PIPE)
    parts = {part.pop("part"): part for part in map(json.loads, done.stdout.splitlines())}
    for part in parts.values():
        part["ratio"] = round(part["per_s"] / part["floor_per_s"], 2)
    return {**parts, "goal": "each ratio >= 0.5",
            "met": all(part["ratio"] >= 0.5 for part in parts.values())}


def core(bench):
    """Decisions a second of one core: it must vanish beside a charge's other costs."""
    size = bench.scale(("500", "240"), ("5", "3"))
    runs = []
    for _ in range(bench.scale(5, 1)):
        done = subprocess.run([os.path.join(bench.build, "tests", "bench_core"), *size],
                              check=True, stdout=subprocess.PIPE)
        runs.append(json.loads(done.stdout))
    per_s = column(runs, "steps_per_s")
    return {"steps_per_s": spread(per_s), "ns_per_step": spread(column(runs, "ns_per_step")),
            "goal": ">= 1000000 a second", "met": statistics.median(per_s) >= 1000000}


def year(bench):
    """A simulated year, checkers on: of processor time, because one core does it and may be shared."""
    subscriptions, days = bench.scale(("1000", "365"), ("20", "40"))
    cpu_s, elapsed_s = [], []
    for _ in range(bench.scale(3, 1)):
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run([os.path.join(bench.build, "tests", "sim"), "--seed", "1", "--faults", "none",
                        "--subscriptions", subscriptions, "--sellers", "1", "--monthly",
                        "--days", days], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        elapsed_s.append(time.monotonic() - begun)
        cpu_s.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return {"subscriptions": int(subscriptions), "days": int(days), "cpu_s": spread(cpu_s, 2),
            "elapsed_s": spread(elapsed_s, 2), "goal": "cpu < 10 s",
            "met": statistics.median(cpu_s) < 10}


ALL = (throughput, memory, restart, lateness, quota, idle, ipn, client, core, year, sandbox, peer)
