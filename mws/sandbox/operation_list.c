/*
 * operation_list.c - ListOrderReference and ListOrderReferenceByNextToken.
 *
 * By SellerOrderId a seller finds an authorization whose answer was lost without sending it again;
 * how soon a new one is in the list, and how long a page may be, are rules (list-lag-ms,
 * list-page-rows). A token is the query itself and
 * the last row shown, as JSON in hexadecimal: the sandbox has nothing to remember, and a token can
 * be redeemed again. Source: amazon-pay reference, section 3.2.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mws/edge/json.h"
#include "mws/sandbox/describe.h"
#include "mws/sandbox/operation.h"

#define PAGE_ROWS_MAX    100          /* of rule list-page-rows */
#define SPAN_MS_MAX      2678400000LL /* 31 days between StartTime and EndTime */
#define TOKEN_CHARACTERS 4096

struct query {
    const char *seller_order_id;     /* borrowed from the form or the token */
    const struct currency *currency; /* of the payment domain: tells its region */
    int64_t page_rows;               /* 0 = the most */
    bool descending;
    int64_t states; /* bit of each state that is wanted; 0 = all */
    struct instant from, to;
    struct instant seen;       /* newer orders are not in the list yet */
    const struct order *after; /* the last row of the page before, or NULL */
};

/* --- what is asked
 * -------------------------------------------------------------------------------- */

/* "FE_JPY", "NA_USD", "EU_EUR", "EU_GBP" */
static bool read_domain(struct call *call, struct query *query)
{
    static const char *const domains[] = {"FE_JPY", "NA_USD", "EU_EUR", "EU_GBP"};
    const char *domain = call_required(call, "PaymentDomain", 10);

    if (domain == NULL) {
        return false;
    }
    for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++) {
        if (strcmp(domain, domains[i]) == 0) {
            query->currency = currency_find(domain + 3);
            return true;
        }
    }
    return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                     "The value %s of parameter PaymentDomain is invalid.", domain);
}

static bool read_time(struct call *call, const char *name, struct instant *at)
{
    const char *text = form_get(call->form, name);

    if (text == NULL || instant_parse(text, at)) {
        return true;
    }
    return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                     "The value of parameter %s is not an ISO 8601 time in UTC.", name);
}

static bool read_range(struct call *call, struct query *query)
{
    bool both = form_get(call->form, "CreatedTimeRange.StartTime") != NULL &&
                form_get(call->form, "CreatedTimeRange.EndTime") != NULL;

    query->from = (struct instant){INT64_MIN};
    query->to = INSTANT_NEVER;
    if (!read_time(call, "CreatedTimeRange.StartTime", &query->from) ||
        !read_time(call, "CreatedTimeRange.EndTime", &query->to)) {
        return false;
    }
    return !both || query->to.utc_ms - query->from.utc_ms <= SPAN_MS_MAX ||
           call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                     "CreatedTimeRange may span 31 days at most.");
}

static bool read_states(struct call *call, struct query *query)
{
    static const char prefix[] = "OrderReferenceStatusListFilter.OrderReferenceStatus.";

    for (size_t i = 0; i < call->form->count; i++) {
        const struct parameter *parameter = &call->form->parameters[i];
        enum mws_state state = mws_state_parse(parameter->value);
        if (strncmp(parameter->name, prefix, sizeof prefix - 1) != 0) {
            continue;
        }
        if (state != MWS_STATE_OPEN && state != MWS_STATE_CLOSED && state != MWS_STATE_CANCELED &&
            state != MWS_STATE_SUSPENDED) {
            return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                             "The value of parameter %s is invalid.", parameter->name);
        }
        query->states |= INT64_C(1) << state;
    }
    return true;
}

static bool read_query(struct call *call, struct query *query)
{
    const char *type = call_required(call, "QueryIdType", 32);
    const char *sort = call_optional(call, "SortOrder", 16);

    query->seller_order_id = call_required(call, "QueryId", 127);
    if (type == NULL || sort == NULL || query->seller_order_id == NULL) {
        return false;
    }
    if (strcmp(type, "SellerOrderId") != 0) {
        return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                         "The value %s of parameter QueryIdType is invalid.", type);
    }
    query->descending = strcmp(sort, "Descending") == 0;
    if (!query->descending && sort[0] != '\0' && strcmp(sort, "Ascending") != 0) {
        return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                         "SortOrder must be Ascending or Descending.");
    }
    return read_domain(call, query) && read_states(call, query) && read_range(call, query) &&
           call_integer(call, "PageSize", PAGE_ROWS_MAX, &query->page_rows);
}

/* --- tokens
 * ----------------------------------------------------------------------------------------- */

