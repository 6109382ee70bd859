/*
 * verify_sandbox.c - a database and the ledger of a sandbox, which counts on its own.
 *
 * The ledger is read whole, so this is for a sandbox's size, not for a year's business.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/http_client.h"
#include "mws/edge/json.h"
#include "scheduler/verify.h"

#define LEDGER_BYTES_MAX ((size_t)512 * 1024 * 1024)
#define DEADLINE_MS      120000L
#define URL_MAX          256

/* One entry of the ledger with a capture; texts are borrowed from its JSON. */
struct entry {
    const char *seller_id, *reference_id, *agreement_id, *capture_id;
    struct money captured;
    bool is_met;
};

struct comparison {
    const struct audit_listener *listener;
    struct entry *entries; /* in the order of seller and reference id */
    size_t count;
};

void verify_found(const struct audit_listener *listener, const char *seller_id,
                  const char *reference_id, const char *format, ...)
{
    struct audit_finding finding;
    va_list arguments;
    (void)snprintf(finding.seller_id, sizeof finding.seller_id, "%s", seller_id);
    (void)snprintf(finding.object, sizeof finding.object, "attempt %s", reference_id);
    va_start(arguments, format);
    (void)vsnprintf(finding.sentence, sizeof finding.sentence, format, arguments);
    va_end(arguments);
    listener->finding(listener->arg, &finding);
}

/* --- fetching -------------------------------------------------------------------------------- */

struct fetch {
    struct loop *loop;
    struct json *ledger;
    enum status status;
    struct problem *problem;
    const char *url;
};

static void on_ledger(void *arg, const struct http_result *result)
{
    struct fetch *fetch = arg;
    if (result->failure != HTTP_OK) {
        fetch->status = problem_set(fetch->problem, ST_NETWORK, "%s does not answer: %s",
                                    fetch->url, result->problem);
    } else if (result->status != 200 ||
               json_parse(result->body, result->body_length, &fetch->ledger, fetch->problem) !=
                   ST_OK ||
               json_kind(json_get(fetch->ledger, "entries")) != JSON_KIND_ARRAY) {
        fetch->status = problem_set(fetch->problem, ST_PEER,
                                    "%s answers with HTTP %d, but not with a sandbox's ledger: is "
                                    "it the control port?",
                                    fetch->url, result->status);
    }
    loop_stop(fetch->loop);
}

static enum status fetch_ledger(const char *url, struct json **ledger, struct problem *problem)
{
    char text[URL_MAX];
    static const struct http_client_options options = {
        .user_agent = "autopayctl/" AUTOPAY_VERSION,
        .connections_max = 1,
        .connect_deadline_ms = DEADLINE_MS,
        .total_deadline_ms = DEADLINE_MS,
        .response_bytes_max = LEDGER_BYTES_MAX,
        .plain_allowed = true,
    };
    struct fetch fetch = {.loop = loop_new(), .status = ST_OK, .problem = problem, .url = text};
    (void)snprintf(text, sizeof text, "%s/control/ledger", url);
    struct http_client *client = http_client_new(fetch.loop, &options, problem);
    struct http_request request = {.url = text};
    if (client == NULL) {
        fetch.status = ST_NETWORK;
    } else if (http_send(client, &request, on_ledger, &fetch) != ST_OK) {
        fetch.status = problem_set(problem, ST_INVALID, "%s: is it a URL?", url);
    } else {
        loop_run(fetch.loop);
    }
    if (client != NULL) {
        http_client_free(client);
    }
    loop_free(fetch.loop);
    if (fetch.status != ST_OK) {
        json_free(fetch.ledger);
        fetch.ledger = NULL;
    }
    *ledger = fetch.ledger;
    return fetch.status;
}

/* --- entries --------------------------------------------------------------------------------- */

static const char *text_of(const struct json *object, const char *key)
{
    const char *text = json_as_string(json_get(object, key));
    return text != NULL ? text : "";
}

static int by_reference(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;
    int order = strcmp(left->seller_id, right->seller_id);
    return order != 0 ? order : strcmp(left->reference_id, right->reference_id);
}

