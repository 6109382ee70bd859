/*
 * chain.h - how the event rows of a seller are chained, so that whoever holds a copy of the
 * database, or only the newest digest, can tell whether a row was altered, added or taken out.
 *
 *     digest of a row = SHA-256( digest of the row before it || text of the row )
 *
 * The digest before the first chained row is 32 zero bytes. Rows that were written before rows were
 * chained have none (NULL; all zero in struct change_view); the chain starts after them. A digest
 * is 32 bytes, not their hexadecimal form. The seller's row holds the newest one.
 *
 * The text of a row is one line: these twelve columns of table `event`, in this order, each
 * followed by a TAB (byte 9) but for the last, which is followed by a newline (byte 10):
 *
 *     seller_id number at agreement_id kind subject from_state to_state reason
 *     amount_minor currency until_at
 *
 * Integers are decimal without leading zeros, negative ones with '-'; texts are the bytes of the
 * column; NULL is empty. No column holds a TAB or a newline. In SQLite's words:
 *
 *     seller_id || x'09' || number || x'09' || at || x'09' || ... || x'09' ||
 *     ifnull(amount_minor, '') || x'09' || ifnull(currency, '') || x'09' ||
 *     ifnull(until_at, '') || x'0a'
 *
 * It knows no cryptography: SHA-256 is handed in.
 */
#ifndef SCHEMA_CHAIN_H
#define SCHEMA_CHAIN_H

#include "schema/store.h"

/* Two ids, a subject, a currency and eight integers with what separates them. */
#define CHAIN_TEXT_MAX 320

/* The line of the row `view` of that seller, with a NUL after it; its length. view->digest is not
 * in it. */
size_t chain_text(const char *seller_id, const struct change_view *view,
                  char text[static CHAIN_TEXT_MAX]);

/* The digest of the row `view`, which follows a row with digest `previous`. */
void chain_digest(store_digest *sha256, const uint8_t previous[static DIGEST_BYTES],
                  const char *seller_id, const struct change_view *view,
                  uint8_t digest[static DIGEST_BYTES]);

#endif
