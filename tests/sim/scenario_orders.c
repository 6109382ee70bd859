/*
 * scenario_orders.c - commands of autopayctl: read by its own tables and run by its own functions,
 * so that a scenario is spelled as the command line is. Only the socket between it and the daemon
 * is replaced (scheduler/ctl_http.h): the request goes through the world's door, and time passes
 * until it is answered.
 *
 * What is refused is told; what shows or lists something is told as it is printed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/config_value.h"
#include "scheduler/ctl.h"
#include "scheduler/ctl_http.h"
#include "scheduler/why_read.h"
#include "tests/sim/amazon.h"
#include "tests/sim/life.h"
#include "tests/sim/scenario.h"
#include "tests/sim/scenario_vocabulary.h"
#include "tests/sim/sim_door.h"

#define SETTLES_US  (2 * SECOND_US) /* what follows at once is told under the command */
#define ANSWERED_US (2 * MINUTE_US)
#define STEP_US     (SECOND_US / 1000)

/* --- scheduler/ctl_http.h -------------------------------------------------------------------- */

/* Freed by whoever of the two comes last: who asked, or the door. */
struct waiting {
    struct ctl_reply reply;
    bool is_done, is_given_up;
};

static void answered(void *arg, int status, const char *body, size_t length)
{
    struct waiting *waiting = arg;
    if (waiting->is_given_up) {
        free(waiting);
        return;
    }
    waiting->is_done = true;
    waiting->reply.status = status;
    waiting->reply.length = length;
    waiting->reply.body = strndup(body, length);
    ENSURE(waiting->reply.body != NULL);
}

enum status ctl_http(const char *socket_path, const char *method, const char *path,
                     const char *body, struct ctl_reply *reply, struct problem *problem)
{
    struct sim *sim = sim_here();
    int64_t until_us = sim->now_us + ANSWERED_US;
    struct waiting *waiting = calloc(1, sizeof *waiting);
    ENSURE(waiting != NULL);
    (void)socket_path;
    door_ask(sim->door, method, path, body == NULL ? "" : body, answered, waiting);
    while (!waiting->is_done && sim->now_us < until_us && sim->failure[0] == '\0') {
        sim_turn_until(sim, sim->now_us + STEP_US);
    }
    if (!waiting->is_done) {
        waiting->is_given_up = true;
        return problem_set(problem, ST_NETWORK, "no answer comes");
    }
    *reply = waiting->reply;
    free(waiting);
    struct scenario *scenario = (struct scenario *)sim;
    const char *error = strstr(reply->body, "\"error\":\"");
    (void)snprintf(scenario->refusal, sizeof scenario->refusal, "%.*s",
                   error == NULL ? 0 : (int)strcspn(error + 9, "\""),
                   error == NULL ? "" : error + 9);
    if (reply->status == 0) {
        ctl_reply_free(reply);
        return problem_set(problem, ST_NETWORK, "nobody answers");
    }
    return ST_OK;
}

void ctl_reply_free(struct ctl_reply *reply)
{
    free(reply->body);
    reply->body = NULL;
}

char *ctl_http_escape(const char *text)
{
    char *same = strdup(text); /* the world's door takes it as it is */
    ENSURE(same != NULL);
    return same;
}

/* --- words to values ------------------------------------------------------------------------- */

struct order {
    struct scenario *scenario;
    const struct ctl_command *command;
    struct ctl ctl;
    struct ctl_input input;
    char *words[SCENARIO_WORDS_MAX]; /* with ids for names; owned */
    int count;
    const char *wanted; /* "| grep TEXT": only lines with it are told */
    char seller_id[SIM_SELLER_BYTES];
};

static const struct ctl_option *find_option(const struct ctl_command *command, const char *word)
{
    for (const struct ctl_option *option = command->options; option->name != NULL; option++) {
        if (strncmp(word, "--", 2) == 0 && strcmp(word + 2, option->name) == 0) {
            return option;
        }
    }
    return NULL;
}

