/*
 * admin_route.c - which handler a request is for, and what it asks for besides its body.
 *
 * Everything about a request that is not known here - path, method, query argument, seller - is
 * refused, so that a misspelt filter is a sentence, never a list of everything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "scheduler/admin_parts.h"

#define PATH_MAX_BYTES 512
#define SEGMENTS_MAX   7 /* one more than the longest path has */

/* Below /v1/sellers/{seller}/. */
static const struct admin_route routes[] = {
    {"GET", "agreements", false, "", " after max ", admin_agreements_list},
    {"POST", "agreements", false, "", " ", admin_agreements_register},
    {"GET", "agreements", true, "", " ", admin_agreements_show},
    {"POST", "agreements", true, "sync", " ", admin_agreements_sync},
    {"POST", "agreements", true, "close", " ", admin_agreements_close},
    {"POST", "agreements", true, "stop", " ", admin_agreements_stop},
    {"POST", "agreements", true, "start", " ", admin_agreements_start},
    {"GET", "subscriptions", false, "", " agreement state after max ", admin_subscriptions_list},
    {"POST", "subscriptions", false, "", " ", admin_subscriptions_create},
    {"GET", "subscriptions", true, "", " ", admin_subscriptions_show},
    {"POST", "subscriptions", true, "cancel", " ", admin_subscriptions_cancel},
    {"POST", "subscriptions", true, "uncancel", " ", admin_subscriptions_uncancel},
    {"POST", "subscriptions", true, "pause", " ", admin_subscriptions_pause},
    {"POST", "subscriptions", true, "resume", " ", admin_subscriptions_resume},
    {"POST", "subscriptions", true, "skip", " ", admin_subscriptions_skip},
    {"POST", "subscriptions", true, "move", " ", admin_subscriptions_move},
    {"POST", "subscriptions", true, "change", " ", admin_subscriptions_change},
    {"POST", "subscriptions", true, "replace", " ", admin_subscriptions_replace},
    {"POST", "subscriptions", true, "stop", " ", admin_subscriptions_stop},
    {"POST", "subscriptions", true, "start", " ", admin_subscriptions_start},
    {"GET", "charges", false, "", " agreement subscription state after max ", admin_charges_list},
    {"POST", "charges", false, "", " ", admin_charges_once},
    {"GET", "charges", true, "", " ", admin_charges_show},
    {"POST", "charges", true, "approve", " ", admin_charges_approve},
    {"POST", "charges", true, "reject", " ", admin_charges_reject},
    {"POST", "charges", true, "ship", " ", admin_charges_ship},
    {"POST", "charges", true, "void", " ", admin_charges_void},
    {"GET", "charges", true, "refunds", " after max ", admin_refunds_of_charge},
    {"POST", "charges", true, "refunds", " ", admin_refunds_create},
    {"GET", "refunds", false, "", " charge after max ", admin_refunds_list},
    {"GET", "policies", false, "", " after max ", admin_policies_list},
    {"GET", "policies", true, "", " ", admin_policies_show},
    {"GET", "events", false, "", " after max ", admin_events_list},
    {"GET", "notices", false, "", " kind object after max ", admin_notices_list},
    {"POST", "stop", false, "", " ", admin_stop},
    {"POST", "start", false, "", " ", admin_start},
};

#define ROUTE_COUNT (sizeof routes / sizeof routes[0])

/* Below /v1/. */
static const struct admin_route routes_of_all[] = {
    {"GET", "status", false, "", " ", admin_status},
    {"POST", "stop", false, "", " ", admin_stop},
    {"POST", "start", false, "", " ", admin_start},
};

#define ROUTES_OF_ALL_COUNT (sizeof routes_of_all / sizeof routes_of_all[0])

struct path {
    char text[PATH_MAX_BYTES];
    uint32_t count;
    char *segments[SEGMENTS_MAX];
};

/* As it was sent: no name of ours needs percent-encoding, so that an encoded slash cannot make one
 * path look like another. */
static bool path_split(struct path *path, const char *text)
{
    int length = snprintf(path->text, sizeof path->text, "%s", text);
    path->count = 0;
    if (length < 0 || (size_t)length >= sizeof path->text || path->text[0] != '/') {
        return false;
    }
    char *at = path->text;
    while (at != NULL) {
        *at++ = '\0';
        if (path->count == SEGMENTS_MAX || *at == '\0' || *at == '/') {
            return false;
        }
        path->segments[path->count++] = at;
        at = strchr(at, '/');
    }
    return true;
}

/* The segments from the `first`-th on against a route, whatever the method. */
static bool route_fits(const struct admin_route *route, const struct path *path, uint32_t first)
{
    uint32_t wanted = first + 1U + (route->has_id ? 1 : 0) + (route->verb[0] != '\0' ? 1 : 0);
    return path->count == wanted && strcmp(path->segments[first], route->noun) == 0 &&
           (route->verb[0] == '\0' || strcmp(path->segments[first + 2], route->verb) == 0);
}

/* The route of that method; `other` is one of another method at the same path. */
static const struct admin_route *route_among(const struct admin_route *list, size_t count,
                                             const struct path *path, uint32_t first,
                                             const char *method, const struct admin_route **other)
{
    for (size_t i = 0; i < count; i++) {
        if (route_fits(&list[i], path, first)) {
            if (strcmp(list[i].method, method) == 0) {
                return &list[i];
            }
            *other = &list[i];
        }
    }
    return NULL;
}

