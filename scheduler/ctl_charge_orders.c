/*
 * ctl_charge_orders.c - autopayctl charge approve | reject | ship | void | refund, and refunds.
 */
#include "scheduler/ctl.h"
#include "scheduler/ctl_show.h"

static int run_approve(struct ctl *ctl, const struct ctl_input *input)
{
    return ctl_tell(ctl, input, "charges", "approve", ctl_show_charge);
}

static int run_reject(struct ctl *ctl, const struct ctl_input *input)
{
    return ctl_tell(ctl, input, "charges", "reject", ctl_show_charge);
}

static int run_ship(struct ctl *ctl, const struct ctl_input *input)
{
    return ctl_tell(ctl, input, "charges", "ship", ctl_show_charge);
}

static int run_void(struct ctl *ctl, const struct ctl_input *input)
{
    return ctl_tell(ctl, input, "charges", "void", ctl_show_charge);
}

static int run_refund(struct ctl *ctl, const struct ctl_input *input)
{
    return ctl_tell(ctl, input, "charges", "refunds", ctl_show_fields);
}

static int run_refunds(struct ctl *ctl, const struct ctl_input *input)
{
    static const struct ctl_column columns[] = {
        {"refund_id", false},
        {"charge_id", false},
        {"kind", false},
        {"state", false},
        {"reason", false},
        {"amount", true},
        {"currency", false},
        {"note", false},
        {"created_at", false},
        {"answered_at", false},
        {"amazon_refund_id", false},
    };
    return ctl_list(ctl, input, "refunds", columns, sizeof columns / sizeof columns[0]);
}

static const struct ctl_option refund_options[] = {
    {"amount", CTL_TEXT, "amount", "AMOUNT", "Like 300 or 3.50 (what is left of the charge)"},
    {"currency", CTL_TEXT, "currency", "CODE", "A check: it must be the seller's"},
    {"overage", CTL_FLAG, "overage", NULL,
     "More than was charged is meant: up to 15 % above it, in Japan at most 8400 yen"},
    {"note", CTL_TEXT, "note", "TEXT", "Why; shown to the buyer by Amazon"},
    {"key", CTL_TEXT, "idempotency_key", "KEY",
     "The shop's own id of this refund: the same key never refunds twice (required)"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};
static const struct ctl_option list_options[] = {
    {"charge", CTL_TEXT, "charge", "CHARGE", "Only of this one"},
    {"after", CTL_TEXT, "after", "REFUND", "Go on after this one"},
    {"max", CTL_COUNT, "max", "N", "At most so many, 1 to 500 (100)"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};
static const struct ctl_option no_options[] = {{NULL, CTL_FLAG, NULL, NULL, NULL}};

const struct ctl_command ctl_charge_orders[] = {
    {"charge", "approve", "CHARGE",
     "Says yes to a charge that asks. Approving again changes nothing.\v"
     "It asks because it is later than the policy allows without a word, was missed while nothing "
     "ran, or because the limit is short and the policy asks: then it waits for the next period. "
     "Its reason says which.\n\nExamples:\n"
     "  autopayctl charge list --state asking\n"
     "  autopayctl charge approve K7QW3M2AAAAAAAAA-12",
     no_options, run_approve},
    {"charge", "reject", "CHARGE",
     "Says no to a charge that asks: it is canceled. Rejecting again changes nothing.\v"
     "Example:\n  autopayctl charge reject K7QW3M2AAAAAAAAA-12",
     no_options, run_reject},
    {"charge", "ship", "CHARGE",
     "Takes the money of a charge whose policy captures on shipment. Saying so again changes "
     "nothing.\v"
     "Before it is authorized the word is remembered and the money taken at once then. Afterwards "
     "it must come before the attempt's expires_at.\n\nExample:\n"
     "  autopayctl charge ship K7QW3M2AAAAAAAAA-12",
     no_options, run_ship},
    {"charge", "void", "CHARGE",
     "Gives a charge up whose money is not taken yet: the authorization is closed at Amazon and "
     "the "
     "charge canceled. Saying so again changes nothing.\v"
     "Example:\n  autopayctl charge void K7QW3M2AAAAAAAAA-12",
     no_options, run_void},
    {"charge", "refund", "CHARGE",
     "Gives money of a paid charge back: all that is left of it, or an amount.\v"
     "Asked again with the same key and values it shows the first refund, whatever became of it. "
     "It is recorded and on its way when this returns, and final when it is completed, declined or "
     "refused: look with `refunds --charge CHARGE`. The agreement's limit gets nothing "
     "back.\n\nExamples:\n"
     "  autopayctl charge refund K7QW3M2AAAAAAAAA-12 --key return-17\n"
     "  autopayctl charge refund K7QW3M2AAAAAAAAA-12 --key return-18 \\\n"
     "      --amount 300 --note broken\n"
     "  autopayctl charge refund K7QW3M2AAAAAAAAA-12 --key return-19 \\\n"
     "      --amount 1300 --overage",
     refund_options, run_refund},
    {"refunds", "", NULL,
     "Lists refunds in the order of their ids: the shop's, and what Amazon told of (a_to_z, "
     "chargeback).\v"
     "Examples:\n"
     "  autopayctl refunds --charge K7QW3M2AAAAAAAAA-12\n"
     "  autopayctl refunds --max 500 --json",
     list_options, run_refunds},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
