/*
 * ctl_subscription_orders.c - autopayctl subscription cancel | uncancel | pause | resume | skip |
 * move | change | replace | stop | start.
 */
#include <stdio.h>

#include "scheduler/ctl.h"
#include "scheduler/ctl_show.h"

static int tell(struct ctl *ctl, const struct ctl_input *input, const char *verb)
{
    return ctl_tell(ctl, input, "subscriptions", verb, ctl_show_subscription);
}

static int run_cancel(struct ctl *ctl, const struct ctl_input *input)
{
    bool now = json_get(input->local, "now") != NULL;
    bool at_period_end = json_get(input->local, "period_end") != NULL;
    bool at = json_get(input->values, "at") != NULL;
    if (now + at_period_end + at != 1) {
        (void)fprintf(stderr, "autopayctl: say one of --now, --period-end and --at\n");
        return CTL_USAGE;
    }
    if (!at) {
        json_set_string(input->values, "when", now ? "now" : "period_end");
    }
    return tell(ctl, input, "cancel");
}

static int run_uncancel(struct ctl *ctl, const struct ctl_input *input)
{
    return tell(ctl, input, "uncancel");
}

static int run_pause(struct ctl *ctl, const struct ctl_input *input)
{
    return tell(ctl, input, "pause");
}

static int run_resume(struct ctl *ctl, const struct ctl_input *input)
{
    return tell(ctl, input, "resume");
}

static int run_skip(struct ctl *ctl, const struct ctl_input *input)
{
    return tell(ctl, input, "skip");
}

static int run_move(struct ctl *ctl, const struct ctl_input *input)
{
    return tell(ctl, input, "move");
}

static int run_change(struct ctl *ctl, const struct ctl_input *input)
{
    return tell(ctl, input, "change");
}

static int run_replace(struct ctl *ctl, const struct ctl_input *input)
{
    return tell(ctl, input, "replace");
}

static int run_stop(struct ctl *ctl, const struct ctl_input *input)
{
    return tell(ctl, input, "stop");
}

static int run_start(struct ctl *ctl, const struct ctl_input *input)
{
    return tell(ctl, input, "start");
}

