/*
 * ctl_why.c - autopayctl why: what why.h tells, from the database itself.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/admin_json.h"
#include "scheduler/config_value.h"
#include "scheduler/ctl.h"
#include "scheduler/ctl_offline.h"
#include "scheduler/why_read.h"
#include "schema/audit.h"

/* Of one call. */
struct question {
    const struct ctl_offline *offline;
    struct store *store;
    const char *id;
    uint32_t cycle; /* 0: not said */
    struct why_case *found;
    char seller_id[SELLER_ID_MAX]; /* whose it is */
    struct problem problem;
};

static enum status ask(struct question *question, const char *seller_id)
{
    (void)snprintf(question->seller_id, sizeof question->seller_id, "%s", seller_id);
    return why_read(question->store, question->offline->zones, seller_id, question->id,
                    question->cycle, question->offline->now, question->found, &question->problem);
}

/* Ids are random: at most one seller of the database has this one. */
static enum status ask_each(struct question *question)
{
    char sellers[AUDIT_SELLERS_MAX][SELLER_ID_MAX];
    uint32_t count = 0;
    enum status status = audit_sellers(question->offline->store_path, sellers, AUDIT_SELLERS_MAX,
                                       &count, &question->problem);
    if (status == ST_OK) {
        status = problem_set(&question->problem, ST_NOT_FOUND, "there is no %s", question->id);
    }
    for (uint32_t i = 0; i < count && status == ST_NOT_FOUND; i++) {
        status = ask(question, sellers[i]);
    }
    return status;
}

static struct json *as_json(const struct question *question, const struct why_story *story)
{
    const struct why_facts *facts = &question->found->facts;
    const struct charge *charge = facts->charge;
    struct json *answer = json_new_object();
    struct json *lines = json_new_array();
    json_set_string(answer, "seller_id", question->seller_id);
    json_set_string(answer, "agreement_id", facts->agreement->id);
    json_set(answer, "subscription_key",
             facts->subscription != NULL ? json_new_string(facts->subscription->key)
                                         : json_new_null());
    json_set_integer(answer, "cycle", facts->cycle);
    json_set(answer, "charge_id", charge != NULL ? json_new_string(charge->id) : json_new_null());
    json_set(answer, "state",
             charge != NULL ? json_new_string(charge_state_name(charge->state)) : json_new_null());
    json_set(answer, "reason",
             charge != NULL && charge->reason != REASON_NONE
                 ? json_new_string(reason_name(charge->reason))
                 : json_new_null());
    json_set_string(answer, "answer", story->verdict.text);
    for (size_t i = 0; i < story->line_count; i++) {
        struct json *line = json_new_object();
        json_set_integer(line, "number", (int64_t)story->lines[i].number);
        admin_set_instant(line, "at", story->lines[i].at);
        json_set_string(line, "text", story->lines[i].text.text);
        json_append(lines, line);
    }
    json_set(answer, "events", lines);
    json_set_bool(answer, "is_cut", question->found->is_cut);
    return answer;
}

static void print(const struct question *question, const struct why_story *story)
{
    const struct zone *zone = question->found->facts.zone;
    (void)printf("%s\n", story->verdict.text);
    if (story->line_count > 0) {
        (void)putchar('\n');
    }
    for (size_t i = 0; i < story->line_count; i++) {
        struct why_text at = {0};
        why_say_time(&at, story->lines[i].at, zone);
        (void)printf("%s  #%" PRIu64 "  %s\n", at.text, story->lines[i].number,
                     story->lines[i].text.text);
    }
    if (question->found->is_cut) {
        (void)printf("There is more than is shown; autopayctl events has all of it.\n");
    }
}

static int explain(const struct ctl *ctl, struct question *question)
{
    enum status status =
        ctl->seller_id != NULL ? ask(question, ctl->seller_id) : ask_each(question);
    if (status != ST_OK) {
        return ctl_offline_failed(status, &question->problem);
    }
    struct why_story story;
    why_explain(&question->found->facts, &story);
    if (ctl->json) {
        ctl_offline_print(as_json(question, &story));
    } else {
        print(question, &story);
    }
    why_story_free(&story);
    why_case_free(question->found);
    return CTL_OK;
}

static int run(struct ctl *ctl, const struct ctl_input *input)
{
    struct ctl_offline offline;
    struct question question = {.offline = &offline, .id = input->argument};
    int64_t cycle = 0;
    if (input->second != NULL &&
        (!config_integer_parse(input->second, &cycle) || cycle < 1 || cycle > RECUR_CYCLE_MAX)) {
        (void)fprintf(stderr, "autopayctl: CYCLE is a number from 1 on, not \"%s\"\n",
                      input->second);
        return CTL_USAGE;
    }
    question.cycle = (uint32_t)cycle;
    int exit_code = ctl_offline_begin(input, CONFIG_SECRETS_NONE, &offline);
    if (exit_code != CTL_OK) {
        return exit_code;
    }
    enum status status =
        store_sqlite_open_reader(offline.store_path, &question.store, &question.problem);
    if (status == ST_OK) {
        question.found = calloc(1, sizeof *question.found);
        ENSURE(question.found != NULL);
        exit_code = explain(ctl, &question);
        free(question.found);
        question.store->ops->close(question.store);
    } else {
        exit_code = ctl_offline_failed(status, &question.problem);
    }
    ctl_offline_end(&offline);
    return exit_code;
}

static const struct ctl_option options[] = {
    CTL_OFFLINE_OPTIONS,
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};

const struct ctl_command ctl_why_commands[] = {
    {"why", "", "CHARGE|SUBSCRIPTION [CYCLE]",
     "Says why a charge was made, was not made, came late, or when it is tried again, with the "
     "events that led to it. Of a subscription the newest cycle, or CYCLE.\v"
     "Reads the database itself; the daemon need not run. Times are in the subscription's "
     "zone.\n\nExamples:\n"
     "  autopayctl why K7QW3M2AAAAAAAAA-12\n"
     "  autopayctl why K7QW3M2AAAAAAAAA 12\n"
     "  autopayctl why K7QW3M2AAAAAAAAA --store /var/lib/autopayd/autopay.db --seller A1SELLER",
     options, run},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
