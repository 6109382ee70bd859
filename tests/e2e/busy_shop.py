"""Those who use the daemon while it is killed: a shop that orders one-off charges, and buyers who leave.

Both repeat a request until it is answered, because a daemon that died may or may not have recorded it.
"""

import datetime
import http.client
import threading

import harness

DEAD = 0   # no HTTP status: nobody answered


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc)


class Customer(threading.Thread):
    """Acts until it is done or told to stop; what it finds wrong is raised by finish()."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self.autopayd = daemon
        self.stopping = threading.Event()
        self.pause = threading.Event()   # never set
        self.failure = None

    def insist(self, path, body, seller):
        """(HTTP status, JSON) of the first answer that somebody gave."""
        while True:
            try:
                status, value = self.autopayd.order(path, body, seller)
            except (OSError, http.client.HTTPException, ValueError):
                status, value = DEAD, None
            if status not in (DEAD, 503):
                return status, value
            self.pause.wait(0.005)

    def act(self):
        raise NotImplementedError

    def run(self):
        try:
            self.act()
        except AssertionError as error:
            self.failure = error

    def join_all(self):
        self.join(60)
        assert not self.is_alive(), "a customer still waits for an answer"
        if self.failure is not None:
            raise self.failure

    def finish(self):
        self.stopping.set()
        self.join_all()


class Shop(Customer):
    """Orders one-off charges until told to stop; an order whose answer was lost is repeated. Agreements
    that end meanwhile refuse."""

    def __init__(self, daemon, rng, agreements, ending):
        super().__init__(daemon)
        self.rng = rng
        self.agreements = agreements   # (seller, agreement)
        self.ending = ending           # agreements that may be closed
        self.charges = {}   # idempotency key: (seller, charge id, agreement, amount)
        self.repeated = 0
        self.refused = 0

    def order(self, number, seller, agreement, amount):
        body = {"agreement_id": agreement, "amount": str(amount), "idempotency_key": f"key-{number}"}
        status, value = self.insist("charges", body, seller)
        if status in (200, 202):
            self.repeated += status == 200
            made = harness.seller_id(seller), value["charge_id"], agreement, amount
            known = self.charges.setdefault(body["idempotency_key"], made)
            assert known == made, f"order {number} was answered with two charges"
        elif status == 409 and agreement in self.ending:
            assert body["idempotency_key"] not in self.charges, f"order {number}: {value}"
            self.refused += 1
        else:
            # Many are open already: nothing was made of this order.
            assert status == 429 and "open charges" in value["message"], \
                f"one-off refused: {status} {value}"

    def act(self):
        number = 0
        while not self.stopping.is_set():
            seller, agreement = self.rng.choice(self.agreements)
            amount = self.rng.choice((1, 700, 9000, 21000))
            self.order(number, seller, agreement, amount)
            if self.rng.random() < 0.2:   # as if the answer had been lost on its way
                self.order(number, seller, agreement, amount)
            number += 1
            self.stopping.wait(self.rng.uniform(0, 0.08))


class Leavers(Customer):
    """Cancel their subscriptions until all have left: each at its own instant, or earlier while it is not
    known what became of a charge of theirs. `plans`: {agreement: (when, seller, key)}, `when` on the clock
    of `elapsed`."""

    def __init__(self, daemon, rng, plans, elapsed):
        super().__init__(daemon)
        self.rng = rng
        self.plans = dict(plans)
        self.elapsed = elapsed
        self.canceled = {}   # agreement: when that was answered, of those canceled at once
        self.at_period_end = set()
        self.in_doubt = 0

    def leave(self, agreement, how):
        _, seller, key = self.plans.pop(agreement)
        status, value = self.insist(f"subscriptions/{key}/cancel", {"when": how}, seller)
        assert status == 200, f"{key} cannot be canceled: {status} {value}"
        if how == "now":
            assert value["state"] == "canceled", value
            self.canceled[agreement] = utc_now()
        else:
            assert value["state"] == "canceled" or value["cancel_at"] is not None, value
            self.at_period_end.add(agreement)

    def doubtful(self, seller):
        """Those with a charge of which nobody knows what became of it; none while the daemon is dead."""
        try:
            charges = self.autopayd.seller("charges?state=attempting&max=500", seller)["charges"]
        except (OSError, http.client.HTTPException, ValueError, AssertionError):
            return []
        return [charge["agreement_id"] for charge in charges
                if charge["agreement_id"] in self.plans and charge["attempt"]["state"] == "unknown"]

    def act(self):
        sellers = sorted({seller for _, seller, _ in self.plans.values()})
        while self.plans:
            for agreement in [agreement for agreement, (when, _, _) in self.plans.items()
                              if when <= self.elapsed()]:
                self.leave(agreement, "period_end" if self.rng.random() < 0.4 else "now")
            found = self.doubtful(self.rng.choice(sellers))
            if found:
                self.in_doubt += 1
                self.leave(self.rng.choice(found), "now")
            self.pause.wait(0.02)
