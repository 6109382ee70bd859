/*
 * ctl_policy.c - autopayctl policy list | show.
 */
#include <stdio.h>
#include <stdlib.h>

#include "billing/policy.h"
#include "scheduler/ctl.h"
#include "scheduler/ctl_show.h"

static int run_list(struct ctl *ctl, const struct ctl_input *input)
{
    static const struct ctl_column columns[] = {{"version", true}, {"name", false}, {"at", false}};
    return ctl_list(ctl, input, "policies", columns, sizeof columns / sizeof columns[0]);
}

static void show(const struct json *policy)
{
    static const struct ctl_column answer_columns[] = {
        {"about", false},   {"state", false},  {"reason_code", false}, {"error", false},
        {"outcome", false}, {"reason", false}, {"note", false},
    };
    static const struct ctl_column reason_columns[] = {
        {"reason", false}, {"act", false}, {"waits", false}, {"ask", false}, {"meaning", false}};
    const char *keys = json_as_string(json_get(policy, "keys"));
    ctl_show_fields(policy);
    (void)printf("\n%s", keys != NULL ? keys : "");
    ctl_show_list("answers", json_get(policy, "answers"), answer_columns,
                  sizeof answer_columns / sizeof answer_columns[0]);
    ctl_show_list("reasons", json_get(policy, "reasons"), reason_columns,
                  sizeof reason_columns / sizeof reason_columns[0]);
}

static int run_show(struct ctl *ctl, const struct ctl_input *input)
{
    struct ctl_input named = *input;
    named.argument = input->argument != NULL ? input->argument : POLICY_NAME_DEFAULT;
    return ctl_look(ctl, &named, "policies", show);
}

static const struct ctl_option list_options[] = {
    {"after", CTL_COUNT, "after", "VERSION", "Go on after this one"},
    {"max", CTL_COUNT, "max", "N", "At most so many, 1 to 500 (100)"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};
static const struct ctl_option no_options[] = {{NULL, CTL_FLAG, NULL, NULL, NULL}};

const struct ctl_command ctl_policy_commands[] = {
    {"policy", "list", NULL,
     "Lists every version of every policy of a seller, oldest first. A version is made when the "
     "configuration changes, and kept for ever.\v"
     "Example:\n  autopayctl policy list",
     list_options, run_list},
    {"policy", "show", "[NAME|VERSION]",
     "Shows a policy, and what follows under it from each answer of Amazon's.\v"
     "Without a name the seller's default; of a name the newest version, the one that new cycles "
     "follow. It is shown as the configuration would say it. Two tables come after it: `answers` "
     "says what is understood from every state, "
     "reason and error of Amazon's about what is asked for, and `reasons` what happens then under "
     "this policy. They are made from the tables that the daemon itself follows.\n\nExamples:\n"
     "  autopayctl policy show\n"
     "  autopayctl policy show 3\n"
     "  autopayctl policy show patient --json | jq '.reasons[]'",
     no_options, run_show},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
