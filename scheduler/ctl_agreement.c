/*
 * ctl_agreement.c - autopayctl agreement register | show | list | sync | close | stop | start.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scheduler/ctl.h"
#include "scheduler/ctl_http.h"
#include "scheduler/ctl_show.h"

#define POLL_MS   50
#define POLLS_MAX 600 /* half a minute: Amazon answers in a second, or is not well */

/* "agreements/ID" and what follows, of the command's argument. */
static char *agreement_path(struct ctl *ctl, const struct ctl_input *input, const char *verb,
                            int *exit_code)
{
    char *id = ctl_http_escape(input->argument);
    char *path = ctl_seller_path(ctl, exit_code, "agreements/%s%s", id, verb);
    free(id);
    return path;
}

static int show_at(const struct ctl *ctl, const char *path)
{
    struct json *answer;
    int exit_code = ctl_get(ctl, path, &answer);
    if (exit_code == CTL_OK && !ctl->json) {
        ctl_show_fields(answer);
    }
    json_free(answer);
    return exit_code;
}

static int run_show(struct ctl *ctl, const struct ctl_input *input)
{
    int exit_code;
    char *path = agreement_path(ctl, input, "", &exit_code);
    if (path != NULL) {
        exit_code = show_at(ctl, path);
    }
    free(path);
    return exit_code;
}

static bool is_unsynced(const struct json *agreement)
{
    const char *state = json_as_string(json_get(agreement, "state"));
    return state != NULL && strcmp(state, "unsynced") == 0;
}

static bool is_unknown_at_amazon(const struct json *agreement)
{
    const char *reason = json_as_string(json_get(agreement, "care_reason"));
    return reason != NULL && strcmp(reason, "agreement_unknown") == 0;
}

/* Until Amazon has told the agreement's state. */
static int wait_for_sync(struct ctl *ctl, const struct ctl_input *input)
{
    int exit_code;
    char *path = agreement_path(ctl, input, "", &exit_code);
    bool unsynced = true;
    bool unknown = false;
    for (int i = 0; i < POLLS_MAX && unsynced && !unknown && exit_code == CTL_OK; i++) {
        struct json *answer;
        ctl_wait(POLL_MS);
        exit_code = ctl_get_quietly(ctl, path, &answer);
        unsynced = exit_code == CTL_OK && is_unsynced(answer);
        unknown = exit_code == CTL_OK && is_unknown_at_amazon(answer);
        json_free(answer);
    }
    if (exit_code == CTL_OK) {
        exit_code = show_at(ctl, path);
    }
    if (unknown && exit_code == CTL_OK) {
        (void)fprintf(stderr,
                      "autopayctl: Amazon does not know agreement %s of this seller: is the id "
                      "right, and is it of this environment, sandbox or live?\n",
                      input->argument);
        exit_code = CTL_NOT_FOUND;
    } else if (unsynced && exit_code == CTL_OK) {
        (void)fprintf(stderr,
                      "autopayctl: Amazon has not told the state of %s yet; it is asked "
                      "again, look later\n",
                      input->argument);
        exit_code = CTL_UNAVAILABLE;
    }
    free(path);
    return exit_code;
}

static int run_register(struct ctl *ctl, const struct ctl_input *input)
{
    bool wait = json_get(input->local, "wait") != NULL;
    struct ctl quiet = *ctl;
    struct json *answer;
    int exit_code;
    char *path = ctl_seller_path(ctl, &exit_code, "agreements");
    if (path == NULL) {
        return exit_code;
    }
    json_set_string(input->values, "agreement_id", input->argument);
    quiet.json = ctl->json && !wait; /* one answer is printed, the last */
    exit_code = ctl_post(&quiet, path, input->values, &answer);
    if (exit_code == CTL_OK && wait) {
        exit_code = wait_for_sync(ctl, input);
    } else if (exit_code == CTL_OK && !ctl->json) {
        ctl_show_fields(answer);
    }
    json_free(answer);
    free(path);
    return exit_code;
}

