/*
 * ctl_stop.c - autopayctl stop, autopayctl start: the switches of a seller and of all.
 */
#include <stdio.h>
#include <stdlib.h>

#include "scheduler/ctl.h"
#include "scheduler/ctl_show.h"

static int turn(struct ctl *ctl, const struct ctl_input *input, bool is_on)
{
    const char *verb = is_on ? "stop" : "start";
    struct json *answer = NULL;
    int exit_code = CTL_OK;
    char *path = NULL;
    bool is_all = json_get(input->local, "all") != NULL;
    if (is_all && ctl->names_seller) {
        (void)fprintf(stderr, "autopayctl %s: --all is every seller, --seller one: which?\n", verb);
        return CTL_USAGE;
    }
    if (is_all) {
        int length = asprintf(&path, "/v1/%s", verb);
        path = length < 0 ? NULL : path;
        exit_code = path == NULL ? CTL_BUG : CTL_OK;
    } else {
        path = ctl_seller_path(ctl, &exit_code, "%s", verb);
    }
    if (path != NULL) {
        exit_code = ctl_post(ctl, path, NULL, &answer);
    }
    if (exit_code == CTL_OK && !ctl->json) {
        ctl_show_fields(answer);
    }
    json_free(answer);
    free(path);
    return exit_code;
}

static int run_stop(struct ctl *ctl, const struct ctl_input *input)
{
    return turn(ctl, input, true);
}

static int run_start(struct ctl *ctl, const struct ctl_input *input)
{
    return turn(ctl, input, false);
}

static const struct ctl_option options[] = {
    {"all", CTL_LOCAL_FLAG, "all", NULL, "Every seller, not only one"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};

const struct ctl_command ctl_stop_commands[] = {
    {"stop", "", NULL,
     "The stop switch: charges nothing new for a seller, or for all, until it is started.\v"
     "Durable, also over a restart. What is on the wire is finished; refunds, captures that the "
     "shop ordered and answers go on. What comes due waits. The daemon turns the switch by itself "
     "when the batch guard or the clock guard trips; `status` says why it is on.\n\nExamples:\n"
     "  autopayctl --seller A1SELLER stop\n"
     "  autopayctl stop --all",
     options, run_stop},
    {"start", "", NULL,
     "Lifts the stop switch of a seller, or of all, whoever turned it. The other switches stay.\v"
     "What waited is charged now; what is later than the policy's lateness_max asks for approval "
     "first (charge list --state asking).\n\nExamples:\n"
     "  autopayctl --seller A1SELLER start\n"
     "  autopayctl start --all",
     options, run_start},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
