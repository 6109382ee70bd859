"""A shop that takes payments through the client library: the program mws-call against mws-sandbox, the
buyer played by the sandbox's control API, the money checked in its ledger.

Reads like Amazon's documents: an operation is called by its name with its parameters by their names
(the last part of a nested one), and its reply is a dictionary of its fields. What is asynchronous ends by
moving the sandbox's clock; no time passes here. Its result is polled for, or waited for until Amazon's
notification (IPN) comes. The payment flows are in the flow_* scripts.
"""

import argparse
import collections
import http.server
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree

import harness

HOUR_S, DAY_S = 3600, 86400
PENDING_S = 30   # "about 30 seconds" (Authorization, states and reason codes)
DAY_OF_TIMEOUT = 1440


def amount(value, currency="JPY"):
    return f"{value} {currency}"


def simulate(state, reason=None, **more):
    """The sandbox simulation string of a seller's note."""
    wish = {"State": state, **({"ReasonCode": reason} if reason else {}), **more}
    return json.dumps({"SandboxSimulation": wish}, separators=(",", ":"))


class Shop:
    """A sandbox of its own, a client library, and the seller who uses it. Ended with the `with` block."""

    seller = "A1FLOWSHOP"
    access_key = "AKFLOWSHOP"

    def __init__(self, build, tls, mode, told_by, *sandbox_options):
        self.mode = mode
        self.folder = tempfile.mkdtemp(prefix="autopay-flow-")
        self.numbers = collections.Counter()
        self.steps = []
        self.sandbox = self.client = self.receiver = None
        try:
            self.sandbox = harness.Sandbox(build, self.folder, "--quota=off",
                                           f"--pending-ms={PENDING_S * 1000}",
                                           f"--notify-ca={tls}/ca.pem", *sandbox_options, tls=tls)
            self.log = open(os.path.join(self.folder, "mws-call.log"), "ab")
            self.client = subprocess.Popen(
                [os.path.join(build, "tests", "mws-call"), "--endpoint", self.sandbox.url,
                 "--ca-file", self.sandbox.ca_file, "--seller", self.seller,
                 "--access-key", self.access_key, "--secret", harness.SECRET],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True)
            if told_by == "ipn":
                self.receiver = Receiver(tls)
                self.do("SetMerchantNotificationConfiguration", NotificationConfigurationList=[
                    {"NotificationUrl": self.receiver.url, "EventTypes": ["ALL"]}])
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            print("\n".join(self.steps))
            with open(os.path.join(self.folder, "sandbox.log"), encoding="utf-8") as file:
                print(file.read()[-3000:], flush=True)
        self.close(kind is None)

    def close(self, is_checked=False):
        try:
            if self.client is not None:
                self.client.stdin.close()
                self.client.wait(20)
                self.client.stdout.close()
                self.log.close()
            if self.sandbox is not None:
                self.sandbox.stop()
            if self.receiver is not None:
                self.receiver.close()
            if is_checked:
                assert self.client.returncode == 0, "mws-call failed; see its log"
                harness.check_sanitizers(self.folder)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- calls ------------------------------------------------------------------------------------

    def step(self, words):
        """What the flow does now; shown when it fails."""
        self.steps.append("   step: " + words)

    def call(self, action, **parameters):
        """The reply, whatever it is."""
        self.client.stdin.write(json.dumps({"action": action, **parameters}) + "\n")
        self.client.stdin.flush()
        line = self.client.stdout.readline()
        if not line:
            with open(self.log.name, encoding="utf-8") as file:
                raise AssertionError(f"mws-call ended at {action} {parameters}: {file.read()}")
        reply = json.loads(line)
        self.steps.append(f"      {action} {parameters}\n        -> {reply}")
        return reply

    def do(self, action, outcome="done", cause="none", **parameters):
        """The reply, which must have this outcome of the client library."""
        reply = self.call(action, **parameters)
        assert (reply.get("outcome"), reply.get("cause")) == (outcome, cause), \
            f"{action} is {reply.get('outcome')}/{reply.get('cause')}, not {outcome}/{cause}: {reply}"
        return reply

    def refused(self, error, action, **parameters):
        """The reply, which must be Amazon's error."""
        reply = self.call(action, **parameters)
        assert reply.get("error") == error, f"{action}: {error} was expected, not {reply}"
        assert reply["outcome"] == "refused", reply
        return reply

    def reference(self, word="r"):
        """A reference id that nobody has used."""
        self.numbers[word] += 1
        return f"{word}-{self.numbers[word]}"

    # --- the buyer and time -----------------------------------------------------------------------

    def draft_agreement(self, **more):
        """What the widgets make when the buyer has chosen address and payment method."""
        made = self.sandbox.control("POST", "/control/agreements", {
            "seller": self.seller, "state": "Draft", "consent": False, **more})
        return made["id"]

    def open_agreement(self, **more):
        """An agreement that the buyer has consented to and the shop has confirmed."""
        agreement = self.draft_agreement(**more)
        self.sandbox.buyer(agreement, "consent")
        self.do("ConfirmBillingAgreement", AmazonBillingAgreementId=agreement)
        return agreement

    def draft_order(self, **more):
        return self.sandbox.control("POST", "/control/orders", {"seller": self.seller, **more})["id"]

    def open_order(self, total, **more):
        order = self.draft_order(**more)
        self.do("SetOrderReferenceDetails", AmazonOrderReferenceId=order, OrderTotal=amount(total),
                SellerOrderId=self.reference("order"))
        self.do("ConfirmOrderReference", AmazonOrderReferenceId=order)
        return order

    def buyer(self, kind, amazon_id, act, **body):
        """Acts on "agreements" or "orders", as buyer and Amazon do."""
        return self.sandbox.control("POST", f"/control/{kind}/{amazon_id}/{act}", body)

    def clock(self, seconds):
        self.sandbox.control("POST", "/control/clock", {"advance_s": seconds})

    def result(self, action, **parameters):
        """The final reply of Get*Details about something that is Pending now."""
        if self.receiver is None:
            reply = self.do(action, "unknown", "pending", **parameters)
            assert reply["State"] == "Pending", reply
            self.clock(PENDING_S)
        else:
            self.clock(PENDING_S)
            self.receiver.wait(*parameters.values())
        reply = self.call(action, **parameters)
        assert reply["State"] != "Pending", reply
        if self.receiver is not None:
            self.receiver.wait(*parameters.values(), reply["State"], reply["ReasonCode"])
        return reply

    # --- authorizations, in the shop's mode --------------------------------------------------------

    def charge(self, agreement, value, declined=None, **more):
        """AuthorizeOnBillingAgreement, and its final reply."""
        return self.mode.authorize(self, "AuthorizeOnBillingAgreement", {
            "AmazonBillingAgreementId": agreement, "AuthorizationAmount": amount(value),
            "AuthorizationReferenceId": self.reference("auth"),
            "SellerOrderId": self.reference("order"), **more}, declined)

    def authorize_order(self, order, value, declined=None, **more):
        """Authorize, and its final reply."""
        return self.mode.authorize(self, "Authorize", {
            "AmazonOrderReferenceId": order, "AuthorizationAmount": amount(value),
            "AuthorizationReferenceId": self.reference("auth"), **more}, declined)

    def capture(self, authorization, value, outcome="done", cause="none", **more):
        return self.do("Capture", outcome, cause, AmazonAuthorizationId=authorization,
                       CaptureReferenceId=self.reference("cap"), CaptureAmount=amount(value), **more)

    def refund(self, capture, value, **more):
        """Refund, which is Pending first, and its final reply."""
        made = self.do("Refund", "unknown", "pending", AmazonCaptureId=capture,
                       RefundReferenceId=self.reference("ref"), RefundAmount=amount(value), **more)
        assert made["State"] == "Pending", made
        return self.result("GetRefundDetails", AmazonRefundId=made["AmazonRefundId"])

    # --- what must be true -------------------------------------------------------------------------

    def agreement_is(self, agreement, state, reason=""):
        return is_in(self.do("GetBillingAgreementDetails", AmazonBillingAgreementId=agreement), state,
                     reason)

    def order_is(self, order, state, reason=""):
        return is_in(self.do("GetOrderReferenceDetails", AmazonOrderReferenceId=order), state, reason)

    def authorization_is(self, authorization, state, reason=""):
        return is_in(self.call("GetAuthorizationDetails", AmazonAuthorizationId=authorization), state,
                     reason)

    def capture_is(self, capture, state, reason=""):
        return is_in(self.call("GetCaptureDetails", AmazonCaptureId=capture), state, reason)

    def ledger_is(self, captured, refunded=0):
        """The sandbox's own books: what was captured and refunded in all, nothing of it twice."""
        totals = self.sandbox.totals()
        sums = totals["by_currency"][0] if totals["by_currency"] else {"captured": "0",
                                                                      "refunded": "0"}
        assert (int(sums["captured"]), int(sums["refunded"])) == (captured, refunded), totals
        for key in ("double_charged", "months_over_limit", "captures_without_order_id"):
            assert totals[key] == 0, totals
        if self.receiver is not None:
            self.everything_is_told()

    def everything_is_told(self):
        """Of each object in the books there was a notification of the state it is in."""
        for entry in self.sandbox.ledger()["entries"]:
            if entry["state"] != "Pending":
                self.receiver.wait(entry["authorization"], entry["state"], entry["reason"])
            if entry["capture"] and entry["capture_state"] != "Pending":
                self.receiver.wait(entry["capture"])
            for refund in entry.get("refunds", []):
                self.receiver.wait(refund["refund"], refund["state"], refund["reason"])


