/*
 * scenario_tell.c - what the daemon did, as lines: each event of its feed, each request to Amazon,
 * each error that it logged.
 *
 * Left out is what another line says already: that a charge is attempted and its attempt is an
 * intent (the request follows), that an attempt ended (the charge tells it), look-ups, and what is
 * only logged as a warning; a scenario that is about these asks for them (`show`).
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "billing/ensure.h"
#include "scheduler/config.h"
#include "schema/store.h"
#include "tests/sim/amazon.h"
#include "tests/sim/life.h"
#include "tests/sim/scenario.h"
#include "tests/sim/witness.h"

#define PAGE       50
#define TEXT_BYTES 1600
#define LATE_US    (20 * SECOND_US)

/* --- words ----------------------------------------------------------------------------------- */

static void put_time(struct scenario *scenario, struct instant at, bool has_seconds, char *text,
                     size_t size)
{
    int32_t second = 0;
    struct civil_date date = zone_date(scenario->zone, at, &second);
    int length = snprintf(text, size, "%04d-%02d-%02d %02d:%02d", date.year, date.month, date.day,
                          second / 3600, second / 60 % 60);
    if (has_seconds || second % 60 != 0) {
        (void)snprintf(text + length, size - (size_t)length, ":%02d", second % 60);
    }
}

void scenario_say(struct scenario *scenario, struct instant at, const char *format, ...)
{
    char text[TEXT_BYTES];
    char line[TEXT_BYTES + 64];
    char time[64];
    va_list arguments;
    if (scenario->is_quiet || scenario->line == NULL) {
        return;
    }
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char *named = scenario_names_out(&scenario->names, text);
    put_time(scenario, at, true, time, sizeof time);
    (void)snprintf(line, sizeof line, "%s  %s", time, named);
    script_texts_add(&scenario->line->told, line);
    free(named);
}

void scenario_quote(struct scenario *scenario, const char *text)
{
    char *named = scenario_names_out(&scenario->names, text);
    script_texts_add(&scenario->line->told, named);
    free(named);
}

void scenario_rename(struct scenario *scenario)
{
    struct script_texts *told = &scenario->line->told;
    for (size_t i = 0; i < told->count; i++) {
        char *named = scenario_names_out(&scenario->names, told->texts[i]);
        free(told->texts[i]);
        told->texts[i] = named;
    }
}

/* A text that grows. */
struct phrase {
    char text[256];
    size_t length;
};