static void write_token(struct text *out, const struct query *query, const struct order *last)
{
    struct json *object = json_new_object();
    char *printed;

    json_set_string(object, "q", query->seller_order_id);
    json_set_string(object, "c", query->currency->code);
    json_set_integer(object, "n", query->page_rows);
    json_set_bool(object, "d", query->descending);
    json_set_integer(object, "s", query->states);
    json_set_integer(object, "f", query->from.utc_ms);
    json_set_integer(object, "t", query->to.utc_ms);
    json_set_string(object, "a", last->id);
    printed = json_print(object, false);
    xml_open(out, "NextPageToken");
    for (const char *c = printed; *c != '\0'; c++) {
        text_format(out, "%02x", (unsigned char)*c);
    }
    xml_close(out, "NextPageToken");
    free(printed);
    json_free(object);
}

static int digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

/* The query of a token, whose texts live in *root; false when we never made such a token. */
static bool read_token(const struct call *call, const char *token, struct json **root,
                       struct query *query)
{
    char text[TOKEN_CHARACTERS / 2 + 1];
    size_t length = strlen(token) / 2;
    struct problem problem;
    const char *code;
    const char *after;

    *root = NULL;
    for (size_t i = 0; i < length; i++) {
        int high = digit_of(token[2 * i]);
        int low = digit_of(token[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        text[i] = (char)(high * 16 + low);
    }
    if (strlen(token) % 2 != 0 || json_parse(text, length, root, &problem) != ST_OK) {
        return false;
    }
    query->seller_order_id = json_as_string(json_get(*root, "q"));
    code = json_as_string(json_get(*root, "c"));
    after = json_as_string(json_get(*root, "a"));
    query->currency = code != NULL ? currency_find(code) : NULL;
    query->after = after != NULL ? world_find_order(call->world, after) : NULL;
    return query->seller_order_id != NULL && query->currency != NULL && query->after != NULL &&
           query->after->seller == call->seller && query->after->environment == call->environment &&
           json_as_integer(json_get(*root, "n"), &query->page_rows) &&
           json_as_bool(json_get(*root, "d"), &query->descending) &&
           json_as_integer(json_get(*root, "s"), &query->states) &&
           json_as_integer(json_get(*root, "f"), &query->from.utc_ms) &&
           json_as_integer(json_get(*root, "t"), &query->to.utc_ms);
}

/* --- the page
 * --------------------------------------------------------------------------------------- */

static bool is_wanted(const struct query *query, const struct order *order)
{
    bool is_further =
        query->after == NULL || (query->descending ? order->number < query->after->number
                                                   : order->number > query->after->number);

    return is_further && (query->states == 0 || (query->states >> order->state & 1) != 0) &&
           region_of(order->id, order->currency) == query->currency->region &&
           !instant_before(order->created_at, query->from) &&
           !instant_before(query->seen, order->created_at) &&
           !instant_before(query->to, order->created_at);
}

static size_t count_wanted(const struct query *query, const struct order_group *group)
{
    size_t count = 0;

    for (const struct order *order = group != NULL ? group->first : NULL; order != NULL;
         order = order->next_in_group) {
        count += is_wanted(query, order);
    }
    return count;
}

static void write_page(struct call *call, struct query *query)
{
    const struct rules *rules = &call->world->rules;
    const struct order_group *group =
        world_find_group(call->seller, call->environment, query->seller_order_id);
    const struct order *page[PAGE_ROWS_MAX];
    bool sized = query->page_rows >= 1 && query->page_rows < rules->list_page_rows;
    size_t rows_max = (size_t)(sized ? query->page_rows : rules->list_page_rows);
    size_t rows = 0;
    size_t found;
    size_t skip;

    query->seen =
        rules->list_lag_ms > 0 ? instant_plus(call->now, -rules->list_lag_ms) : INSTANT_NEVER;
    found = count_wanted(query, group);
    skip = query->descending && found > rows_max ? found - rows_max : 0;
    for (const struct order *order = found > 0 ? group->first : NULL;
         order != NULL && rows < rows_max; order = order->next_in_group) {
        if (!is_wanted(query, order)) {
            continue;
        }
        if (skip > 0) {
            skip--;
        } else {
            page[rows++] = order;
        }
    }
    xml_open(call->out, "OrderReferenceList");
    for (size_t i = 0; i < rows; i++) {
        describe_listed_order(call->out, page[query->descending ? rows - 1 - i : i]);
    }
    xml_close(call->out, "OrderReferenceList");
    if (rows > 0 && found > rows) {
        write_token(call->out, query, page[query->descending ? 0 : rows - 1]);
    }
}

void list_order_reference(struct call *call)
{
    struct query query = {0};

    if (read_query(call, &query)) {
        write_page(call, &query);
    }
}

void list_order_reference_by_next_token(struct call *call)
{
    struct query query = {0};
    struct json *root = NULL;
    const char *token = call_required(call, "NextPageToken", TOKEN_CHARACTERS);

    if (token == NULL) {
        return;
    }
    if (strlen(token) <= TOKEN_CHARACTERS && read_token(call, token, &root, &query)) {
        write_page(call, &query);
    } else {
        (void)call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                        "The value of parameter NextPageToken is invalid.");
    }
    json_free(root);
}