static int run_list(struct ctl *ctl, const struct ctl_input *input)
{
    static const struct ctl_column columns[] = {
        {"agreement_id", false},   {"state", false},
        {"limit.amount", true},    {"limit.posted", true},
        {"limit.reserved", true},  {"limit.remaining", true},
        {"limit.currency", false}, {"limit.period_end", false},
        {"synced_at", false},
    };
    return ctl_list(ctl, input, "agreements", columns, sizeof columns / sizeof columns[0]);
}

static int run_sync(struct ctl *ctl, const struct ctl_input *input)
{
    return ctl_tell(ctl, input, "agreements", "sync", ctl_show_fields);
}

static int run_close(struct ctl *ctl, const struct ctl_input *input)
{
    return ctl_tell(ctl, input, "agreements", "close", ctl_show_fields);
}

static int run_stop(struct ctl *ctl, const struct ctl_input *input)
{
    return ctl_tell(ctl, input, "agreements", "stop", ctl_show_fields);
}

static int run_start(struct ctl *ctl, const struct ctl_input *input)
{
    return ctl_tell(ctl, input, "agreements", "start", ctl_show_fields);
}

static const struct ctl_option register_options[] = {
    {"confirm", CTL_FLAG, "confirm", NULL,
     "Found Draft: set its details at Amazon, confirm it, and validate its payment method"},
    {"wait", CTL_LOCAL_FLAG, "wait", NULL, "Wait (at most 30 s) until Amazon has told its state"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};
static const struct ctl_option list_options[] = {
    {"after", CTL_TEXT, "after", "ID", "Go on after this one"},
    {"max", CTL_COUNT, "max", "N", "At most so many, 1 to 500 (100)"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};
static const struct ctl_option no_options[] = {{NULL, CTL_FLAG, NULL, NULL, NULL}};

const struct ctl_command ctl_agreement_commands[] = {
    {"agreement", "register", "AGREEMENT",
     "Makes a billing agreement known to the daemon, which asks Amazon for its state and limit.\v"
     "One that the buyer has already consented to is adopted as it is. A Draft can only be charged "
     "after --confirm. Registering again with --confirm repeats a confirmation that was refused; "
     "anything else about a registered agreement is refused (exit code 1).\n\n"
     "Examples:\n"
     "  autopayctl agreement register C03-1234567-1234567 --wait\n"
     "  autopayctl agreement register C03-1234567-1234567 --confirm --wait",
     register_options, run_register},
    {"agreement", "show", "AGREEMENT",
     "Shows a billing agreement: its state, its limit in this period, what is open on it.\v"
     "Example:\n  autopayctl agreement show C03-1234567-1234567",
     no_options, run_show},
    {"agreement", "list", NULL,
     "Lists billing agreements in the order of their ids.\v"
     "Examples:\n"
     "  autopayctl agreement list\n"
     "  autopayctl agreement list --max 500 --after C03-1234567-1234567 --json",
     list_options, run_list},
    {"agreement", "sync", "AGREEMENT",
     "Asks Amazon now for the state and limit of a billing agreement.\v"
     "Example:\n  autopayctl agreement sync C03-1234567-1234567",
     no_options, run_sync},
    {"agreement", "close", "AGREEMENT",
     "Closes a billing agreement at Amazon, for ever. Closing again changes nothing.\v"
     "For one that stayed open when its last subscription ended by its own schedule; canceling the "
     "last subscription closes by itself. Refused (exit code 1) while a subscription is live or a "
     "charge is open.\n\nExample:\n  autopayctl agreement close C03-1234567-1234567",
     no_options, run_close},
    {"agreement", "stop", "AGREEMENT",
     "Charges nothing new on a billing agreement until it is started; what is on the wire is "
     "finished. Stopping again changes nothing.\v"
     "Cycles that come due meanwhile wait; they are not lost. `agreement show` says under "
     "\"stopped\" why it is: operator, or limit_differs when Amazon counts more than was charged "
     "here.\n\nExample:\n  autopayctl agreement stop C03-1234567-1234567",
     no_options, run_stop},
    {"agreement", "start", "AGREEMENT",
     "Lifts the stop of a billing agreement, whoever stopped it. Starting again changes "
     "nothing.\v"
     "What waited is charged now; what is later than the policy's lateness_max asks for approval "
     "first (charge list --state asking).\n\nExample:\n"
     "  autopayctl agreement start C03-1234567-1234567",
     no_options, run_start},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