/* Takes the option at `i`, and its value; false when there is none of it. */
static bool take_option(struct order *order, const struct ctl_option *option, int *i)
{
    struct json *values = order->input.values;
    int64_t number = 0;
    bool has_value = option->kind == CTL_TEXT || option->kind == CTL_COUNT;
    const char *value = has_value && *i + 1 < order->count ? order->words[++*i] : NULL;
    switch (option->kind) {
    case CTL_TEXT:
        json_set_string(values, option->key, value == NULL ? "" : value);
        return value != NULL;
    case CTL_COUNT:
        if (value == NULL || !config_integer_parse(value, &number)) {
            return false;
        }
        json_set_integer(values, option->key, number);
        return true;
    case CTL_FLAG:
        json_set_bool(values, option->key, true);
        return true;
    case CTL_LOCAL_FLAG:
        json_set_bool(order->input.local, option->key, true);
        return true;
    }
    return false;
}

static bool take_words(struct order *order, int first)
{
    for (int i = first; i < order->count; i++) {
        const struct ctl_option *option = find_option(order->command, order->words[i]);
        if (option != NULL) {
            if (!take_option(order, option, &i)) {
                return false;
            }
        } else if (strcmp(order->words[i], "--seller") == 0 && i + 1 < order->count) {
            (void)snprintf(order->seller_id, sizeof order->seller_id, "%s", order->words[++i]);
        } else if (strncmp(order->words[i], "--", 2) == 0) {
            return false;
        } else if (order->input.argument == NULL) {
            order->input.argument = order->words[i];
        } else if (order->input.second == NULL) {
            order->input.second = order->words[i];
        } else {
            return false;
        }
    }
    return true;
}

/* --- the answer ------------------------------------------------------------------------------ */

/* Those with `wanted` in them. */
static void say_each_line(struct scenario *scenario, char *text, const char *wanted)
{
    for (char *at = text; *at != '\0';) {
        size_t length = strcspn(at, "\n");
        bool has_next = at[length] == '\n';
        at[length] = '\0';
        size_t end = length;
        while (end > 0 && at[end - 1] == ' ') {
            at[--end] = '\0';
        }
        if (end > 0 && strstr(at, wanted) != NULL) {
            scenario_quote(scenario, at);
        }
        at += length + (has_next ? 1 : 0);
    }
}

