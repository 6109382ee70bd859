/*
 * ledger.h - the books of the fake Amazon as JSON: what was really authorized and captured,
 * whatever the client believes.
 */
#ifndef MWS_SANDBOX_LEDGER_H
#define MWS_SANDBOX_LEDGER_H

#include "mws/sandbox/sandbox.h"

/* {"totals": {...}} and, unless only totals are wanted, "entries": one object for each
 * authorization with its capture and refunds, oldest first, and "agreements": for each month the
 * sum authorized. */
void ledger_write(const struct sandbox *sandbox, bool totals_only, struct text *out);

/* {"requests": ..., "results": {action: {code: count}}, "throttled", "connections", "faults"} */
void statistics_write(const struct sandbox *sandbox, uint64_t connections, struct text *out);

/* One agreement, one order reference, as the control API shows it. */
struct json *agreement_json(const struct agreement *agreement, struct instant now);
struct json *order_json(const struct order *order);

/* Appends the JSON text of `value` and frees it. */
void text_add_json(struct text *out, struct json *value);

#endif
