/*
 * simulation.h - Amazon's sandbox simulation strings: JSON in a note that makes one authorization,
 * capture or refund decline or close, closes an order reference, or gives it a constraint.
 *
 *     {"SandboxSimulation":{"State":"Declined","ReasonCode":"InvalidPaymentMethod",
 *                           "PaymentMethodUpdateTimeInMins":5,"SoftDecline":"true"}}
 *
 * Source: Amazon Pay, "Sandbox simulations". ProcessingFailure cannot be simulated.
 */
#ifndef MWS_SANDBOX_SIMULATION_H
#define MWS_SANDBOX_SIMULATION_H

#include <stdbool.h>

#include "billing/status.h"
#include "mws/vocab.h"

/* What is going to happen to a transaction. Without a simulation: state 0, it succeeds. */
struct fate {
    enum mws_state state; /* DECLINED, CLOSED, PENDING (first), or 0 */
    enum mws_reason reason;
    bool soft;          /* SoftDecline */
    int reopen_minutes; /* after a hard decline the buyer mends the method then; 0 = never */
    int expire_minutes; /* Open first, and Closed then; 0 = at once */
};

/* Which request carries the string: each has its own list of combinations. */
enum simulated {
    SIMULATED_AUTHORIZATION, /* SellerAuthorizationNote */
    SIMULATED_CAPTURE,       /* SellerCaptureNote */
    SIMULATED_REFUND,        /* SellerRefundNote */
    SIMULATED_CLOSURE,       /* ClosureReason of CloseOrderReference */
};

/* An ordinary note (no mention of SandboxSimulation) gives no fate. ST_INVALID with a sentence for
 * a malformed string or a combination that Amazon does not list. */
MUST_USE enum status simulation_parse(enum simulated what, const char *note, struct fate *fate,
                                      struct problem *problem);

/* SellerNote of an order reference: whether it asks for the constraint PaymentMethodNotAllowed. */
MUST_USE enum status simulation_constraint(const char *note, bool *method_not_allowed,
                                           struct problem *problem);

#endif
