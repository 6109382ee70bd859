/*
 * transaction.h - what the lives of all transactions share: making one of a wish, moving it to
 * another state, and what is going to become of it. The lives are in payment.h and refund.h.
 */
#ifndef MWS_SANDBOX_TRANSACTION_H
#define MWS_SANDBOX_TRANSACTION_H

#include "mws/sandbox/world.h"

/* What a seller asks for. Everything is copied. */
struct wish {
    const char *target, *reference, *asked;
    const char *note, *soft_descriptor; /* "" when absent */
    const struct currency *currency;
    int64_t units;
    struct fate fate;        /* simulated; wins over what the control API has ordered */
    int64_t timeout_minutes; /* authorizations: 0 = final in the answer */
    bool capture_now;
    struct share shares[SHARES_MAX]; /* credits of a capture, reversals of a refund */
    size_t share_count;
};

/* A new one of `bytes` (its own struct), Pending and in no world yet. */
void *transaction_new(size_t bytes, enum transaction_kind kind, struct order *order,
                      const struct wish *wish, struct instant now);
/* Into another state, which is told. */
void transaction_move(struct world *world, struct transaction *t, enum mws_state state,
                      enum mws_reason reason, struct instant at);
/* What the wish simulates, or else the control API has ordered (which is used up), or else an
 * invalid method brings about; all zeros when nothing stands in the way. */
struct fate transaction_fate(struct transaction *t);

/* Those of the wish, if it has any, in place of what there was. */
void shares_set(struct shares *shares, const struct wish *wish);
/* What one provider has in shares. */
int64_t shares_of(const struct share *shares, size_t count, const char *provider);

#endif
