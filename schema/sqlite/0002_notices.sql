-- 0002: Amazon's notifications, and how long Amazon may take to decide an authorization.
-- Conventions as in 0001.

-- TransactionTimeout as it was sent: 0 = decided at once, 1440 = within a day. Attempts made before
-- this migration were all sent with 0.
ALTER TABLE attempt ADD COLUMN timeout_minutes INTEGER NOT NULL DEFAULT 0
    CHECK (timeout_minutes BETWEEN 0 AND 1440);

-- When every send of an open attempt had ended. What earlier releases wrote there for open attempts
-- meant less: not known is safe.
UPDATE attempt SET answered_at = NULL WHERE state <= 3;

-- Attempts of the charge that do not count in its retry list (POLICY_MIXED).
ALTER TABLE charge ADD COLUMN extra_attempts INTEGER NOT NULL DEFAULT 0 CHECK (extra_attempts >= 0);

-- With the reason, so that attempts Amazon has not decided yet are counted apart from unknown ones.
DROP INDEX attempt_open;
CREATE INDEX attempt_open ON attempt (seller_id, state, reason, created_at) WHERE state <= 3;

-- One notification of Amazon's (IPN). Kept before Amazon is told that it arrived, done when what it is
-- about was asked for. What it tells is never believed: nothing else in this database depends on it.
CREATE TABLE notice (
    number       INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order of arrival; never used again
    seller_id    TEXT    NOT NULL,
    message_id   TEXT    NOT NULL CHECK (message_id <> ''), -- SNS MessageId
    kind         INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 7), -- enum notice_kind
    object_id    TEXT    NOT NULL, -- Amazon's id of what it is about
    parent_id    TEXT,    -- Amazon's id of what that belongs to
    reference_id TEXT,    -- the seller's id of the authorization, capture or refund, if ours
    order_id     TEXT,    -- SellerOrderId, if ours
    state        TEXT    NOT NULL, -- as told
    reason       TEXT,    -- ReasonCode or EventType, as told
    amount_minor INTEGER, -- as told
    currency     TEXT    CHECK (length(currency) = 3), -- of the amount
    updated_at   INTEGER, -- Amazon's LastUpdateTimestamp
    received_at  INTEGER NOT NULL,
    agreement_id TEXT,    -- whose account is to hear of it; NULL = nothing was open here
    is_done      INTEGER NOT NULL CHECK (is_done IN (0, 1)), -- nothing is left to be done about it
    CHECK (is_done = 1 OR agreement_id IS NOT NULL)
) STRICT;

-- Amazon may deliver a message again, and may tell the same news in another message. An agreement's
-- status (kind 1) keeps its time when the buyer changes something else, so it is not in the second.
CREATE UNIQUE INDEX notice_message ON notice (seller_id, message_id);
CREATE UNIQUE INDEX notice_news ON notice (seller_id, object_id, updated_at, state, kind)
    WHERE updated_at IS NOT NULL AND kind <> 1;

-- What is to be worked on; and what may be forgotten: not refunds (4) and chargebacks (6).
CREATE INDEX notice_open ON notice (number) WHERE is_done = 0;
CREATE INDEX notice_done ON notice (received_at) WHERE is_done = 1 AND kind NOT IN (4, 6);
