/*
 * fuzz_policy.c - texts of policies: what is accepted is written again byte for byte, and maps
 * every reason.
 */
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "billing/policy_map.h"
#include "billing/policy_text.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    char again[POLICY_TEXT_MAX];
    struct policy policy;
    struct problem problem = {""};
    enum status status = policy_parse(text, &policy, &problem);
    ENSURE(status == ST_OK || status == ST_INVALID);
    ENSURE(IMPLIES(status == ST_INVALID, problem.text[0] != '\0'));
    if (status == ST_OK) {
        ENSURE(policy_format(&policy, again));
        ENSURE(strcmp(text, again) == 0);
        ENSURE(policy.name[0] != '\0');
        for (unsigned reason = 0; reason < REASON_COUNT; reason++) {
            ENSURE(policy_outcome_of(&policy, reason).act > 0);
        }
        ENSURE(policy_jittered_ms(&policy, policy.late_after_ms, "A-1-1") >= policy.late_after_ms);
        struct instant noon = {INT64_C(1767268800000)};
        ENSURE(!instant_before(policy_open_at(&policy, noon), noon));
    }
    free(text);
    return 0;
}