static void put(struct phrase *phrase, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void put(struct phrase *phrase, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(phrase->text + phrase->length, sizeof phrase->text - phrase->length,
                           format, arguments);
    va_end(arguments);
    phrase->length += length > 0 ? (size_t)length : 0;
    ENSURE(phrase->length < sizeof phrase->text);
}

static void put_reason(struct phrase *phrase, enum reason reason)
{
    if (reason != REASON_NONE) {
        put(phrase, "  %s", reason_name(reason));
    }
}

static void put_amount(struct phrase *phrase, struct money amount)
{
    char text[MONEY_TEXT_MAX];
    if (money_is_valid(amount)) {
        money_format(amount, text);
        put(phrase, "  %s %s", money_currency(&amount), text);
    }
}

static void put_until(struct scenario *scenario, struct phrase *phrase, const char *word,
                      struct instant until)
{
    char text[64];
    if (until.utc_ms != INSTANT_NEVER.utc_ms) {
        put_time(scenario, until, false, text, sizeof text);
        put(phrase, "  %s %s", word, text);
    }
}

/* --- events ---------------------------------------------------------------------------------- */

static bool is_left_out(const struct scenario *scenario, const struct change *change)
{
    bool is_attempt = change->kind == CHANGE_ATTEMPT;
    if (change->kind == CHANGE_REFUND) {
        return change->to == REFUND_INTENT;
    }
    if (scenario->shows_attempts) {
        return false;
    }
    return (change->kind == CHANGE_CHARGE && change->to == CHARGE_ATTEMPTING) ||
           (is_attempt &&
            (change->to == ATTEMPT_INTENT || attempt_is_final((enum attempt_state)change->to)));
}

static void tell_state(struct scenario *scenario, const struct change *change, const char *state,
                       const char *word, struct phrase *phrase)
{
    bool is_new = change->from == 0;
    put(phrase, " %s  %s", change->subject, state);
    put_reason(phrase, change->reason);
    if (change->kind == CHANGE_REFUND || (change->kind != CHANGE_ATTEMPT && is_new) ||
        (change->kind == CHANGE_CHARGE && change->to == CHARGE_PAID)) {
        put_amount(phrase, change->amount);
    }
    if (word != NULL && !(change->kind == CHANGE_CHARGE && is_new && change->to == CHARGE_DUE)) {
        put_until(scenario, phrase, word, change->until);
    }
}

static void tell_plan(struct scenario *scenario, const struct change *change, struct phrase *phrase)
{
    bool is_of_pause = change->reason == REASON_SUBSCRIPTION_PAUSED; /* another end of it */
    put(phrase, " %s", change->subject[0] == '\0' ? "all" : change->subject);
    if (change->kind == CHANGE_CYCLES) {
        put(phrase, "  %d to %d not charged", change->from, change->to);
    } else if (change->kind == CHANGE_SCHEDULE) {
        put(phrase, "  cycle %d", change->from);
    } else if (change->kind == CHANGE_POLICY && change->to != 0) {
        put(phrase, "  version %d", change->to);
    } else if (change->kind == CHANGE_STOP) {
        put(phrase, "  %s", change->to != 0 ? "on" : "off");
    } else if (change->kind == CHANGE_WORD && change->to != 0) {
        put(phrase, "  %s", change->to == WORD_SHIP ? "ship" : "void");
    }
    if (change->kind != CHANGE_PRICE || change->reason != REASON_OPERATOR) {
        put_reason(phrase, change->reason);
    }
    put_amount(phrase, change->amount);
    put_until(scenario, phrase,
              change->kind == CHANGE_PRICE                      ? "from"
              : change->kind == CHANGE_CANCEL                   ? "at"
              : change->kind == CHANGE_SCHEDULE && !is_of_pause ? "due"
                                                                : "until",
              change->until);
}

static void tell_change(struct scenario *scenario, const struct change_view *view)
{
    const struct change *change = &view->change;
    struct phrase phrase = {0};
    static const char *const kinds[] = {
        [CHANGE_AGREEMENT] = "agreement", [CHANGE_SUBSCRIPTION] = "subscription",
        [CHANGE_CHARGE] = "charge",       [CHANGE_ATTEMPT] = "attempt",
        [CHANGE_LIMIT] = "limit",         [CHANGE_REFUND] = "refund",
        [CHANGE_CYCLES] = "cycles",       [CHANGE_PRICE] = "price",
        [CHANGE_SCHEDULE] = "schedule",   [CHANGE_CANCEL] = "cancel",
        [CHANGE_STOP] = "stop",           [CHANGE_WORD] = "word",
        [CHANGE_WARNING] = "warning",     [CHANGE_POLICY] = "policy",
    };
    if (is_left_out(scenario, change)) {
        return;
    }
    bool is_taken_back = change->kind == CHANGE_CANCEL && change->from != 0;
    put(&phrase, "%s%s", is_taken_back ? "un" : "", kinds[change->kind]);
    switch (change->kind) {
    case CHANGE_AGREEMENT:
        tell_state(scenario, change, agreement_state_name((enum agreement_state)change->to), NULL,
                   &phrase);
        break;
    case CHANGE_SUBSCRIPTION:
        tell_state(scenario, change, subscription_state_name((enum subscription_state)change->to),
                   change->to == SUBSCRIPTION_PAUSED ? "until" : "next", &phrase);
        break;
    case CHANGE_CHARGE:
        tell_state(scenario, change, charge_state_name((enum charge_state)change->to), "until",
                   &phrase);
        break;
    case CHANGE_ATTEMPT:
        tell_state(scenario, change, attempt_state_name((enum attempt_state)change->to), NULL,
                   &phrase);
        break;
    case CHANGE_REFUND:
        tell_state(scenario, change, refund_state_name((enum refund_state)change->to), NULL,
                   &phrase);
        break;
    case CHANGE_LIMIT:
    case CHANGE_CYCLES:
    case CHANGE_PRICE:
    case CHANGE_SCHEDULE:
    case CHANGE_CANCEL:
    case CHANGE_STOP:
    case CHANGE_WORD:
    case CHANGE_WARNING:
    case CHANGE_POLICY:
        tell_plan(scenario, change, &phrase);
        break;
    }
    scenario_say(scenario, view->at, "%s", phrase.text);
}

/* A seller that the scenario has an agreement of. */
static bool takes_part(const struct scenario *scenario, uint32_t seller)
{
    for (size_t i = 0; i < scenario->names.count; i++) {
        if (scenario->names.list[i].seller == seller + 1) {
            return true;
        }
    }
    return false;
}

static void tell_changes(struct scenario *scenario, struct store *store, uint32_t seller)
{
    char id[SIM_SELLER_BYTES];
    uint32_t count = PAGE;
    struct problem problem;
    struct change_view *views = calloc(PAGE, sizeof *views);
    ENSURE(views != NULL);
    sim_seller_id(seller, id);
    while (count == PAGE) {
        enum status status = store->ops->list_changes(store, id, scenario->told[seller], PAGE,
                                                      views, &count, &problem);
        ENSURE(status == ST_OK);
        for (uint32_t i = 0; i < count; i++) {
            if (takes_part(scenario, seller)) {
                tell_change(scenario, &views[i]);
            }
            scenario->told[seller] = views[i].number;
        }
    }
    free(views);
}

/* --- alarms ---------------------------------------------------------------------------------- */

/* Warnings of these repeat what events say. */
static bool is_of_event(const char *event)
{
    static const char *const known[] = {"charge ", "attempt_unknown ", "refund ",
                                        "stop ",   "charge_warning ",  "admin "};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strncmp(event, known[i], strlen(known[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* Where the database lies is another folder in each run. */
static void hide_folder(const struct scenario *scenario, char *line)
{
    const char *path = scenario->sim.config->store_path;
    size_t folder = (size_t)(strrchr(path, '/') + 1 - path);
    for (char *at = strstr(line, path); at != NULL; at = strstr(at, path)) {
        memmove(at, at + folder, strlen(at + folder) + 1);
    }
}

/* "time=... level=error event=... seller=... key=value" */
static void tell_logged(struct scenario *scenario, const char *line)
{
    bool is_error = strstr(line, " level=error ") != NULL;
    bool is_warning = strstr(line, " level=warning ") != NULL;
    const char *event = strstr(line, " event=");
    if (event == NULL || (!is_error && !(is_warning && scenario->shows_warnings))) {
        return;
    }
    event += strlen(" event=");
    char time[INSTANT_TEXT_MAX] = "";
    struct instant at = sim_daemon_utc(&scenario->sim);
    if (sscanf(line, "time=%31s", time) == 1) {
        (void)instant_parse(time, &at);
    }
    if (is_error || !is_of_event(event)) {
        scenario_say(scenario, at, "%s %s", is_error ? "alarm" : "logged", event);
    }
}

static void tell_log(struct scenario *scenario)
{
    off_t end = lseek(scenario->log_fd, 0, SEEK_END);
    if (end <= scenario->log_told) {
        return;
    }
    size_t length = (size_t)(end - scenario->log_told);
    char *text = malloc(length + 1);
    ENSURE(text != NULL);
    ssize_t got = pread(scenario->log_fd, text, length, scenario->log_told);
    ENSURE(got == (ssize_t)length);
    text[length] = '\0';
    scenario->log_told = end;
    for (char *at = text; *at != '\0';) {
        size_t line = strcspn(at, "\n");
        bool has_next = at[line] == '\n';
        at[line] = '\0';
        hide_folder(scenario, at);
        tell_logged(scenario, at);
        at += line + (has_next ? 1 : 0);
    }
    free(text);
}

void scenario_tell(struct scenario *scenario)
{
    struct store *store = life_store(&scenario->sim);
    for (uint32_t i = 0; store != NULL && i < scenario->sim.options.sellers; i++) {
        tell_changes(scenario, store, i);
    }
    tell_log(scenario);
}

/* --- requests -------------------------------------------------------------------------------- */

/* A plain field of the form; ids and amounts need no decoding. */
static void field(const char *form, const char *name, char value[static 64])
{
    size_t length = strlen(name);
    value[0] = '\0';
    for (const char *at = form; *at != '\0';) {
        size_t end = strcspn(at, "&");
        if (end > length && strncmp(at, name, length) == 0 && at[length] == '=') {
            (void)snprintf(value, 64, "%.*s", (int)(end - length - 1), at + length + 1);
        }
        at += end + (at[end] == '&' ? 1 : 0);
    }
}

/* Amazon's own id of an authorization or capture: the attempt it belongs to. */
static void name_attempt(const struct scenario *scenario, char about[static 64])
{
    const void *at = NULL;
    struct amazon_entry entry;
    while (amazon_next_entry(scenario->sim.amazon, &at, &entry)) {
        if (strcmp(entry.authorization_id, about) == 0 || strcmp(entry.capture_id, about) == 0) {
            (void)snprintf(about, 64, "%s", entry.reference_id);
            return;
        }
    }
}

static void tell_request(struct scenario *scenario, const char *form)
{
    static const char *const subjects[] = {
        "CaptureReferenceId",     "RefundReferenceId",        "AuthorizationReferenceId",
        "AmazonAuthorizationId",  "AmazonCaptureId",          "AmazonRefundId",
        "AmazonOrderReferenceId", "AmazonBillingAgreementId", "QueryId"};
    char action[64];
    char about[64] = "";
    char value[64];
    struct phrase phrase = {0};
    field(form, "Action", action);
    bool is_lookup = strncmp(action, "Get", 3) == 0 || strncmp(action, "List", 4) == 0;
    if (is_lookup && !scenario->shows_lookups) {
        return;
    }
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0] && about[0] == '\0'; i++) {
        field(form, subjects[i], about);
    }
    name_attempt(scenario, about);
    put(&phrase, "sent %s  %s", action, about);
    static const char *const amounts[] = {"AuthorizationAmount.Amount", "CaptureAmount.Amount",
                                          "RefundAmount.Amount"};
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
        field(form, amounts[i], value);
        if (value[0] != '\0') {
            put(&phrase, "  JPY %s", value);
        }
    }
    field(form, "CaptureNow", value);
    if (strcmp(value, "false") == 0) {
        put(&phrase, "  not captured");
    }
    field(form, "TransactionTimeout", value);
    if (value[0] != '\0' && strcmp(value, "0") != 0) {
        put(&phrase, "  within %s minutes", value);
    }
    scenario_say(scenario, sim_daemon_utc(&scenario->sim), "%s", phrase.text);
}

/* --- what the linker hands to us (-Wl,--wrap) --------------------------------------------------
 */

void __real_witness_sends(struct witness *witness, uint64_t packet, const char *form,
                          size_t length);
void __wrap_witness_sends(struct witness *witness, uint64_t packet, const char *form,
                          size_t length);
void __real_amazon_request(struct amazon *amazon, const char *form, size_t length,
                           struct amazon_answer *answer);
void __wrap_amazon_request(struct amazon *amazon, const char *form, size_t length,
                           struct amazon_answer *answer);

/* What is recorded before the request leaves is told before it. */
void __wrap_witness_sends(struct witness *witness, uint64_t packet, const char *form, size_t length)
{
    struct scenario *scenario = (struct scenario *)sim_here();
    __real_witness_sends(witness, packet, form, length);
    scenario_tell(scenario);
    char *text = strndup(form, length);
    ENSURE(text != NULL);
    tell_request(scenario, text);
    free(text);
}

static void dies(void *arg)
{
    life_kill(arg, "the scenario says that the daemon dies");
}

void __wrap_amazon_request(struct amazon *amazon, const char *form, size_t length,
                           struct amazon_answer *answer)
{
    struct scenario *scenario = (struct scenario *)sim_here();
    struct sim *sim = &scenario->sim;
    char action[64];
    field(form, "Action", action);
    bool strikes = scenario->fate_count > 0 && strcmp(action, scenario->fate_action) == 0;
    enum fate fate = strikes ? scenario->fate : FATE_NONE;
    scenario->fate_count -= strikes ? 1 : 0;
    if (fate == FATE_REQUEST_LOST || fate == FATE_ALL_LOST) {
        *answer = (struct amazon_answer){.body = "", .is_dropped = true, .note = "never arrived"};
    } else {
        __real_amazon_request(amazon, form, length, answer);
    }
    if (fate == FATE_ANSWER_LATE) {
        answer->delay_us = LATE_US;
    } else if (fate != FATE_NONE) {
        answer->is_dropped = true;
        answer->delay_us = MINUTE_US; /* the daemon has stopped waiting before */
    }
    if (fate == FATE_DAEMON_DIES || fate == FATE_ALL_LOST) {
        queue_once(&sim->queue, sim->now_us, dies, sim);
    }
    if (scenario->hears) {
        queue_put(&sim->queue, &scenario->post_round, sim->now_us + SECOND_US);
    }
}
