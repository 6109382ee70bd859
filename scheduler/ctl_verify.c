/*
 * ctl_verify.c - autopayctl verify: the books, added again by schema/audit.h, and compared with the
 * sandbox's or Amazon's by verify.h.
 *
 * Everything is printed as it is found, so that a large database needs no memory: with --json each
 * line is a JSON object with one key, finding, total, head or summary.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"
#include "scheduler/ctl.h"
#include "scheduler/ctl_offline.h"
#include "scheduler/table.h"
#include "scheduler/verify.h"
#include "schema/audit.h"

/* The money of a seller in a month, summed over its agreements. */
struct month {
    struct audit_total total;
    struct month *next;
};

struct report {
    bool json;
    bool with_agreements;
    uint64_t findings;
    struct month *months; /* of the sellers, in the order of the first that came */
};

/* --- printing -------------------------------------------------------------------------------- */

/* One line, taken over. */
static void print_line(const char *key, struct json *value)
{
    struct json *line = json_new_object();
    json_set(line, key, value);
    ctl_offline_print(line);
}

static void on_finding(void *arg, const struct audit_finding *finding)
{
    struct report *report = arg;
    report->findings++;
    if (report->json) {
        struct json *value = json_new_object();
        json_set(value, "seller_id",
                 finding->seller_id[0] != '\0' ? json_new_string(finding->seller_id)
                                               : json_new_null());
        json_set_string(value, "object", finding->object);
        json_set_string(value, "sentence", finding->sentence);
        print_line("finding", value);
    } else {
        (void)printf("%s%s%s: %s\n", finding->seller_id, finding->seller_id[0] != '\0' ? " " : "",
                     finding->object, finding->sentence);
    }
}

static void on_head(void *arg, const struct audit_head *head)
{
    struct report *report = arg;
    char text[2 * DIGEST_BYTES + 1];
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", head->digest[i]);
    }
    if (report->json) {
        struct json *value = json_new_object();
        json_set_string(value, "seller_id", head->seller_id);
        json_set_integer(value, "number", (int64_t)head->number);
        json_set_string(value, "digest", text);
        print_line("head", value);
    } else {
        (void)printf("%s last event %" PRIu64 ", digest %s\n", head->seller_id, head->number, text);
    }
}

static void print_total(const struct audit_total *total, bool has_agreement)
{
    char captured[MONEY_TEXT_MAX];
    char refunded[MONEY_TEXT_MAX];
    struct json *value = json_new_object();
    money_format(total->captured, captured);
    money_format(total->refunded, refunded);
    json_set_string(value, "seller_id", total->seller_id);
    json_set(value, "agreement_id",
             has_agreement ? json_new_string(total->agreement_id) : json_new_null());
    json_set_string(value, "period", total->period);
    json_set_string(value, "currency", money_currency(&total->captured));
    json_set_string(value, "captured", captured);
    json_set_integer(value, "captures", (int64_t)total->captures);
    json_set_string(value, "refunded", refunded);
    json_set_integer(value, "refunds", (int64_t)total->refunds);
    print_line("total", value);
}

/* --- totals ---------------------------------------------------------------------------------- */

static bool is_same_month(const struct audit_total *a, const struct audit_total *b)
{
    return strcmp(a->seller_id, b->seller_id) == 0 && strcmp(a->period, b->period) == 0 &&
           strcmp(money_currency(&a->captured), money_currency(&b->captured)) == 0;
}

static void add_to_month(struct report *report, const struct audit_total *total)
{
    struct month **at = &report->months;
    while (*at != NULL && !is_same_month(&(*at)->total, total)) {
        at = &(*at)->next;
    }
    if (*at == NULL) {
        *at = calloc(1, sizeof **at);
        ENSURE(*at != NULL);
        (*at)->total = *total;
        return;
    }
    struct audit_total *sum = &(*at)->total;
    if (!money_add(&sum->captured, sum->captured, total->captured) ||
        !money_add(&sum->refunded, sum->refunded, total->refunded)) {
        (void)fprintf(stderr, "autopayctl: the sums of %s are too large\n", total->seller_id);
    }
    sum->captures += total->captures;
    sum->refunds += total->refunds;
}

