-- 0003: what operators ask for: subscriptions by idempotency key, charges by agreement, notices.
-- Conventions as in 0001.

-- The shop's key against creating a subscription twice; NULL = it gave none.
ALTER TABLE subscription ADD COLUMN idempotency_key TEXT;
CREATE UNIQUE INDEX subscription_idempotency_key ON subscription (seller_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;

-- One-offs of an agreement. Its other charges are found through its subscriptions, so that a renewal
-- has no further index to write.
CREATE INDEX charge_one_off ON charge (seller_id, agreement_id, id) WHERE subscription_key IS NULL;

-- The same news as 0002 knows, now of every notice, so that those about one object are found here too:
-- what is news by its message alone, an agreement's (kind 1), has that in its entry.
DROP INDEX notice_news;
CREATE UNIQUE INDEX notice_news
    ON notice (seller_id, object_id, updated_at, state, kind, iif(kind = 1, message_id, ''));

-- Notices of a seller, and the rare ones that tell of money going back; every index ends with the rowid,
-- which is the number: the order of arrival.
CREATE INDEX notice_seller ON notice (seller_id);
CREATE INDEX notice_money_back ON notice (seller_id, kind) WHERE kind IN (4, 6);