def is_in(reply, state, reason=""):
    assert (reply["State"], reply["ReasonCode"]) == (state, reason), \
        f"{state}/{reason} was expected: {reply}"
    return reply


# --- modes -------------------------------------------------------------------------------------------

class Mode:
    """How a shop authorizes: synchronously, asynchronously, or mixed. `declined` orders a decline of the
    deciding request from the sandbox: {"reason": ..., "soft": ...}."""

    def __init__(self, name):
        self.name = name
        self.authorize = {"synchronous": self.synchronous, "asynchronous": self.asynchronous,
                          "mixed": self.mixed}[name]

    @staticmethod
    def order_decline(shop, action, parameters, declined):
        if declined is not None:
            kind, key = (("orders", "AmazonOrderReferenceId") if action == "Authorize" else
                         ("agreements", "AmazonBillingAgreementId"))
            shop.buyer(kind, parameters[key], "decline", **declined)

    def synchronous(self, shop, action, parameters, declined=None):
        """TransactionTimeout 0: the answer is final."""
        self.order_decline(shop, action, parameters, declined)
        reply = shop.call(action, TransactionTimeout=0, **parameters)
        assert reply["error"] or reply["State"] != "Pending", reply
        return reply

    def asynchronous(self, shop, action, parameters, declined=None):
        """TransactionTimeout 1440: always Pending first; then the result is fetched."""
        self.order_decline(shop, action, parameters, declined)
        reply = shop.call(action, TransactionTimeout=DAY_OF_TIMEOUT, **parameters)
        if reply["error"]:
            return reply
        assert (reply["State"], reply["outcome"], reply["cause"]) == ("Pending", "unknown", "pending"), \
            reply
        final = shop.result("GetAuthorizationDetails",
                            AmazonAuthorizationId=reply["AmazonAuthorizationId"])
        assert final["AuthorizationReferenceId"] == parameters["AuthorizationReferenceId"], final
        return {**final, "AmazonOrderReferenceId": reply["AmazonOrderReferenceId"]}

    def mixed(self, shop, action, parameters, declined=None):
        """Synchronously first; only when that timed out, asynchronously under a new reference id. Here
        the bank is always too slow for the first, unless its end is simulated."""
        simulated = "SandboxSimulation" in parameters.get("SellerAuthorizationNote", "")
        reply = self.synchronous(shop, action, parameters,
                                 None if simulated else {"reason": "TransactionTimedOut"})
        if reply["error"] or (reply["State"], reply["ReasonCode"]) != ("Declined",
                                                                       "TransactionTimedOut"):
            return reply
        assert (reply["outcome"], reply["cause"]) == ("refused", "declined"), reply
        again = {**parameters, "AuthorizationReferenceId":
                 parameters["AuthorizationReferenceId"] + "-again"}
        return self.asynchronous(shop, action, again, declined)


