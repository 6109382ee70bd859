-- 0004: the whole lifecycle: policies, pauses and successors, capture on shipment, refunds, stop
-- switches, and events that are chained. Conventions as in 0001.
--
-- SQLite cannot change a CHECK, so the four tables whose states have grown are made anew and filled from
-- the old ones, in the old order of rows. The old ones are renamed first (what refers to them follows)
-- and dropped last, children before parents, so that every foreign key holds at every moment. For that
-- long the file needs as much room again.

DROP INDEX agreement_wake;
DROP INDEX agreement_care;
DROP INDEX subscription_agreement;
DROP INDEX subscription_state;
DROP INDEX subscription_idempotency_key;
DROP INDEX charge_open;
DROP INDEX charge_state;
DROP INDEX charge_idempotency_key;
DROP INDEX charge_one_off;
DROP INDEX attempt_open;
DROP INDEX attempt_once;
DROP TRIGGER agreement_begins;
DROP TRIGGER agreement_changes;
DROP TRIGGER subscription_begins;
DROP TRIGGER subscription_changes;
ALTER TABLE agreement RENAME TO old_agreement;
ALTER TABLE subscription RENAME TO old_subscription;
ALTER TABLE charge RENAME TO old_charge;
ALTER TABLE attempt RENAME TO old_attempt;