static bool is_of_seller(const struct path *path)
{
    return path->count >= 4 && strcmp(path->segments[1], "sellers") == 0;
}

static enum status find(const struct path *path, const char *method,
                        const struct admin_route **found, bool *is_other_method,
                        struct problem *problem)
{
    const struct admin_route *other = NULL;
    *found = NULL;
    if (path->count < 2 || strcmp(path->segments[0], "v1") != 0) {
        return ST_NOT_FOUND;
    }
    *found = is_of_seller(path)
                 ? route_among(routes, ROUTE_COUNT, path, 3, method, &other)
                 : route_among(routes_of_all, ROUTES_OF_ALL_COUNT, path, 1, method, &other);
    *is_other_method = *found == NULL && other != NULL;
    if (*is_other_method) {
        return problem_set(problem, ST_INVALID, "%.16s is not allowed here, %s is", method,
                           other->method);
    }
    return *found == NULL ? ST_NOT_FOUND : ST_OK;
}

/* Refuses arguments that the route does not know, or that stand twice. */
static enum status query_check(const char *raw, const char *known, struct problem *problem)
{
    const char *at = raw;
    char seen[128] = " ";
    while (*at != '\0') {
        size_t length = strcspn(at, "&");
        size_t name_length = strcspn(at, "=&");
        char name[32];
        (void)snprintf(name, sizeof name, " %.*s ", (int)(name_length < 28 ? name_length : 28), at);
        if (length > 0 && (name_length == 0 || strstr(known, name) == NULL)) {
            return problem_set(problem, ST_INVALID, "\"%.*s\" is not an argument of this request",
                               (int)(name_length < 60 ? name_length : 60), at);
        }
        if (length > 0 && strstr(seen, name) != NULL) {
            return problem_set(problem, ST_INVALID, "%.*s: stands twice", (int)name_length, at);
        }
        if (length > 0) { /* at most all known names, and they are few */
            size_t used = strlen(seen);
            (void)snprintf(seen + used, sizeof seen - used, "%s", name + 1);
        }
        at += length + (at[length] == '&' ? 1 : 0);
    }
    return ST_OK;
}

static enum status query_text(struct http_exchange *exchange, const char *name,
                              char text[static ADMIN_ID_MAX], struct problem *problem)
{
    const char *value = http_query(exchange, name);
    if (value != NULL && strlen(value) >= ADMIN_ID_MAX) {
        return problem_set(problem, ST_INVALID, "%s: longer than %d characters", name,
                           ADMIN_ID_MAX - 1);
    }
    (void)snprintf(text, ADMIN_ID_MAX, "%s", value != NULL ? value : "");
    return ST_OK;
}

static enum status query_read(struct http_exchange *exchange, struct admin_query *query,
                              struct problem *problem)
{
    char max[ADMIN_ID_MAX] = "";
    const struct {
        const char *name;
        char *text;
    } texts[] = {
        {"after", query->after},
        {"agreement", query->agreement_id},
        {"charge", query->charge_id},
        {"kind", query->kind},
        {"max", max},
        {"object", query->object_id},
        {"state", query->state},
        {"subscription", query->subscription_key},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        enum status status = query_text(exchange, texts[i].name, texts[i].text, problem);
        if (status != ST_OK) {
            return status;
        }
    }
    query->max = ADMIN_PAGE_DEFAULT;
    if (http_query(exchange, "max") != NULL) {
        bool is_number =
            max[0] != '\0' && strlen(max) <= 3 && strspn(max, "0123456789") == strlen(max);
        query->max = is_number ? (uint32_t)strtoul(max, NULL, 10) : 0;
        if (query->max < 1 || query->max > ADMIN_PAGE_MAX) {
            return problem_set(problem, ST_INVALID,
                               "max: \"%s\" is not a whole number from 1 to %d", max,
                               ADMIN_PAGE_MAX);
        }
    }
    return ST_OK;
}

static enum status ids_read(struct admin_call *call, const struct path *path,
                            const struct admin_route *route, struct problem *problem)
{
    const char *seller_id = path->segments[2];
    const char *id = route->has_id ? path->segments[4] : "";
    if (config_seller(call->admin->config, seller_id) == NULL) {
        return problem_set(problem, ST_NOT_FOUND, "seller %.40s is not configured", seller_id);
    }
    (void)snprintf(call->seller_id, sizeof call->seller_id, "%s", seller_id);
    if (strlen(id) >= sizeof call->id) {
        return problem_set(problem, ST_NOT_FOUND, "there is no %.80s...", id);
    }
    (void)snprintf(call->id, sizeof call->id, "%s", id);
    return ST_OK;
}

enum status admin_route_find(struct admin_call *call, const struct admin_route **route,
                             bool *is_other_method, struct problem *problem)
{
    struct http_exchange *exchange = call->exchange;
    struct path path = {.count = 0};
    (void)problem_set(problem, ST_NOT_FOUND, "there is no %.120s; see API.md", http_path(exchange));
    if (!path_split(&path, http_raw_path(exchange))) {
        return ST_NOT_FOUND;
    }
    enum status status = find(&path, http_method(exchange), route, is_other_method, problem);
    ENSURE(IMPLIES(status == ST_OK, *route != NULL));
    if (status == ST_OK && is_of_seller(&path)) {
        status = ids_read(call, &path, *route, problem);
    }
    if (status == ST_OK) {
        status = query_check(http_raw_query(exchange), (*route)->query, problem);
    }
    if (status == ST_OK) {
        status = query_read(exchange, &call->query, problem);
    }
    return status;
}