static void on_total(void *arg, const struct audit_total *total)
{
    struct report *report = arg;
    add_to_month(report, total);
    if (report->with_agreements && report->json) {
        print_total(total, true);
    } else if (report->with_agreements) {
        char captured[MONEY_TEXT_MAX];
        char refunded[MONEY_TEXT_MAX];
        money_format(total->captured, captured);
        money_format(total->refunded, refunded);
        (void)printf("%s %s %s: %s %s captured in %" PRIu64 ", %s refunded in %" PRIu64 "\n",
                     total->seller_id, total->agreement_id, total->period,
                     money_currency(&total->captured), captured, total->captures, refunded,
                     total->refunds);
    }
}

static void print_months(const struct report *report)
{
    static const struct table_column heads[] = {
        {"seller_id", false}, {"period", false},  {"currency", false}, {"captured", true},
        {"captures", true},   {"refunded", true}, {"refunds", true}};
    struct table *table = table_new(heads, 7);
    for (const struct month *month = report->months; month != NULL; month = month->next) {
        const struct audit_total *total = &month->total;
        char captured[MONEY_TEXT_MAX];
        char refunded[MONEY_TEXT_MAX];
        char captures[24];
        char refunds[24];
        money_format(total->captured, captured);
        money_format(total->refunded, refunded);
        (void)snprintf(captures, sizeof captures, "%" PRIu64, total->captures);
        (void)snprintf(refunds, sizeof refunds, "%" PRIu64, total->refunds);
        table_row(table, (const char *const[]){total->seller_id, total->period,
                                               money_currency(&total->captured), captured, captures,
                                               refunded, refunds});
    }
    table_print(table);
    table_free(table);
}

static void print_summary(const struct report *report, const struct audit_counts *counts)
{
    if (report->json) {
        struct json *value = json_new_object();
        for (const struct month *month = report->months; month != NULL; month = month->next) {
            print_total(&month->total, false);
        }
        json_set_integer(value, "events", (int64_t)counts->events);
        json_set_integer(value, "agreements", (int64_t)counts->agreements);
        json_set_integer(value, "subscriptions", (int64_t)counts->subscriptions);
        json_set_integer(value, "charges", (int64_t)counts->charges);
        json_set_integer(value, "attempts", (int64_t)counts->attempts);
        json_set_integer(value, "refunds", (int64_t)counts->refunds);
        json_set_integer(value, "findings", (int64_t)report->findings);
        print_line("summary", value);
        return;
    }
    if (report->months != NULL) {
        print_months(report);
    }
    (void)printf("%" PRIu64 " events, %" PRIu64 " agreements, %" PRIu64 " subscriptions, %" PRIu64
                 " charges, %" PRIu64 " attempts, %" PRIu64 " refunds: ",
                 counts->events, counts->agreements, counts->subscriptions, counts->charges,
                 counts->attempts, counts->refunds);
    if (report->findings == 0) {
        (void)printf("nothing was found\n");
    } else {
        (void)printf("%" PRIu64 " finding%s\n", report->findings, report->findings == 1 ? "" : "s");
    }
}

static void free_months(struct report *report)
{
    while (report->months != NULL) {
        struct month *next = report->months->next;
        free(report->months);
        report->months = next;
    }
}

/* --- the command ----------------------------------------------------------------------------- */

static bool has_flag(const struct ctl_input *input, const char *key)
{
    bool is_set = false;
    return json_as_bool(json_get(input->local, key), &is_set) && is_set;
}

static bool is_against_amazon(const struct ctl_input *input)
{
    const char *against = json_as_string(json_get(input->values, "against"));
    return against != NULL && strcmp(against, "amazon") == 0;
}

