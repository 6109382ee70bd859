/*
 * ctl_subscription.c - autopayctl subscription create | show | list. What is done with one that
 * exists is in ctl_subscription_orders.c.
 */
#include <inttypes.h>
#include <stdio.h>

#include "scheduler/ctl.h"
#include "scheduler/ctl_show.h"

void ctl_show_subscription(const struct json *subscription)
{
    static const struct ctl_column charge_columns[] = {
        {"charge_id", false}, {"state", false},  {"reason", false},   {"amount", true},
        {"currency", false},  {"due_at", false}, {"final_at", false},
    };
    static const struct ctl_column due_columns[] = {
        {"cycle", true}, {"due_at", false}, {"amount", true}};
    const struct json *charges = json_get(subscription, "recent_charges");
    ctl_show_fields(subscription);
    ctl_show_list("next_due", json_get(subscription, "next_due"), due_columns,
                  sizeof due_columns / sizeof due_columns[0]);
    if (charges != NULL) {
        ctl_show_list("recent_charges", charges, charge_columns,
                      sizeof charge_columns / sizeof charge_columns[0]);
    }
}

/* An anchor of today may lie before now: that its charge is left out is easily overlooked. */
static void show_made(const struct json *made)
{
    int64_t first = 1;
    ctl_show_subscription(made);
    if (json_as_integer(json_get(made, "first_cycle"), &first) && first > 1) {
        (void)fprintf(stderr,
                      "note: charging begins with cycle %" PRId64 "; earlier ones were due before "
                      "charge_from (if left out: now) and are never charged\n",
                      first);
    }
}

static int run_create(struct ctl *ctl, const struct ctl_input *input)
{
    return ctl_make(ctl, input, "subscriptions", show_made);
}

static int run_show(struct ctl *ctl, const struct ctl_input *input)
{
    return ctl_look(ctl, input, "subscriptions", ctl_show_subscription);
}

static int run_list(struct ctl *ctl, const struct ctl_input *input)
{
    static const struct ctl_column columns[] = {
        {"subscription_key", false},
        {"agreement_id", false},
        {"state", false},
        {"amount", true},
        {"currency", false},
        {"every", true},
        {"unit", false},
        {"next_cycle", true},
        {"due_at", false},
        {"label", false},
    };
    return ctl_list(ctl, input, "subscriptions", columns, sizeof columns / sizeof columns[0]);
}

static const struct ctl_option create_options[] = {
    {"amount", CTL_TEXT, "amount", "AMOUNT", "Of each charge, like 1200 or 12.50 (required)"},
    {"currency", CTL_TEXT, "currency", "CODE", "A check: it must be the seller's"},
    {"unit", CTL_TEXT, "unit", "UNIT", "day, week, month or year (required)"},
    {"every", CTL_COUNT, "every", "N", "Units between charges (1)"},
    {"anchor", CTL_TEXT, "anchor", "DATE",
     "Date of the first cycle, like 2026-11-30; all others are counted from it (required)"},
    {"time", CTL_TEXT, "time", "HH:MM", "Wall-clock time of each charge (00:00)"},
    {"zone", CTL_TEXT, "zone", "ZONE", "Whose wall clock, like Asia/Tokyo (the seller's)"},
    {"last-day-of-month", CTL_FLAG, "last_day_of_month", NULL, "Always the last day of the month"},
    {"trial-days", CTL_COUNT, "trial_days", "N", "Free days before the first cycle (0)"},
    {"cycles", CTL_COUNT, "cycles", "N", "Ends after so many cycles (never)"},
    {"end", CTL_TEXT, "end", "DATE", "No charge after this date (never)"},
    {"charge-from", CTL_TEXT, "charge_from", "INSTANT",
     "Cycles due before it are not charged, like 2026-12-01T00:00:00Z (now)"},
    {"label", CTL_TEXT, "label", "TEXT", "The shop's own name for it"},
    {"note", CTL_TEXT, "note", "TEXT", "Shown to the buyer by Amazon"},
    {"policy", CTL_TEXT, "policy", "NAME", "The policy it follows (default)"},
    {"key", CTL_TEXT, "idempotency_key", "KEY",
     "The shop's own id of this order: the same key never makes two"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};
static const struct ctl_option list_options[] = {
    {"agreement", CTL_TEXT, "agreement", "AGREEMENT", "Only of this one"},
    {"state", CTL_TEXT, "state", "STATE",
     "active, past_due, paused, leaving, canceled, ended or replaced"},
    {"after", CTL_TEXT, "after", "KEY", "Go on after this one"},
    {"max", CTL_COUNT, "max", "N", "At most so many, 1 to 500 (100)"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};
static const struct ctl_option no_options[] = {{NULL, CTL_FLAG, NULL, NULL, NULL}};

const struct ctl_command ctl_subscription_commands[] = {
    {"subscription", "create", "AGREEMENT",
     "Creates a subscription on a billing agreement and shows when it will be charged.\v"
     "Asked again with the same --key and values it shows the first one; without a key it makes "
     "another.\n\nExamples:\n"
     "  autopayctl subscription create C03-1234567-1234567 \\\n"
     "      --amount 1200 --unit month --anchor 2026-11-30 --time 09:00 --key signup-4711\n"
     "  autopayctl subscription create C03-1234567-1234567 \\\n"
     "      --amount 9800 --unit year --anchor 2026-12-01 --trial-days 14 --cycles 3",
     create_options, run_create},
    {"subscription", "show", "KEY",
     "Shows a subscription, its next due instants and its newest charges.\v"
     "Example:\n  autopayctl subscription show K7QW3M2AAAAAAAAA",
     no_options, run_show},
    {"subscription", "list", NULL,
     "Lists subscriptions in the order of their keys.\v"
     "Examples:\n"
     "  autopayctl subscription list --agreement C03-1234567-1234567\n"
     "  autopayctl subscription list --state past_due --json",
     list_options, run_list},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
