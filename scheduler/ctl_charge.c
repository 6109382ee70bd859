/*
 * ctl_charge.c - autopayctl charge once | show | list. What is said about one that exists is in
 * ctl_charge_orders.c.
 */
#include "scheduler/ctl.h"
#include "scheduler/ctl_show.h"

void ctl_show_charge(const struct json *charge)
{
    static const struct ctl_column columns[] = {
        {"reference_id", false}, {"state", false},
        {"reason", false},       {"amount", true},
        {"created_at", false},   {"answered_at", false},
        {"expires_at", false},   {"authorization_id", false},
        {"capture_id", false},
    };
    static const struct ctl_column refund_columns[] = {
        {"refund_id", false}, {"kind", false},        {"state", false},
        {"reason", false},    {"amount", true},       {"created_at", false},
        {"note", false},      {"answered_at", false}, {"amazon_refund_id", false},
    };
    const struct json *attempts = json_get(charge, "attempts");
    const struct json *refunds = json_get(charge, "refunds");
    ctl_show_fields(charge);
    if (attempts != NULL) {
        ctl_show_list("attempts", attempts, columns, sizeof columns / sizeof columns[0]);
    }
    if (json_length(refunds) > 0) {
        ctl_show_list("refunds", refunds, refund_columns,
                      sizeof refund_columns / sizeof refund_columns[0]);
    }
}

static int run_once(struct ctl *ctl, const struct ctl_input *input)
{
    return ctl_make(ctl, input, "charges", ctl_show_charge);
}

static int run_show(struct ctl *ctl, const struct ctl_input *input)
{
    return ctl_look(ctl, input, "charges", ctl_show_charge);
}

static int run_list(struct ctl *ctl, const struct ctl_input *input)
{
    static const struct ctl_column columns[] = {
        {"charge_id", false}, {"agreement_id", false},
        {"state", false},     {"reason", false},
        {"amount", true},     {"currency", false},
        {"due_at", false},    {"retry_at", false},
        {"label", false},     {"attempt.reference_id", false},
    };
    return ctl_list(ctl, input, "charges", columns, sizeof columns / sizeof columns[0]);
}

static const struct ctl_option once_options[] = {
    {"amount", CTL_TEXT, "amount", "AMOUNT", "Like 300 or 3.50 (required)"},
    {"key", CTL_TEXT, "idempotency_key", "KEY",
     "The shop's own id of this order: the same key never charges twice (required)"},
    {"policy", CTL_TEXT, "policy", "NAME", "The policy it follows (default)"},
    {"currency", CTL_TEXT, "currency", "CODE", "A check: it must be the seller's"},
    {"label", CTL_TEXT, "label", "TEXT", "The shop's own name for it"},
    {"note", CTL_TEXT, "note", "TEXT", "Shown to the buyer by Amazon"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};
static const struct ctl_option list_options[] = {
    {"agreement", CTL_TEXT, "agreement", "AGREEMENT", "Only of this one, one-offs included"},
    {"subscription", CTL_TEXT, "subscription", "KEY", "Only of this one"},
    {"state", CTL_TEXT, "state", "STATE",
     "due, attempting, retrying, waiting, held, asking, authorized, paid, failed or canceled"},
    {"after", CTL_TEXT, "after", "CHARGE", "Go on after this one"},
    {"max", CTL_COUNT, "max", "N", "At most so many, 1 to 500 (100)"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};
static const struct ctl_option no_options[] = {{NULL, CTL_FLAG, NULL, NULL, NULL}};

const struct ctl_command ctl_charge_commands[] = {
    {"charge", "once", "AGREEMENT",
     "Orders a one-off charge on a billing agreement.\v"
     "Asked again with the same key and values it shows the first charge.\n\nExample:\n"
     "  autopayctl charge once C03-1234567-1234567 --amount 300 --key order-4711",
     once_options, run_once},
    {"charge", "show", "CHARGE",
     "Shows a charge with every attempt at it, by reference id, and its refunds.\v"
     "What is later waits for somebody: asking for `charge approve` or `charge reject`, authorized "
     "for `charge ship` or `charge void` until the attempt's expires_at.\n\n"
     "Example:\n  autopayctl charge show K7QW3M2AAAAAAAAA-12",
     no_options, run_show},
    {"charge", "list", NULL,
     "Lists charges in the order of their ids.\v"
     "Examples:\n"
     "  autopayctl charge list --state failed\n"
     "  autopayctl charge list --agreement C03-1234567-1234567\n"
     "  autopayctl charge list --subscription K7QW3M2AAAAAAAAA --json",
     list_options, run_list},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
