/*
 * operation_order.c - GetOrderReferenceDetails and ListOrderReference.
 *
 * ListOrderReference by SellerOrderId is how a seller finds an authorization whose answer was lost
 * without sending it again; here it is always up to date. Pages: at most 100 rows; a longer list
 * ends with a NextPageToken, which this sandbox cannot redeem yet.
 */
#include <string.h>

#include "mws/sandbox/describe.h"
#include "mws/sandbox/operation.h"
#include "mws/sandbox/payment.h"

#define PAGE_ROWS_MAX 100

void get_order_reference_details(struct call *call)
{
    const char *id = call_required(call, "AmazonOrderReferenceId", OBJECT_ID_MAX);
    struct authorization *order = id != NULL ? world_find_order(call->world, id) : NULL;

    if (id == NULL) {
        return;
    }
    if (form_get(call->form, "AccessToken") != NULL &&
        form_get(call->form, "AddressConsentToken") != NULL) {
        (void)call_fail(call, MWS_ERROR_AMBIGUOUS_TOKEN,
                        "AccessToken and AddressConsentToken cannot both be given.");
        return;
    }
    if (order == NULL || order->agreement->seller != call->seller ||
        order->agreement->environment != call->environment) {
        (void)call_fail(call, MWS_ERROR_INVALID_ORDER_REFERENCE_ID,
                        "The OrderReferenceId %s is invalid.", id);
        return;
    }
    agreement_refresh(call->world, order->agreement, call->now);
    describe_order(call->out, order);
}

struct query {
    const char *seller_order_id;
    const struct currency *currency;
    int64_t page_rows;
    bool descending;
    bool wants_closed; /* all order references here are Closed */
    struct instant from, to;
};

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

static bool read_states(struct call *call, struct query *query)
{
    static const char prefix[] = "OrderReferenceStatusListFilter.OrderReferenceStatus.";
    bool filtered = false;

    query->wants_closed = false;
    for (size_t i = 0; i < call->form->count; i++) {
        const struct parameter *parameter = &call->form->parameters[i];
        if (strncmp(parameter->name, prefix, sizeof prefix - 1) == 0) {
            filtered = true;
            if (mws_state_parse(parameter->value) == MWS_STATE_UNKNOWN) {
                return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                                 "The value of parameter %s is invalid.", parameter->name);
            }
            if (strcmp(parameter->value, mws_state_name(MWS_STATE_CLOSED)) == 0) {
                query->wants_closed = true;
            }
        }
    }
    query->wants_closed = query->wants_closed || !filtered;
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
    query->from = (struct instant){INT64_MIN};
    query->to = INSTANT_NEVER;
    return read_domain(call, query) && read_states(call, query) &&
           read_time(call, "CreatedTimeRange.StartTime", &query->from) &&
           read_time(call, "CreatedTimeRange.EndTime", &query->to) &&
           call_integer(call, "PageSize", PAGE_ROWS_MAX, &query->page_rows);
}

static bool is_wanted(const struct query *query, const struct authorization *order)
{
    return query->wants_closed && order->charge.currency == query->currency &&
           !instant_before(order->created_at, query->from) &&
           !instant_before(query->to, order->created_at);
}

static size_t count_wanted(const struct query *query, const struct order_group *group)
{
    size_t count = 0;

    for (const struct authorization *order = group != NULL ? group->first : NULL; order != NULL;
         order = order->next_in_group) {
        count += is_wanted(query, order);
    }
    return count;
}

void list_order_reference(struct call *call)
{
    struct query query = {0};
    const struct order_group *group;
    const struct authorization *page[PAGE_ROWS_MAX];
    size_t rows = 0;
    size_t rows_max;
    size_t found;
    size_t skip;

    if (!read_query(call, &query)) {
        return;
    }
    rows_max = query.page_rows >= 1 && query.page_rows < PAGE_ROWS_MAX ? (size_t)query.page_rows
                                                                       : PAGE_ROWS_MAX;
    group = world_find_group(call->seller, call->environment, query.seller_order_id);
    found = count_wanted(&query, group);
    skip = query.descending && found > rows_max ? found - rows_max : 0;
    for (const struct authorization *order = found > 0 ? group->first : NULL;
         order != NULL && rows < rows_max; order = order->next_in_group) {
        if (!is_wanted(&query, order)) {
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
        describe_listed_order(call->out, page[query.descending ? rows - 1 - i : i]);
    }
    xml_close(call->out, "OrderReferenceList");
    if (rows > 0 && found > rows) {
        xml_element(call->out, "NextPageToken", page[query.descending ? 0 : rows - 1]->order_id);
    }
}
