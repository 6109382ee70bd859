/*
 * fuzz_simulation.c - notes of requests, with and without a simulation, as each request may carry
 * them.
 *
 * What holds: a note is refused as a whole, or gives nothing, or a fate within the bounds of what
 * that request can meet.
 */
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/sandbox/simulation.h"
#include "tests/fuzz/fuzz.h"

static void check_fate(enum simulated what, const struct fate *fate)
{
    bool is_authorization = what == SIMULATED_AUTHORIZATION;
    bool is_invalid_method = fate->reason == MWS_REASON_INVALID_PAYMENT_METHOD;
    ENSURE(fate->state == MWS_STATE_DECLINED || fate->state == MWS_STATE_CLOSED ||
           fate->state == MWS_STATE_PENDING);
    ENSURE(IMPLIES(fate->state == MWS_STATE_PENDING, what == SIMULATED_CAPTURE));
    ENSURE((fate->state == MWS_STATE_PENDING) == (fate->reason == MWS_REASON_UNKNOWN));
    ENSURE(fate->reopen_minutes >= 0);
    ENSURE(fate->reopen_minutes <= 240);
    ENSURE(fate->expire_minutes >= 0);
    ENSURE(fate->expire_minutes <= 60);
    ENSURE(IMPLIES(fate->soft || fate->reopen_minutes > 0, is_authorization && is_invalid_method));
    ENSURE(IMPLIES(fate->expire_minutes > 0,
                   is_authorization && fate->reason == MWS_REASON_EXPIRED_UNUSED));
}

static void check_note(enum simulated what, const char *note)
{
    struct fate fate;
    struct problem problem = {""};
    enum status status = simulation_parse(what, note, &fate, &problem);
    ENSURE(status == ST_OK || status == ST_INVALID);
    if (status == ST_OK && strstr(note, "SandboxSimulation") != NULL) {
        check_fate(what, &fate);
    } else {
        ENSURE(fate.state == MWS_STATE_UNKNOWN);
        ENSURE(IMPLIES(status == ST_INVALID, problem.text[0] != '\0'));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *note = fuzz_text(data, size);
    struct problem problem = {""};
    bool method_not_allowed = true;
    check_note(SIMULATED_AUTHORIZATION, note);
    check_note(SIMULATED_CAPTURE, note);
    check_note(SIMULATED_REFUND, note);
    check_note(SIMULATED_CLOSURE, note);
    enum status status = simulation_constraint(note, &method_not_allowed, &problem);
    ENSURE(status == ST_OK || status == ST_INVALID);
    ENSURE(IMPLIES(status == ST_INVALID, problem.text[0] != '\0' && !method_not_allowed));
    free(note);
    return 0;
}