/* What can be said of the words before anything is read. */
static int read_words(const struct ctl_input *input, const struct ctl_offline *offline,
                      struct instant *since)
{
    const char *against = json_as_string(json_get(input->values, "against"));
    const char *since_text = json_as_string(json_get(input->values, "since"));
    bool is_amazon = is_against_amazon(input);
    const char *complaint = NULL;
    if (since_text != NULL && !instant_parse(since_text, since)) {
        complaint = "--since is an instant like 2026-11-01T00:00:00Z";
    } else if (against != NULL && !is_amazon && strncmp(against, "http://", 7) != 0) {
        complaint = "--against is \"amazon\" or a sandbox like http://127.0.0.1:8080";
    } else if (is_amazon && offline->config == NULL) {
        complaint = "--against amazon needs the configuration: say --config, too";
    }
    if (complaint != NULL) {
        (void)fprintf(stderr, "autopayctl verify: %s\n", complaint);
        return CTL_USAGE;
    }
    return CTL_OK;
}

static enum status compare(const struct ctl *ctl, const struct ctl_input *input,
                           const struct ctl_offline *offline, struct instant since,
                           const struct audit_listener *listener, struct problem *problem)
{
    const char *against = json_as_string(json_get(input->values, "against"));
    struct verify_scope scope = {.store_path = offline->store_path,
                                 .seller_id = ctl->seller_id != NULL ? ctl->seller_id : "",
                                 .since = since};
    if (against == NULL) {
        return ST_OK;
    }
    return is_against_amazon(input)
               ? verify_against_amazon(&scope, offline->config, listener, problem)
               : verify_against_sandbox(&scope, against, listener, problem);
}

static int run(struct ctl *ctl, const struct ctl_input *input)
{
    struct ctl_offline offline;
    struct problem problem;
    struct audit_counts counts;
    struct report report = {.json = ctl->json, .with_agreements = has_flag(input, "agreements")};
    struct audit_listener listener = {
        .arg = &report, .finding = on_finding, .total = on_total, .head = on_head};
    struct instant since = {0};
    bool calls_amazon = is_against_amazon(input);
    int exit_code =
        ctl_offline_begin(input, calls_amazon ? CONFIG_SECRETS_ALL : CONFIG_SECRETS_NONE, &offline);
    if (exit_code != CTL_OK) {
        return exit_code;
    }
    exit_code = read_words(input, &offline, &since);
    if (exit_code != CTL_OK) {
        ctl_offline_end(&offline);
        return exit_code;
    }
    enum status status = audit_sqlite(offline.store_path, sha256, &listener, &counts, &problem);
    if (status == ST_OK) {
        status = compare(ctl, input, &offline, since, &listener, &problem);
    }
    if (status == ST_OK) {
        print_summary(&report, &counts);
        exit_code = report.findings == 0 ? CTL_OK : CTL_REFUSED;
    } else {
        exit_code = ctl_offline_failed(status, &problem);
    }
    free_months(&report);
    ctl_offline_end(&offline);
    return exit_code;
}

static const struct ctl_option options[] = {
    CTL_OFFLINE_OPTIONS,
    {"agreements", CTL_LOCAL_FLAG, "agreements", NULL, "Totals of each agreement and month, too"},
    {"against", CTL_TEXT, "against", "WHAT",
     "Compare captures with those of \"amazon\" (slow: one call for each), or of a sandbox: the "
     "URL "
     "of its control API, http://127.0.0.1:PORT"},
    {"since", CTL_TEXT, "since", "INSTANT", "Compare only what was captured then or later"},
    {NULL, CTL_FLAG, NULL, NULL, NULL},
};

const struct ctl_command ctl_verify_commands[] = {
    {"verify", "", NULL,
     "Adds the books again: recomputes the chain of events, derives every state from the events, "
     "checks what must hold between rows, and prints what cannot be, one line each, then the sums "
     "of each seller and month (UTC).\v"
     "Reads the database itself with code of its own; the daemon may run meanwhile. Keep the "
     "printed digests elsewhere: they tell later whether the chain is still the same. Exit code 0: "
     "nothing was found; 1: something was.\n\nExamples:\n"
     "  autopayctl verify\n"
     "  autopayctl verify --store /backup/autopay.db --json\n"
     "  autopayctl verify --against amazon --seller A1SELLER",
     options, run},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