-- A billing agreement: the buyer's consent, its limit, and when it must be looked at next.
CREATE TABLE agreement (
    seller_id            TEXT    NOT NULL REFERENCES seller (seller_id),
    id                   TEXT    NOT NULL CHECK (id <> ''), -- AmazonBillingAgreementId
    state                INTEGER NOT NULL CHECK (state BETWEEN 1 AND 6), -- enum agreement_state; 5.. are final
    confirm_wanted       INTEGER NOT NULL CHECK (confirm_wanted IN (0, 1)), -- confirm it when Draft
    close_wanted         INTEGER NOT NULL CHECK (close_wanted IN (0, 1)), -- close it at Amazon
    close_forced         INTEGER NOT NULL CHECK (close_forced IN (0, 1)), -- ... even while an attempt is open
    stopped              INTEGER NOT NULL CHECK (stopped >= 0), -- enum reason: nothing new is charged; 0 = it is
    limit_currency       TEXT    CHECK (length(limit_currency) = 3), -- of the next three; NULL = unknown
    limit_minor          INTEGER, -- AmountLimitPerTimePeriod
    limit_posted_minor   INTEGER, -- captured in the period
    limit_reserved_minor INTEGER, -- of attempts without a final answer
    limit_period_start   INTEGER, -- the period the limit counts for
    limit_period_end     INTEGER, -- its end, exclusive
    limit_is_told        INTEGER NOT NULL CHECK (limit_is_told IN (0, 1)), -- the period is Amazon's word, not ours
    care                 INTEGER NOT NULL CHECK (care BETWEEN 0 AND 5), -- enum care: call wanted about it
    care_at              INTEGER, -- when that call is to be made
    care_tries           INTEGER NOT NULL CHECK (care_tries >= 0), -- such calls that failed in a row
    care_reason          INTEGER NOT NULL CHECK (care_reason >= 0), -- enum reason: why the latest failed
    synced_at            INTEGER, -- Amazon's last word about it
    validated_at         INTEGER, -- the last ValidateBillingAgreement
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

-- What is sold: an amount on a schedule.
CREATE TABLE subscription (
    seller_id              TEXT    NOT NULL,
    key                    TEXT    NOT NULL CHECK (length(key) = 16), -- random; first part of its charges' ids
    agreement_id           TEXT    NOT NULL, -- the agreement that pays
    state                  INTEGER NOT NULL CHECK (state BETWEEN 1 AND 7), -- enum subscription_state; 3, 4, 7 are final
    label                  TEXT    NOT NULL, -- the shop's own name for it
    note                   TEXT    NOT NULL, -- SellerAuthorizationNote of its charges
    idempotency_key        TEXT,             -- the shop's key against creating it twice; NULL = it gave none
    policy_name            TEXT    NOT NULL CHECK (policy_name <> ''), -- the policy its cycles follow
    amount_minor           INTEGER NOT NULL CHECK (amount_minor > 0), -- of each cycle
    currency               TEXT    NOT NULL CHECK (length(currency) = 3),
    next_amount_minor      INTEGER CHECK (next_amount_minor > 0), -- of cycles due from then on; NULL = no change
    next_currency          TEXT    CHECK (length(next_currency) = 3), -- of that
    next_amount_at         INTEGER, -- from when on
    rule_unit              INTEGER NOT NULL CHECK (rule_unit BETWEEN 1 AND 4), -- enum recurrence_unit
    rule_every             INTEGER NOT NULL CHECK (rule_every > 0), -- units between cycles
    rule_last_day          INTEGER NOT NULL CHECK (rule_last_day IN (0, 1)), -- always the month's last day
    rule_anchor            TEXT    NOT NULL CHECK (length(rule_anchor) = 10), -- date of cycle 1 before the trial
    rule_second_of_day     INTEGER NOT NULL CHECK (rule_second_of_day BETWEEN 0 AND 86399), -- wall clock
    rule_trial_days        INTEGER NOT NULL CHECK (rule_trial_days >= 0), -- free days
    rule_cycle_count       INTEGER NOT NULL CHECK (rule_cycle_count >= 0), -- the rule's last cycle; 0 = no end
    rule_end               TEXT    CHECK (length(rule_end) = 10), -- no cycle is due after it; NULL = no end
    cycle_base             INTEGER NOT NULL, -- cycle k is cycle k - cycle_base of the rule
    zone                   TEXT    NOT NULL, -- IANA time zone of the schedule
    first_cycle            INTEGER NOT NULL CHECK (first_cycle >= 0), -- the cycle charged first
    next_cycle             INTEGER NOT NULL CHECK (next_cycle >= 0), -- the next cycle to be opened
    due_at                 INTEGER, -- when that is due
    due_is_moved           INTEGER NOT NULL CHECK (due_is_moved IN (0, 1)), -- by an operator: not what the rule says
    is_stopped             INTEGER NOT NULL CHECK (is_stopped IN (0, 1)), -- its own stop switch
    resume_at              INTEGER, -- PAUSED: ends then by itself
    cancel_at              INTEGER, -- becomes CANCELED then
    successor_agreement_id TEXT,    -- LEAVING, REPLACED: the agreement that takes it over
    successor_key          TEXT CHECK (length(successor_key) = 16), -- its key there
    hand_over_at           INTEGER, -- LEAVING: when that agreement is asked
    hand_over_tries        INTEGER NOT NULL CHECK (hand_over_tries >= 0), -- how often it was
    created_at             INTEGER NOT NULL,
    PRIMARY KEY (seller_id, key),
    FOREIGN KEY (seller_id, agreement_id) REFERENCES agreement (seller_id, id),
    CHECK ((next_currency IS NULL) = (next_amount_minor IS NULL)),
    CHECK (state NOT IN (6, 7) OR (successor_agreement_id IS NOT NULL AND successor_key IS NOT NULL))
) STRICT;

-- What is owed for one cycle of a subscription, or once.
CREATE TABLE charge (
    seller_id        TEXT    NOT NULL,
    id               TEXT    NOT NULL, -- SellerOrderId: key '-' cycle
    agreement_id     TEXT    NOT NULL, -- the agreement that pays
    subscription_key TEXT,             -- NULL for a one-off
    cycle            INTEGER NOT NULL CHECK (cycle >= 0), -- 0 for a one-off
    is_first         INTEGER NOT NULL CHECK (is_first IN (0, 1)), -- the subscription's first charge
    state            INTEGER NOT NULL CHECK (state BETWEEN 1 AND 10), -- enum charge_state; 6, 7, 8 are final
    reason           INTEGER NOT NULL CHECK (reason >= 0), -- enum reason: why it is in that state
    amount_minor     INTEGER NOT NULL CHECK (amount_minor > 0),
    currency         TEXT    NOT NULL CHECK (length(currency) = 3),
    label            TEXT    NOT NULL, -- the shop's own name for it
    note             TEXT    NOT NULL, -- SellerAuthorizationNote
    idempotency_key  TEXT,    -- of a one-off: the shop's key against ordering it twice
    policy_version   INTEGER NOT NULL CHECK (policy_version >= 0), -- frozen when it was made; 0 = the one in force
    due_at           INTEGER, -- when it was or is owed
    retry_at         INTEGER, -- RETRYING, HELD: when it is looked at again
    extra_attempts   INTEGER NOT NULL CHECK (extra_attempts >= 0), -- that do not count in its retry list
    is_approved      INTEGER NOT NULL CHECK (is_approved IN (0, 1)), -- an operator said yes
    word             INTEGER NOT NULL CHECK (word BETWEEN 0 AND 2), -- enum charge_word: the shop's, about shipment
    created_at       INTEGER NOT NULL,
    final_at         INTEGER, -- when it became PAID, FAILED or CANCELED
    -- Kept by triggers on `refund`.
    refunded_minor   INTEGER NOT NULL DEFAULT 0 CHECK (refunded_minor >= 0), -- by refunds not DECLINED or REFUSED
    refund_count     INTEGER NOT NULL DEFAULT 0 CHECK (refund_count >= 0), -- refunds of the shop's, all of them
    PRIMARY KEY (seller_id, id),
    FOREIGN KEY (seller_id, agreement_id) REFERENCES agreement (seller_id, id),
    FOREIGN KEY (seller_id, subscription_key) REFERENCES subscription (seller_id, key),
    -- With the primary key this makes (seller, subscription, cycle) unique: one charge for a cycle.
    CHECK (subscription_key IS NULL OR id = subscription_key || '-' || cycle),
    CHECK (subscription_key IS NULL OR cycle > 0)
) STRICT;

-- One try at a charge under one reference id. The row is the intent: it exists before anything is sent.
CREATE TABLE attempt (
    seller_id          TEXT    NOT NULL,
    charge_id          TEXT    NOT NULL,
    number             INTEGER NOT NULL CHECK (number > 0), -- 1, 2, ... within the charge
    reference_id       TEXT    NOT NULL, -- AuthorizationReferenceId: charge id '-' number
    agreement_id       TEXT    NOT NULL, -- the agreement that is charged
    state              INTEGER NOT NULL CHECK (state BETWEEN 1 AND 9), -- enum attempt_state; 4, 5, 6 are final
    amount_minor       INTEGER NOT NULL CHECK (amount_minor > 0),
    currency           TEXT    NOT NULL CHECK (length(currency) = 3),
    timeout_minutes    INTEGER NOT NULL CHECK (timeout_minutes BETWEEN 0 AND 1440), -- TransactionTimeout as sent
    reason             INTEGER NOT NULL CHECK (reason >= 0), -- enum reason: why it is in that state
    created_at         INTEGER NOT NULL,
    resend_at          INTEGER, -- when to ask again under the same id, while not final
    unanswered         INTEGER NOT NULL CHECK (unanswered >= 0), -- sends in a row without a final answer
    capture_now        INTEGER NOT NULL CHECK (capture_now IN (0, 1)), -- CaptureNow as sent
    capture_number     INTEGER NOT NULL CHECK (capture_number BETWEEN 0 AND 9), -- captures begun without CaptureNow
    expires_at         INTEGER, -- AUTHORIZED: Amazon closes the authorization then
    is_warned          INTEGER NOT NULL CHECK (is_warned IN (0, 1)), -- that it expires soon was told
    discover           INTEGER NOT NULL CHECK (discover IN (0, 1)), -- look for it instead of re-sending
    answered_at        INTEGER, -- the final answer; while open, when its latest send had ended
    order_reference_id TEXT, -- AmazonOrderReferenceId, once known
    authorization_id   TEXT, -- AmazonAuthorizationId, once known
    capture_id         TEXT, -- AmazonCaptureId, once captured
    PRIMARY KEY (seller_id, charge_id, number),
    FOREIGN KEY (seller_id, charge_id) REFERENCES charge (seller_id, id),
    -- With the primary key this makes (seller, reference id) unique for ever.
    CHECK (reference_id = charge_id || '-' || number),
    -- AUTHORIZED, CAPTURING, VOIDING: only what was not captured with its authorization.
    CHECK (capture_now = 0 OR (state <= 6 AND capture_number = 0))
) STRICT;

INSERT INTO agreement
    SELECT seller_id, id, state, confirm_wanted, close_wanted, 0, 0, limit_currency, limit_minor,
           limit_posted_minor, limit_reserved_minor, limit_period_start, limit_period_end, 0, care, care_at,
           care_tries, care_reason, synced_at, NULL, created_at, wake_at, lane, version
    FROM old_agreement ORDER BY rowid;
INSERT INTO subscription
    SELECT seller_id, key, agreement_id, state, label, note, idempotency_key, 'default', amount_minor, currency,
           NULL, NULL, NULL, rule_unit, rule_every, rule_last_day, rule_anchor, rule_second_of_day,
           rule_trial_days, rule_cycle_count, rule_end, 0, zone, first_cycle, next_cycle, due_at, 0, 0, NULL,
           cancel_at, NULL, NULL, NULL, 0, created_at
    FROM old_subscription ORDER BY rowid;
INSERT INTO charge
    SELECT seller_id, id, agreement_id, subscription_key, cycle, is_first, state, reason, amount_minor, currency,
           label, note, idempotency_key, 0, due_at, retry_at, extra_attempts, 0, 0, created_at, final_at, 0, 0
    FROM old_charge ORDER BY rowid;
INSERT INTO attempt
    SELECT seller_id, charge_id, number, reference_id, agreement_id, state, amount_minor, currency,
           timeout_minutes, reason, created_at, resend_at, unanswered, 1, 0, NULL, 0, discover, answered_at,
           order_reference_id, authorization_id, capture_id
    FROM old_attempt ORDER BY rowid;
DROP TABLE old_attempt;
DROP TABLE old_charge;
DROP TABLE old_subscription;
DROP TABLE old_agreement;

-- Claims: the oldest of each lane.
CREATE INDEX agreement_wake ON agreement (seller_id, lane, wake_at) WHERE wake_at IS NOT NULL;
-- Calls about agreements: what a start makes again.
CREATE INDEX agreement_care ON agreement (care_at) WHERE care <> 0;

CREATE INDEX subscription_agreement ON subscription (seller_id, agreement_id, key);
-- Lists and counts by state. ACTIVE (1) is left out: it is the common state, which a walk in the order
-- of key meets at once, and so renewals do not touch this index.
CREATE INDEX subscription_state ON subscription (seller_id, state, key) WHERE state <> 1;
CREATE UNIQUE INDEX subscription_idempotency_key ON subscription (seller_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
-- What a start hands over again.
CREATE INDEX subscription_leaving ON subscription (seller_id, agreement_id) WHERE state = 6;

CREATE INDEX charge_open ON charge (seller_id, agreement_id, id) WHERE state NOT BETWEEN 6 AND 8;
-- Lists and counts by state. PAID (6) is left out for the same reason as ACTIVE above.
CREATE INDEX charge_state ON charge (seller_id, state, id) WHERE state <> 6;
CREATE UNIQUE INDEX charge_idempotency_key ON charge (seller_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
-- One-offs of an agreement. Its other charges are found through its subscriptions, so that a renewal
-- has no further index to write.
CREATE INDEX charge_one_off ON charge (seller_id, agreement_id, id) WHERE subscription_key IS NULL;
-- WAITING: what is woken when that which it waits for is lifted.
CREATE INDEX charge_waiting ON charge (seller_id, reason, agreement_id) WHERE state = 4;

-- Attempts that are not final: what a start settles first, and what the totals count.
CREATE INDEX attempt_open ON attempt (seller_id, state, reason, created_at) WHERE state NOT BETWEEN 4 AND 6;
-- An attempt is made only when every earlier one of its charge is DECLINED or REFUSED: at most one is
-- open or captured. (A final attempt never changes, so this also means one capture for a charge.)
CREATE UNIQUE INDEX attempt_once ON attempt (seller_id, charge_id) WHERE state NOT BETWEEN 5 AND 6;

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

-- Money that goes back. The shop's own are recorded before they are sent, like attempts.
CREATE TABLE refund (
    seller_id        TEXT    NOT NULL,
    id               TEXT    NOT NULL CHECK (id <> ''), -- RefundReferenceId, or Amazon's id of what it told of
    kind             INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3), -- enum refund_kind: who gave it back
    number           INTEGER NOT NULL CHECK (number >= 0), -- 1, 2, ... of the shop's within the charge; 0 = not the shop's
    charge_id        TEXT    NOT NULL,
    agreement_id     TEXT    NOT NULL, -- the agreement that was charged
    capture_id       TEXT    NOT NULL, -- AmazonCaptureId
    state            INTEGER NOT NULL CHECK (state BETWEEN 1 AND 7), -- enum refund_state; 5.. are final
    reason           INTEGER NOT NULL CHECK (reason >= 0), -- enum reason: why it is in that state
    amount_minor     INTEGER CHECK (amount_minor > 0), -- NULL while Amazon's amount is not known
    currency         TEXT    CHECK (length(currency) = 3), -- the charge's
    note             TEXT    NOT NULL, -- SellerRefundNote
    idempotency_key  TEXT,    -- the shop's key against refunding twice
    amazon_refund_id TEXT,    -- AmazonRefundId, once known
    created_at       INTEGER NOT NULL,
    resend_at        INTEGER, -- when to ask again, while not final
    unanswered       INTEGER NOT NULL CHECK (unanswered >= 0), -- calls in a row without a final answer
    discover         INTEGER NOT NULL CHECK (discover IN (0, 1)), -- look for it instead of re-sending
    answered_at      INTEGER, -- the final answer
    PRIMARY KEY (seller_id, id),
    FOREIGN KEY (seller_id, charge_id) REFERENCES charge (seller_id, id),
    CHECK ((currency IS NULL) = (amount_minor IS NULL)),
    -- The shop's own. With the primary key this makes (seller, charge, number) unique for ever.
    CHECK ((number > 0) = (idempotency_key IS NOT NULL)),
    CHECK (number = 0 OR (kind = 1 AND amount_minor IS NOT NULL AND id = charge_id || '-R' || number))
) STRICT;

CREATE INDEX refund_open ON refund (seller_id, agreement_id, id) WHERE state <= 4;
CREATE INDEX refund_charge ON refund (seller_id, charge_id, id);
CREATE UNIQUE INDEX refund_idempotency_key ON refund (seller_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;

-- What the shop gives back is never more than what was captured and Amazon's overage: 15 %, at most
-- JPY 8,400 or 75.00 (billing/refund.h). What Amazon told of has happened: it is counted, not refused.
CREATE TRIGGER refund_is_bounded BEFORE INSERT ON refund WHEN NEW.number > 0
BEGIN
    SELECT RAISE(ABORT, 'a refund goes with a charge that is PAID in its currency')
    WHERE NOT EXISTS (SELECT 1 FROM charge WHERE seller_id = NEW.seller_id AND id = NEW.charge_id
                      AND state = 6 AND currency = NEW.currency);
    SELECT RAISE(ABORT, 'more is refunded than was captured and Amazon allows on top')
    FROM charge WHERE seller_id = NEW.seller_id AND id = NEW.charge_id
    AND refunded_minor + NEW.amount_minor
        > amount_minor + min(amount_minor * 15 / 100, iif(currency = 'JPY', 8400, 7500));
END;
CREATE TRIGGER refund_begins AFTER INSERT ON refund
BEGIN
    UPDATE charge SET refund_count = refund_count + (NEW.number > 0),
                      refunded_minor = refunded_minor + iif(NEW.state IN (6, 7), 0, ifnull(NEW.amount_minor, 0))
    WHERE seller_id = NEW.seller_id AND id = NEW.charge_id;
END;
CREATE TRIGGER refund_changes AFTER UPDATE OF state, amount_minor ON refund
BEGIN
    UPDATE charge SET refunded_minor = refunded_minor
                      - iif(OLD.state IN (6, 7), 0, ifnull(OLD.amount_minor, 0))
                      + iif(NEW.state IN (6, 7), 0, ifnull(NEW.amount_minor, 0))
    WHERE seller_id = NEW.seller_id AND id = NEW.charge_id;
END;

-- Every version of every policy that was in force, as text (billing/policy_text.h). Never changed.
CREATE TABLE policy (
    seller_id TEXT    NOT NULL REFERENCES seller (seller_id),
    version   INTEGER NOT NULL CHECK (version > 0), -- of all the seller's policies: 1, 2, ...
    name      TEXT    NOT NULL CHECK (name <> ''),
    at        INTEGER NOT NULL, -- when it was first in force
    text      TEXT    NOT NULL,
    PRIMARY KEY (seller_id, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX policy_name ON policy (seller_id, name, version);
CREATE TRIGGER policy_stays BEFORE UPDATE ON policy
BEGIN
    SELECT RAISE(ABORT, 'a policy never changes: there is a new version instead');
END;

-- Stop switches that are on: nothing new is charged.
CREATE TABLE stop (
    seller_id TEXT    NOT NULL PRIMARY KEY, -- '' = every seller
    reason    INTEGER NOT NULL CHECK (reason > 0), -- enum reason: who turned it on
    at        INTEGER NOT NULL, -- when
    until_at  INTEGER -- when it lifts itself; NULL = it does not
) STRICT, WITHOUT ROWID;

-- Events tell what was at stake and when something follows by itself, and are chained: each holds the
-- digest of its own text together with the digest of the row before it (schema/chain.h). The chain of a
-- seller begins after the rows that were written before this migration.
ALTER TABLE event ADD COLUMN amount_minor INTEGER; -- of a charge, an attempt, a refund, a price
ALTER TABLE event ADD COLUMN currency TEXT CHECK (length(currency) = 3); -- of the amount
ALTER TABLE event ADD COLUMN until_at INTEGER; -- when something follows by itself, see struct change
ALTER TABLE event ADD COLUMN digest BLOB CHECK (length(digest) = 32); -- SHA-256; NULL = not chained
ALTER TABLE seller ADD COLUMN digest BLOB CHECK (length(digest) = 32); -- of its last event; NULL = none is chained
CREATE TRIGGER event_stays BEFORE UPDATE ON event
BEGIN
    SELECT RAISE(ABORT, 'an event never changes');
END;
CREATE TRIGGER event_is_kept BEFORE DELETE ON event
BEGIN
    SELECT RAISE(ABORT, 'an event is never deleted');
END;

-- Notices of refunds and chargebacks are about a capture: whose it was.
ALTER TABLE notice ADD COLUMN charge_id TEXT;
ALTER TABLE notice ADD COLUMN capture_id TEXT;
-- By Amazon's order reference, which its ids of captures, refunds and chargebacks begin with.
CREATE INDEX attempt_order ON attempt (order_reference_id) WHERE order_reference_id IS NOT NULL;

-- The last write is now: earlier releases wrote nothing while there was nothing to do, and a shop that
-- was quiet for weeks was not down for weeks.
INSERT INTO probe (id, at) SELECT 1, CAST(strftime('%s', 'now') AS INTEGER) * 1000 WHERE EXISTS (SELECT 1 FROM seller)
    ON CONFLICT (id) DO UPDATE SET at = excluded.at;
