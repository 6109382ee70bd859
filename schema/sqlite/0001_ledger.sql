-- 0001: the ledger. Sellers, agreements, subscriptions, charges, attempts and the audit trail.
--
-- Conventions. Instants are INTEGER milliseconds since 1970-01-01T00:00:00Z; NULL is "never". Money is
-- an INTEGER of minor units (yen, cents) beside its ISO 4217 code. Dates are TEXT YYYY-MM-DD of the
-- subscription's own zone. Enums are the numbers of billing/lifecycle.h and billing/account.h. Every
-- key starts with the seller. Rows that were written are never deleted.
--
-- Tables keep their rowid on purpose: rows lie in the order of creation, so that what is due together
-- or was just written shares pages, and only the narrow indexes are hit at random.

PRAGMA application_id = 1095778649; -- 'APAY': tells our file from another program's

CREATE TABLE seller (
    seller_id     TEXT    NOT NULL PRIMARY KEY, -- Amazon's SellerId
    event_count   INTEGER NOT NULL DEFAULT 0    -- number of its last event row
                  CHECK (event_count >= 0),
    last_step_at  INTEGER,                      -- when a step of it was last recorded
    agreements    INTEGER NOT NULL DEFAULT 0    -- agreements not CANCELED or CLOSED; kept by triggers
                  CHECK (agreements >= 0),
    subscriptions INTEGER NOT NULL DEFAULT 0    -- subscriptions ACTIVE or PAST_DUE; kept by triggers
                  CHECK (subscriptions >= 0)
) STRICT, WITHOUT ROWID;

-- A billing agreement: the buyer's consent, its limit, and when it must be looked at next.
CREATE TABLE agreement (
    seller_id            TEXT    NOT NULL REFERENCES seller (seller_id),
    id                   TEXT    NOT NULL CHECK (id <> ''), -- AmazonBillingAgreementId
    state                INTEGER NOT NULL CHECK (state BETWEEN 1 AND 6), -- enum agreement_state
    confirm_wanted       INTEGER NOT NULL CHECK (confirm_wanted IN (0, 1)), -- confirm it when Draft
    close_wanted         INTEGER NOT NULL CHECK (close_wanted IN (0, 1)), -- close it at Amazon
    limit_currency       TEXT    CHECK (length(limit_currency) = 3), -- of the next three; NULL = unknown
    limit_minor          INTEGER, -- AmountLimitPerTimePeriod
    limit_posted_minor   INTEGER, -- captured in the period
    limit_reserved_minor INTEGER, -- of attempts without a final answer
    limit_period_start   INTEGER, -- the period the limit counts for
    limit_period_end     INTEGER, -- its end, exclusive
    care                 INTEGER NOT NULL CHECK (care BETWEEN 0 AND 3), -- enum care: call wanted about it
    care_at              INTEGER, -- when that call is to be made
    care_tries           INTEGER NOT NULL CHECK (care_tries >= 0), -- such calls that failed in a row
    care_reason          INTEGER NOT NULL CHECK (care_reason >= 0), -- enum reason: why the latest failed
    synced_at            INTEGER, -- Amazon's last word about it
    created_at           INTEGER NOT NULL, -- when it was registered here
    wake_at              INTEGER, -- when the account must be looked at next
    lane                 INTEGER NOT NULL CHECK (lane BETWEEN 0 AND 6), -- enum lane: to do what
    version              INTEGER NOT NULL CHECK (version > 0), -- counts recorded steps
    PRIMARY KEY (seller_id, id),
    CHECK (wake_at IS NULL OR lane > 0),
    CHECK ((limit_currency IS NULL) = (limit_minor IS NULL)),
    CHECK ((limit_currency IS NULL) = (limit_posted_minor IS NULL)),
    CHECK ((limit_currency IS NULL) = (limit_reserved_minor IS NULL)),
    CHECK (limit_posted_minor >= 0),
    CHECK (limit_reserved_minor >= 0),
    CHECK (limit_posted_minor + limit_reserved_minor <= limit_minor)
) STRICT;

-- Claims: the oldest of each lane.
CREATE INDEX agreement_wake ON agreement (seller_id, lane, wake_at) WHERE wake_at IS NOT NULL;

-- Calls about agreements: what a start makes again.
CREATE INDEX agreement_care ON agreement (care_at) WHERE care <> 0;

