/*
 * step_notice.c - what a notice of Amazon's changes: when the next question is asked, and where.
 *
 * A notice is no answer. About the agreement it makes a sync wanted now; about an open attempt or
 * refund it makes it asked for now, and may tell Amazon's id, so that a look-up can be made. What
 * it says became of them is not even in the event. Only a chargeback, which nobody can ask Amazon
 * for, is recorded as it was told.
 *
 * A notice that finds no room is refused with ST_BUSY: whoever keeps it tells it again.
 */
#include "billing/ensure.h"
#include "billing/step_parts.h"

enum status notice_told(struct step *step, const struct notice_event *notice,
                        struct problem *problem)
{
    struct charge *charge;
    switch (notice->kind) {
    case NOTICE_AGREEMENT:
        sync_want_now(step);
        return ST_OK;
    case NOTICE_AUTHORIZATION:
    case NOTICE_CAPTURE:
        charge = account_attempted(step->account, notice->reference_id);
        if (charge != NULL) {
            attempt_noticed(step, charge, notice);
        }
        return ST_OK;
    case NOTICE_REFUND:
    case NOTICE_CHARGEBACK:
        return refund_noticed(step, notice, problem);
    case NOTICE_ORDER:
    case NOTICE_OTHER:
        return ST_OK; /* kept for operators; nothing here depends on it */
    }
    ENSURE(false);
    return ST_INVALID;
}