static void read_entries(struct comparison *comparison, const struct json *ledger)
{
    const struct json *list = json_get(ledger, "entries");
    comparison->entries = calloc(json_length(list) + 1, sizeof *comparison->entries);
    ENSURE(comparison->entries != NULL);
    for (size_t i = 0; i < json_length(list); i++) {
        const struct json *item = json_at(list, i);
        struct entry *entry = &comparison->entries[comparison->count];
        if (json_as_string(json_get(item, "capture")) == NULL) {
            continue;
        }
        *entry = (struct entry){.seller_id = text_of(item, "seller"),
                                .reference_id = text_of(item, "reference"),
                                .agreement_id = text_of(item, "agreement"),
                                .capture_id = text_of(item, "capture")};
        if (!money_parse(text_of(item, "captured"), text_of(item, "currency"), &entry->captured)) {
            entry->captured = money_of(0, "");
        }
        comparison->count++;
    }
    qsort(comparison->entries, comparison->count, sizeof *comparison->entries, by_reference);
}

static bool on_capture(void *arg, const struct audit_capture *capture)
{
    struct comparison *comparison = arg;
    char here[MONEY_TEXT_MAX];
    char there[MONEY_TEXT_MAX];
    struct entry wanted = {.seller_id = capture->seller_id, .reference_id = capture->reference_id};
    struct entry *entry = bsearch(&wanted, comparison->entries, comparison->count,
                                  sizeof *comparison->entries, by_reference);
    if (entry != NULL) {
        entry->is_met = true;
    }
    if (!capture->is_captured) {
        return true;
    }
    money_format(capture->amount, here);
    if (entry == NULL) {
        verify_found(comparison->listener, capture->seller_id, capture->reference_id,
                     "it is captured here (%s %s), but not at the sandbox",
                     money_currency(&capture->amount), here);
        return true;
    }
    money_format(entry->captured, there);
    if (!money_equal(entry->captured, capture->amount)) {
        verify_found(comparison->listener, capture->seller_id, capture->reference_id,
                     "%s %s are captured here, %s %s at the sandbox",
                     money_currency(&capture->amount), here, money_currency(&entry->captured),
                     there);
    }
    if (strcmp(entry->agreement_id, capture->agreement_id) != 0) {
        verify_found(comparison->listener, capture->seller_id, capture->reference_id,
                     "it was captured on %s here, on %s at the sandbox", capture->agreement_id,
                     entry->agreement_id);
    }
    return true;
}

/* Money that the sandbox took of an agreement and that is not known here. Orders that were paid
 * once have no agreement and are none of the daemon's. */
static void tell_unmet(const struct comparison *comparison, const char *seller_id)
{
    for (size_t i = 0; i < comparison->count; i++) {
        const struct entry *entry = &comparison->entries[i];
        char there[MONEY_TEXT_MAX];
        if (entry->is_met || entry->agreement_id[0] == '\0' ||
            strcmp(entry->seller_id, seller_id) != 0) {
            continue;
        }
        money_format(entry->captured, there);
        verify_found(comparison->listener, seller_id, entry->reference_id,
                     "the sandbox captured %s %s of agreement %s under it (%s), which is not known"
                     " here",
                     money_currency(&entry->captured), there, entry->agreement_id,
                     entry->capture_id);
    }
}

static enum status compare(struct comparison *comparison, const struct verify_scope *scope,
                           struct problem *problem)
{
    char sellers[AUDIT_SELLERS_MAX][SELLER_ID_MAX];
    uint32_t count = 0;
    enum status status =
        audit_sellers(scope->store_path, sellers, AUDIT_SELLERS_MAX, &count, problem);
    for (uint32_t i = 0; i < count && status == ST_OK; i++) {
        if (scope->seller_id[0] != '\0' && strcmp(scope->seller_id, sellers[i]) != 0) {
            continue;
        }
        struct audit_search search = {.seller_id = sellers[i], .since = scope->since, .after = ""};
        status = audit_captures(scope->store_path, &search, on_capture, comparison, problem);
        if (status == ST_OK && scope->since.utc_ms <= 0) {
            tell_unmet(comparison, sellers[i]);
        }
    }
    return status;
}

enum status verify_against_sandbox(const struct verify_scope *scope, const char *url,
                                   const struct audit_listener *listener, struct problem *problem)
{
    struct comparison comparison = {.listener = listener};
    struct json *ledger = NULL;
    enum status status = fetch_ledger(url, &ledger, problem);
    if (status == ST_OK) {
        read_entries(&comparison, ledger);
        status = compare(&comparison, scope, problem);
    }
    free(comparison.entries);
    json_free(ledger);
    return status;
}