-- What is sold: an amount on a schedule.
CREATE TABLE subscription (
    seller_id          TEXT    NOT NULL,
    key                TEXT    NOT NULL CHECK (length(key) = 16), -- random; first part of its charges' ids
    agreement_id       TEXT    NOT NULL, -- the agreement that pays
    state              INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4), -- enum subscription_state
    label              TEXT    NOT NULL, -- the shop's own name for it
    note               TEXT    NOT NULL, -- SellerAuthorizationNote of its charges
    amount_minor       INTEGER NOT NULL CHECK (amount_minor > 0), -- of each cycle
    currency           TEXT    NOT NULL CHECK (length(currency) = 3),
    rule_unit          INTEGER NOT NULL CHECK (rule_unit BETWEEN 1 AND 4), -- enum recurrence_unit
    rule_every         INTEGER NOT NULL CHECK (rule_every > 0), -- units between cycles
    rule_last_day      INTEGER NOT NULL CHECK (rule_last_day IN (0, 1)), -- always the month's last day
    rule_anchor        TEXT    NOT NULL CHECK (length(rule_anchor) = 10), -- date of cycle 1 before the trial
    rule_second_of_day INTEGER NOT NULL CHECK (rule_second_of_day BETWEEN 0 AND 86399), -- wall clock
    rule_trial_days    INTEGER NOT NULL CHECK (rule_trial_days >= 0), -- free days
    rule_cycle_count   INTEGER NOT NULL CHECK (rule_cycle_count >= 0), -- the last cycle; 0 = no end
    rule_end           TEXT    CHECK (length(rule_end) = 10), -- no cycle is due after it; NULL = no end
    zone               TEXT    NOT NULL, -- IANA time zone of the schedule
    first_cycle        INTEGER NOT NULL CHECK (first_cycle >= 0), -- the cycle charged first
    next_cycle         INTEGER NOT NULL CHECK (next_cycle >= 0), -- the next cycle to be opened
    due_at             INTEGER, -- when that is due
    cancel_at          INTEGER, -- becomes CANCELED then
    created_at         INTEGER NOT NULL,
    PRIMARY KEY (seller_id, key),
    FOREIGN KEY (seller_id, agreement_id) REFERENCES agreement (seller_id, id)
) STRICT;

CREATE INDEX subscription_agreement ON subscription (seller_id, agreement_id, key);
-- Lists and counts by state. ACTIVE (1) is left out: it is the common state, which a walk in the order
-- of key meets at once, and so renewals do not touch this index.
CREATE INDEX subscription_state ON subscription (seller_id, state, key) WHERE state <> 1;

-- What is owed for one cycle of a subscription, or once.
CREATE TABLE charge (
    seller_id        TEXT    NOT NULL,
    id               TEXT    NOT NULL, -- SellerOrderId: key '-' cycle
    agreement_id     TEXT    NOT NULL, -- the agreement that pays
    subscription_key TEXT,             -- NULL for a one-off
    cycle            INTEGER NOT NULL CHECK (cycle >= 0), -- 0 for a one-off
    is_first         INTEGER NOT NULL CHECK (is_first IN (0, 1)), -- the subscription's first charge
    state            INTEGER NOT NULL CHECK (state BETWEEN 1 AND 8), -- enum charge_state; 6.. are final
    reason           INTEGER NOT NULL CHECK (reason >= 0), -- enum reason: why it is in that state
    amount_minor     INTEGER NOT NULL CHECK (amount_minor > 0),
    currency         TEXT    NOT NULL CHECK (length(currency) = 3),
    label            TEXT    NOT NULL, -- the shop's own name for it
    note             TEXT    NOT NULL, -- SellerAuthorizationNote
    idempotency_key  TEXT,    -- of a one-off: the shop's key against ordering it twice
    due_at           INTEGER, -- when it was or is owed
    retry_at         INTEGER, -- RETRYING, HELD: when it is looked at again
    created_at       INTEGER NOT NULL,
    final_at         INTEGER, -- when it became PAID, FAILED or CANCELED
    PRIMARY KEY (seller_id, id),
    FOREIGN KEY (seller_id, agreement_id) REFERENCES agreement (seller_id, id),
    FOREIGN KEY (seller_id, subscription_key) REFERENCES subscription (seller_id, key),
    -- With the primary key this makes (seller, subscription, cycle) unique: one charge for a cycle.
    CHECK (subscription_key IS NULL OR id = subscription_key || '-' || cycle),
    CHECK (subscription_key IS NULL OR cycle > 0)
) STRICT;

