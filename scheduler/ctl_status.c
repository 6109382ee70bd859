/*
 * ctl_status.c - autopayctl status, autopayctl events, autopayctl notices.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "scheduler/ctl.h"
#include "scheduler/ctl_show.h"

static int run_status(struct ctl *ctl, const struct ctl_input *input)
{
    static const struct ctl_column columns[] = {
        {"seller_id", false},       {"backlog", true},          {"oldest_due_age_seconds", true},
        {"drain_seconds", true},    {"calls_in_flight", true},  {"calls_waiting", true},
        {"attempts_pending", true}, {"attempts_unknown", true}, {"charges.attempting", true},
        {"charges.retrying", true}, {"charges.waiting", true},  {"charges.held", true},
        {"past_due", true},         {"charges.asking", true},   {"charges_stopped", true},
        {"refunds_open", true},     {"stopped", false},         {"breaker.state", false},
        {"breaker.until", false},   {"charging_paused", false},
    };
    struct json *answer = NULL;
    int exit_code = ctl_get(ctl, "/v1/status", &answer);
    (void)input;
    if (exit_code == CTL_OK && !ctl->json) {
        ctl_show_fields(answer);
        (void)putchar('\n');
        ctl_show_page(answer, "sellers", columns, sizeof columns / sizeof columns[0]);
    }
    json_free(answer);
    return exit_code;
}

static int run_events(struct ctl *ctl, const struct ctl_input *input)
{
    static const struct ctl_column columns[] = {
        {"number", true}, {"at", false},     {"kind", false},  {"subject", false}, {"from", false},
        {"to", false},    {"reason", false}, {"amount", true}, {"until", false},
    };
    return ctl_list(ctl, input, "events", columns, sizeof columns / sizeof columns[0]);
}

static int run_notices(struct ctl *ctl, const struct ctl_input *input)
{
    static const struct ctl_column columns[] = {
        {"number", true},     {"received_at", false},  {"kind", false},  {"object_id", false},
        {"state", false},     {"reason", false},       {"amount", true}, {"currency", false},
        {"parent_id", false}, {"agreement_id", false}, {"done", false},
    };
    return ctl_list(ctl, input, "notices", columns, sizeof columns / sizeof columns[0]);
}

static const struct ctl_option event_options[] = {
    {"after", CTL_TEXT, "after", "NUMBER", "Only what came after this event (0)"},
    {"max", CTL_COUNT, "max", "N", "At most so many, 1 to 500 (100)"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};
static const struct ctl_option notice_options[] = {
    {"kind", CTL_TEXT, "kind", "KIND",
     "agreement, authorization, capture, refund, order, chargeback or other"},
    {"object", CTL_TEXT, "object", "ID", "Only about this one, by Amazon's id"},
    {"after", CTL_TEXT, "after", "NUMBER", "Only what came after this notice (the newest)"},
    {"max", CTL_COUNT, "max", "N", "At most so many, 1 to 500 (100)"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};
static const struct ctl_option no_options[] = {{NULL, CTL_FLAG, NULL, NULL, NULL}};

const struct ctl_command ctl_status_commands[] = {
    {"status", "", NULL,
     "Shows how the daemon is doing, seller by seller; --json has every figure.\v"
     "`stopped` says who turned a stop switch (operator, guard, clock, clock_back); `breaker` is "
     "open while "
     "Amazon is down and nothing new is sent to it.\n\n"
     "Example:\n  autopayctl status --json | jq '.sellers[].oldest_due_age_seconds'",
     no_options, run_status},
    {"events", "", NULL,
     "Lists changes, numbered without gaps per seller and chained by digest (--json).\v"
     "What from and to are depends on the kind: states, numbers of cycles, a switch's position. "
     "until is when a charge is looked at again by itself, a cancellation or a price counts from, "
     "or a date was moved to.\n\n"
     "Example:\n  autopayctl events --after 1200 --max 500 --json",
     event_options, run_events},
    {"notices", "", NULL,
     "Lists Amazon's notifications that were kept, in the order they came: what was told, "
     "which nothing here depends on.\v"
     "Examples:\n"
     "  autopayctl notices --kind refund\n"
     "  autopayctl notices --kind chargeback --after 0\n"
     "  autopayctl notices --object S03-0009654-2000006-C572866",
     notice_options, run_notices},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