static const struct ctl_option cancel_options[] = {
    {"now", CTL_LOCAL_FLAG, "now", NULL, "At once; open charges are given up where possible"},
    {"period-end", CTL_LOCAL_FLAG, "period_end", NULL, "When the next charge would be due"},
    {"at", CTL_TEXT, "at", "INSTANT", "Then, like 2026-12-31T15:00:00Z"},
    {"force", CTL_FLAG, "force", NULL,
     "Close the agreement at Amazon even while the answer to a charge is not known"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};
static const struct ctl_option pause_options[] = {
    {"until", CTL_TEXT, "until", "INSTANT",
     "Resume by itself then, like 2026-12-31T15:00:00Z (until it is resumed by hand)"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};
static const struct ctl_option skip_options[] = {
    {"cycle", CTL_COUNT, "cycle", "N",
     "The number of the next cycle, as `subscription show` says (required)"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};
static const struct ctl_option move_options[] = {
    {"to", CTL_TEXT, "to", "INSTANT",
     "When it is due instead, like 2026-12-03T00:00:00Z (required)"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};
static const struct ctl_option change_options[] = {
    {"amount", CTL_TEXT, "amount", "AMOUNT", "Of each charge, like 1200 or 12.50"},
    {"currency", CTL_TEXT, "currency", "CODE", "A check: it must be the seller's"},
    {"from", CTL_TEXT, "from", "INSTANT",
     "The amount counts for cycles due at or after it (from the next cycle on)"},
    {"unit", CTL_TEXT, "unit", "UNIT", "day, week, month or year (required for a schedule)"},
    {"every", CTL_COUNT, "every", "N", "Units between charges (1)"},
    {"anchor", CTL_TEXT, "anchor", "DATE",
     "A date that the new schedule counts from (required for a schedule)"},
    {"time", CTL_TEXT, "time", "HH:MM", "Wall-clock time of each charge (00:00)"},
    {"zone", CTL_TEXT, "zone", "ZONE", "Whose wall clock (the subscription's)"},
    {"last-day-of-month", CTL_FLAG, "last_day_of_month", NULL, "Always the last day of the month"},
    {"cycles", CTL_COUNT, "cycles", "N",
     "Ends after so many cycles, counted from the anchor (never)"},
    {"end", CTL_TEXT, "end", "DATE", "No charge after this date (never)"},
    {"policy", CTL_TEXT, "policy", "NAME", "The policy that the next cycles follow"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};
static const struct ctl_option replace_options[] = {
    {"agreement", CTL_TEXT, "agreement_id", "AGREEMENT", "Who takes it over (required)"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};
static const struct ctl_option no_options[] = {{NULL, CTL_FLAG, NULL, NULL, NULL}};

const struct ctl_command ctl_subscription_orders[] = {
    {"subscription", "cancel", "KEY",
     "Cancels a subscription. Canceling again changes nothing.\v"
     "A charge that is on its way is finished first, with one recorded result; what is only "
     "authorized is given back. With its last subscription the billing agreement is closed at "
     "Amazon, once no charge is open, one-offs included, unless with --force (which may be said "
     "later, too).\n\nExamples:\n"
     "  autopayctl subscription cancel K7QW3M2AAAAAAAAA --period-end\n"
     "  autopayctl subscription cancel K7QW3M2AAAAAAAAA --at 2026-12-31T15:00:00Z\n"
     "  autopayctl subscription cancel K7QW3M2AAAAAAAAA --now",
     cancel_options, run_cancel},
    {"subscription", "uncancel", "KEY",
     "Takes back a cancellation that has not come yet (cancel_at). Of a subscription without one "
     "it "
     "changes nothing.\v"
     "Cycles are charged on as if it had never been canceled. What is canceled already is over for "
     "good (exit code 1).\n\nExample:\n"
     "  autopayctl subscription uncancel K7QW3M2AAAAAAAAA",
     no_options, run_uncancel},
    {"subscription", "pause", "KEY",
     "Charges nothing for a subscription until it is resumed. Pausing again changes nothing but "
     "--until.\v"
     "Cycles that would come due meanwhile are not charged, now or later; an open charge waits.\n\n"
     "Examples:\n"
     "  autopayctl subscription pause K7QW3M2AAAAAAAAA\n"
     "  autopayctl subscription pause K7QW3M2AAAAAAAAA --until 2027-01-31T15:00:00Z",
     pause_options, run_pause},
    {"subscription", "resume", "KEY",
     "Ends the pause of a subscription. Resuming again changes nothing.\v"
     "The next cycle is the first one due from now on, as the schedule always said.\n\nExample:\n"
     "  autopayctl subscription resume K7QW3M2AAAAAAAAA",
     no_options, run_resume},
    {"subscription", "skip", "KEY",
     "Does not charge the next cycle. Skipping the same one again changes nothing.\v"
     "The number says which one is meant: a skip that is repeated, or comes when the cycle is due "
     "already, never skips another one (the latter is refused, exit code 1).\n\nExample:\n"
     "  autopayctl subscription skip K7QW3M2AAAAAAAAA --cycle 12",
     skip_options, run_skip},
    {"subscription", "move", "KEY",
     "Makes the next cycle due at another instant; those after it stay where they are.\v"
     "It must lie in the future, after the last cycle and before the one after the next.\n\n"
     "Example:\n  autopayctl subscription move K7QW3M2AAAAAAAAA --to 2026-12-03T00:00:00Z",
     move_options, run_move},
    {"subscription", "change", "KEY",
     "Changes the amount, the schedule or the policy of the cycles to come.\v"
     "What is due already keeps its price, schedule and policy. With a new schedule the next cycle "
     "is its first one due from now on; cycles are counted on.\n\nExamples:\n"
     "  autopayctl subscription change K7QW3M2AAAAAAAAA --amount 1500\n"
     "  autopayctl subscription change K7QW3M2AAAAAAAAA \\\n"
     "      --amount 1500 --from 2027-04-01T00:00:00Z\n"
     "  autopayctl subscription change K7QW3M2AAAAAAAAA \\\n"
     "      --unit year --anchor 2027-01-01\n"
     "  autopayctl subscription change K7QW3M2AAAAAAAAA --policy patient",
     change_options, run_change},
    {"subscription", "replace", "KEY",
     "Lets another billing agreement of the same buyer take a subscription over.\v"
     "The other agreement must be registered. Cycles are counted on there, what is not paid yet is "
     "charged there, and the old agreement is closed with its last subscription, once no charge is "
     "open, one-offs included. The subscription is leaving until the other one has it (then "
     "replaced; successor_key is its new key), or "
     "active again when that refused. Where the other one has no room now it is asked again and "
     "again: `subscription cancel`, or replacing it by its own agreement, ends that. Refused while "
     "a charge is on its way (exit code 1).\n\n"
     "Example:\n"
     "  autopayctl subscription replace K7QW3M2AAAAAAAAA \\\n"
     "      --agreement C03-7654321-7654321",
     replace_options, run_replace},
    {"subscription", "stop", "KEY",
     "The stop switch: charges nothing new for a subscription until it is started. Stopping again "
     "changes nothing.\v"
     "Unlike a pause it loses no cycle: what comes due waits.\n\nExample:\n"
     "  autopayctl subscription stop K7QW3M2AAAAAAAAA",
     no_options, run_stop},
    {"subscription", "start", "KEY",
     "Lifts the stop switch of a subscription. Starting again changes nothing.\v"
     "What waited is charged now; what is later than the policy's lateness_max asks for approval "
     "first (charge list --state asking).\n\nExample:\n"
     "  autopayctl subscription start K7QW3M2AAAAAAAAA",
     no_options, run_start},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