CREATE INDEX charge_open ON charge (seller_id, agreement_id, id) WHERE state <= 5;
-- Lists and counts by state. PAID (6) is left out for the same reason as ACTIVE above.
CREATE INDEX charge_state ON charge (seller_id, state, id) WHERE state <> 6;
CREATE UNIQUE INDEX charge_idempotency_key ON charge (seller_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;

-- One try at a charge under one reference id. The row is the intent: it exists before anything is sent.
CREATE TABLE attempt (
    seller_id          TEXT    NOT NULL,
    charge_id          TEXT    NOT NULL,
    number             INTEGER NOT NULL CHECK (number > 0), -- 1, 2, ... within the charge
    reference_id       TEXT    NOT NULL, -- AuthorizationReferenceId: charge id '-' number
    agreement_id       TEXT    NOT NULL, -- the agreement that is charged
    state              INTEGER NOT NULL CHECK (state BETWEEN 1 AND 6), -- enum attempt_state; 4.. are final
    amount_minor       INTEGER NOT NULL CHECK (amount_minor > 0),
    currency           TEXT    NOT NULL CHECK (length(currency) = 3),
    reason             INTEGER NOT NULL CHECK (reason >= 0), -- enum reason: why it is in that state
    created_at         INTEGER NOT NULL,
    resend_at          INTEGER, -- when to ask again under the same id, while not final
    unanswered         INTEGER NOT NULL CHECK (unanswered >= 0), -- sends in a row without a final answer
    discover           INTEGER NOT NULL CHECK (discover IN (0, 1)), -- look for it instead of re-sending
    answered_at        INTEGER, -- when Amazon's last answer came
    order_reference_id TEXT, -- AmazonOrderReferenceId, once known
    authorization_id   TEXT, -- AmazonAuthorizationId, once known
    capture_id         TEXT, -- AmazonCaptureId, once captured
    PRIMARY KEY (seller_id, charge_id, number),
    FOREIGN KEY (seller_id, charge_id) REFERENCES charge (seller_id, id),
    -- With the primary key this makes (seller, reference id) unique for ever.
    CHECK (reference_id = charge_id || '-' || number)
) STRICT;

-- Attempts without a final answer: what a start settles first, and what the totals count.
CREATE INDEX attempt_open ON attempt (seller_id, state, created_at) WHERE state <= 3;

-- An attempt is made only when every earlier one of its charge is final and not captured: at most one
-- is open or captured. (A final attempt never changes, so this also means one capture for a charge.)
CREATE UNIQUE INDEX attempt_once ON attempt (seller_id, charge_id) WHERE state <= 4;

-- The audit trail: one row for every change of state, in the transaction of the change.
CREATE TABLE event (
    seller_id    TEXT    NOT NULL, -- its row in `seller` holds the last number
    number       INTEGER NOT NULL CHECK (number > 0), -- 1, 2, ... per seller, without gaps
    at           INTEGER NOT NULL,
    agreement_id TEXT    NOT NULL, -- the account it happened to
    kind         INTEGER NOT NULL CHECK (kind > 0), -- enum change_kind
    subject      TEXT    NOT NULL, -- agreement id, subscription key, charge id or reference id
    from_state   INTEGER NOT NULL, -- 0 = it did not exist
    to_state     INTEGER NOT NULL,
    reason       INTEGER NOT NULL CHECK (reason >= 0), -- enum reason
    PRIMARY KEY (seller_id, number)
) STRICT, WITHOUT ROWID;

-- One row that is rewritten to find out whether the disk takes writes.
CREATE TABLE probe (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL -- of the last probe
) STRICT;

-- The counters of `seller`. They fire only when something begins or ends to count, which is rare.
CREATE TRIGGER agreement_begins AFTER INSERT ON agreement WHEN NEW.state <= 4
BEGIN
    UPDATE seller SET agreements = agreements + 1 WHERE seller_id = NEW.seller_id;
END;
CREATE TRIGGER agreement_changes AFTER UPDATE OF state ON agreement
WHEN (OLD.state <= 4) <> (NEW.state <= 4)
BEGIN
    UPDATE seller SET agreements = agreements + (NEW.state <= 4) - (OLD.state <= 4)
    WHERE seller_id = NEW.seller_id;
END;
CREATE TRIGGER subscription_begins AFTER INSERT ON subscription WHEN NEW.state <= 2
BEGIN
    UPDATE seller SET subscriptions = subscriptions + 1 WHERE seller_id = NEW.seller_id;
END;
CREATE TRIGGER subscription_changes AFTER UPDATE OF state ON subscription
WHEN (OLD.state <= 2) <> (NEW.state <= 2)
BEGIN
    UPDATE seller SET subscriptions = subscriptions + (NEW.state <= 2) - (OLD.state <= 2)
    WHERE seller_id = NEW.seller_id;
END;