# --- notifications -----------------------------------------------------------------------------------

class Receiver:
    """The shop's URL for notifications: takes every message and answers 200 at once. What a message says
    is never believed here, only that there is something to ask for."""

    def __init__(self, tls):
        self.arrived = threading.Condition()
        self.told = set()   # (id, state, reason) of every object that is not Pending
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):   # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                receiver.take(json.loads(body))

            def log_message(self, *_):   # pylint: disable=arguments-differ
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                if not isinstance(sys.exc_info()[1], OSError):   # else the sandbox has ended
                    super().handle_error(request, client_address)

        self.server = Server(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{tls}/certificate.pem", f"{tls}/key.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://localhost:{self.server.server_port}/ipn"
        self.thread = threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True)
        self.thread.start()

    def take(self, envelope):
        assert envelope["Type"] == "Notification", envelope
        message = json.loads(envelope["Message"])
        root = xml.etree.ElementTree.fromstring(message["NotificationData"])
        status = {field.tag.split("}")[1]: field.text for field in root.iterfind(".//{*}State/../*")}
        with self.arrived:
            for field in root.iterfind("./*/*"):
                if field.tag.split("}")[1].startswith("Amazon") and status["State"] != "Pending":
                    self.told.add((field.text, status["State"], status.get("ReasonCode") or ""))
            self.arrived.notify_all()

    def wait(self, amazon_id, *state_and_reason):
        """Until something final was told of it, or exactly that."""
        def is_told():
            if state_and_reason:
                return (amazon_id, *state_and_reason) in self.told
            return any(told[0] == amazon_id for told in self.told)

        with self.arrived:
            assert self.arrived.wait_for(is_told, 20), \
                f"no notification of {amazon_id} {state_and_reason}: {sorted(self.told)}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


MODES = ("synchronous", "asynchronous", "mixed")


def main(description, scenarios):
    """Each scenario in each mode, with a shop of its own. The exit code."""
    parser = argparse.ArgumentParser(description=description.split("\n", 1)[0])
    parser.add_argument("--build", required=True, help="folder with the programs")
    parser.add_argument("--mode", choices=MODES, help="only this one")
    parser.add_argument("--told-by", choices=("polling", "ipn"), default="polling",
                        help="how the shop learns what became of what is Pending")
    parser.add_argument("--only", help="the name of one scenario")
    options = parser.parse_args()

    def case(scenario, mode):
        def run():
            with Shop(options.build, tls, Mode(mode), options.told_by,
                      *getattr(scenario, "sandbox_options", ())) as opened:
                scenario(opened)
        run.__name__ = f"{mode}_{scenario.__name__}"
        return run

    with tempfile.TemporaryDirectory(prefix="autopay-flow-tls-") as tls:
        return harness.run_cases([case(scenario, mode) for mode in MODES for scenario in scenarios
                                  if options.mode in (None, mode)
                                  and options.only in (None, scenario.__name__)])