/* What is shown, not done. */
static bool is_question(const struct ctl_command *command)
{
    static const char *const verbs[] = {"show", "list"};
    static const char *const nouns[] = {"refunds", "status", "events", "notices"};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(command->verb, verbs[i]) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof nouns / sizeof nouns[0]; i++) {
        if (strcmp(command->noun, nouns[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void name_result(struct scenario *scenario, const char *name, const char *text)
{
    static const char *const keys[] = {"\"successor_key\":\"", "\"subscription_key\":\"",
                                       "\"charge_id\":\""};
    char id[SCENARIO_ID_BYTES] = "";
    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && id[0] == '\0'; i++) {
        const char *at = strstr(text, keys[i]);
        if (at != NULL) {
            at += strlen(keys[i]);
            (void)snprintf(id, sizeof id, "%.*s", (int)strcspn(at, "\"-"), at);
        }
    }
    if (name != NULL && id[0] != '\0') {
        scenario_names_add(&scenario->names, name, id, 0);
        scenario_rename(scenario);
    }
}

/* Runs the command with what it prints in *text, to be freed. */
static int run_captured(struct order *order, char **text)
{
    size_t length = 0;
    FILE *printed = open_memstream(text, &length);
    ENSURE(printed != NULL);
    FILE *out = stdout;
    FILE *err = stderr;
    stdout = printed;
    stderr = printed;
    int exit_code = order->command->run(&order->ctl, &order->input);
    stdout = out;
    stderr = err;
    int closed = fclose(printed);
    ENSURE(closed == 0);
    return exit_code;
}

static void run_order(struct order *order, const char *name)
{
    struct scenario *scenario = order->scenario;
    char *text = NULL;
    order->ctl.json = !is_question(order->command);
    int exit_code = run_captured(order, &text);
    if (exit_code == CTL_USAGE || exit_code == CTL_BUG) {
        scenario_fail(scenario, "autopayctl: exit code %d: %s", exit_code, text);
    } else if (exit_code != CTL_OK) {
        text[strcspn(text, "\n")] = '\0';
        scenario_say(scenario, sim_daemon_utc(&scenario->sim), "refused (%s): %s",
                     scenario->refusal, text + strlen("autopayctl: "));
    } else if (is_question(order->command)) {
        say_each_line(scenario, text, order->wanted);
    } else {
        name_result(scenario, name, text);
    }
    free(text);
}

/* --- why ------------------------------------------------------------------------------------- */

static void ask_why(struct order *order)
{
    struct scenario *scenario = order->scenario;
    struct store *store = life_store(&scenario->sim);
    struct problem problem;
    struct why_story story;
    struct instant now = sim_daemon_utc(&scenario->sim);
    bool tells_all = order->input.second != NULL && strcmp(order->input.second, "with-events") == 0;
    uint32_t cycle = order->input.second != NULL && !tells_all
                         ? (uint32_t)strtoul(order->input.second, NULL, 10)
                         : 0;
    if (store == NULL) {
        scenario_fail(scenario, "why: the daemon is down");
        return;
    }
    struct why_case *found = calloc(1, sizeof *found);
    ENSURE(found != NULL);
    enum status status = why_read(store, scenario->sim.zones, order->seller_id,
                                  order->input.argument, cycle, now, found, &problem);
    if (status != ST_OK) {
        scenario_fail(scenario, "why: %s", problem.text);
    } else {
        why_explain(&found->facts, &story);
        scenario_quote(scenario, story.verdict.text);
        for (size_t i = 0; i < story.line_count && tells_all; i++) {
            struct why_text at = {.text = "    "};
            at.length = strlen(at.text);
            why_say_time(&at, story.lines[i].at, found->facts.zone);
            why_say(&at, "  %s", story.lines[i].text.text);
            scenario_quote(scenario, at.text);
        }
        why_story_free(&story);
        why_case_free(found);
    }
    free(found);
}

/* --- the whole ------------------------------------------------------------------------------- */

/* Whose it is: the seller of the agreement that is named. */
static void find_seller(struct order *order, char **words, int count)
{
    sim_seller_id(0, order->seller_id);
    for (int i = 0; i < count; i++) {
        const struct scenario_name *name = scenario_names_find(&order->scenario->names, words[i]);
        if (name != NULL && name->seller > 0) {
            sim_seller_id(name->seller - 1, order->seller_id);
        }
    }
}

void scenario_order(struct scenario *scenario, const char *name, char **words, int count)
{
    struct order order = {.scenario = scenario, .wanted = ""};
    if (count > 3 && strcmp(words[count - 3], "|") == 0 && strcmp(words[count - 2], "grep") == 0) {
        order.wanted = words[count - 1];
        count -= 3;
    }
    order.count = count;
    order.command = scenario_command(words[0], count > 1 ? words[1] : NULL);
    if (order.command == NULL) {
        scenario_fail(scenario, "autopayctl has no command \"%s %s\"", words[0],
                      count > 1 ? words[1] : "");
        return;
    }
    find_seller(&order, words, count);
    order.input.values = json_new_object();
    order.input.local = json_new_object();
    for (int i = 0; i < count; i++) {
        order.words[i] = scenario_names_in(&scenario->names, words[i]);
    }
    if (!take_words(&order, order.command->verb[0] == '\0' ? 1 : 2)) {
        scenario_fail(scenario, "autopayctl does not understand this");
    } else if (strcmp(words[0], "why") == 0) {
        ask_why(&order);
    } else {
        order.ctl.seller_id = order.seller_id;
        order.ctl.socket_path = "";
        run_order(&order, name);
        scenario_pass(scenario, SETTLES_US);
    }
    for (int i = 0; i < count; i++) {
        free(order.words[i]);
    }
    json_free(order.input.values);
    json_free(order.input.local);
}
