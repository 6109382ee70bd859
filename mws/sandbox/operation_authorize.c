/*
 * operation_authorize.c - AuthorizeOnBillingAgreement, Authorize, GetAuthorizationDetails and
 * CloseAuthorization.
 *
 * The order of checks when authorizing: the parameters; the object; was this reference id used
 * before (then the first result, or a Duplicate error, whatever has become of the object since:
 * rule reference-checked); the simulation string; states; the amount; the month.
 * AuthorizeOnBillingAgreement makes an order reference of its own, which is Closed from the start.
 * Source: amazon-pay reference, sections 3.1, 3.3, 6.4 and 7.
 */
#include <stdio.h>
#include <string.h>

#include "billing/civil.h"
#include "billing/ensure.h"
#include "mws/sandbox/agreement.h"
#include "mws/sandbox/describe.h"
#include "mws/sandbox/order.h"
#include "mws/sandbox/wish.h"

#define TIMEOUT_MINUTES_MAX 1440

static bool read_timeout(struct call *call, int64_t *minutes)
{
    if (!call_integer(call, "TransactionTimeout", TIMEOUT_MINUTES_MAX, minutes)) {
        return false;
    }
    if (*minutes > TIMEOUT_MINUTES_MAX || *minutes % 5 != 0) {
        return call_fail(call, MWS_ERROR_INVALID_PARAMETER_VALUE,
                         "TransactionTimeout must be 0 or a multiple of 5 up to %d.",
                         TIMEOUT_MINUTES_MAX);
    }
    return true;
}

static bool read_wish(struct call *call, const char *target, struct wish *wish)
{
    char timeout[24];

    if (!wish_read(call, TRANSACTION_AUTHORIZATION, target, wish) ||
        !read_timeout(call, &wish->timeout_minutes) ||
        !call_bool(call, "CaptureNow", false, &wish->capture_now)) {
        return false;
    }
    (void)snprintf(timeout, sizeof timeout, "%d", (int)wish->timeout_minutes);
    wish_compare(call, COMPARED_TERMS, timeout);
    wish_compare(call, COMPARED_TERMS, wish->capture_now ? "now" : "later");
    return wish_shares(call, TRANSACTION_AUTHORIZATION, wish);
}

static bool simulate(struct call *call, struct wish *wish)
{
    if (!wish_simulate(call, SIMULATED_AUTHORIZATION, wish)) {
        return false;
    }
    if (wish->fate.state == MWS_STATE_CLOSED && wish->capture_now) {
        return call_fail(call, MWS_ERROR_INVALID_SANDBOX_SIMULATION_SPECIFIED,
                         "The state Closed cannot be simulated together with CaptureNow.");
    }
    return true;
}

/* --- what Amazon would refuse before it asks the bank ------------------------------------------
 */

/* "Sun Nov 01 00:00:00 UTC 2015", as Amazon's message prints the bounds of a month. */
static void format_month_start(int32_t month, const char *zone, char text[40])
{
    static const char days[7][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct civil_date date = {.year = 1970 + month / 12, .month = month % 12 + 1, .day = 1};

    (void)snprintf(text, 40, "%s %s 01 00:00:00 %s %d", days[civil_to_days(date) % 7],
                   months[month % 12], zone, (int)date.year);
}

static bool fail_for_month(struct call *call, const struct agreement *agreement, int64_t units)
{
    int32_t month = agreement_month(agreement, call->now);
    const char *zone = agreement_month_is_jst(agreement) ? "JST" : "UTC";
    char from[40];
    char to[40];
    char used[AMOUNT_TEXT_MAX];
    char asked[AMOUNT_TEXT_MAX];
    char limit[AMOUNT_TEXT_MAX];

    format_month_start(month, zone, from);
    format_month_start(month + 1, zone, to);
    amount_format(agreement_authorized(agreement, month), agreement->currency, used);
    amount_format(units, agreement->currency, asked);
    amount_format(agreement->limit_units, agreement->currency, limit);
    return call_fail(call, MWS_ERROR_PERIODIC_AMOUNT_EXCEEDED,
                     "BillingAgreement %s has already been authorized for amount %s in time period "
                     "i.e. %s - %s. A new authorization with amount %s cannot be accepted as the "
                     "total authorization amount cannot exceed %s.",
                     agreement->id, used, from, to, asked, limit);
}

static bool may_charge(struct call *call, const struct agreement *agreement,
                       const struct wish *wish)
{
    if (agreement->state != MWS_STATE_OPEN) {
        return call_fail(call, MWS_ERROR_INVALID_BILLING_AGREEMENT_STATUS,
                         "BillingAgreement %s is in state %s and cannot be authorized on.",
                         agreement->id, mws_state_name(agreement->state));
    }
    if (wish->currency != agreement->currency) {
        return call_fail(call, MWS_ERROR_CURRENCY_MISMATCH,
                         "The currency %s is not that of BillingAgreement %s.",
                         wish->currency->code, agreement->id);
    }
    if (wish->units > wish->currency->call_units_max) {
        return call_fail(call, MWS_ERROR_TRANSACTION_AMOUNT_EXCEEDED,
                         "The amount exceeds the maximum of a single authorization.");
    }
    return agreement_has_room(agreement, wish->units, call->now) ||
           fail_for_month(call, agreement, wish->units);
}

static bool may_authorize(struct call *call, const struct order *order, const struct wish *wish)
{
    if (order->state != MWS_STATE_OPEN) {
        return call_fail(call, MWS_ERROR_INVALID_ORDER_REFERENCE_STATUS,
                         "OrderReference %s is in state %s and cannot be authorized.", order->id,
                         mws_state_name(order->state));
    }
    if (wish->currency != order->currency) {
        return call_fail(call, MWS_ERROR_CURRENCY_MISMATCH,
                         "The currency %s is not that of OrderReference %s.", wish->currency->code,
                         order->id);
    }
    if ((int64_t)order_authorizations(order) >= call->world->rules.authorizations_per_order) {
        return call_fail(call, MWS_ERROR_TRANSACTION_COUNT_EXCEEDED,
                         "OrderReference %s has the maximum number of authorizations, %d.",
                         order->id, (int)call->world->rules.authorizations_per_order);
    }
    if (wish->units > wish->currency->call_units_max || wish->units > order_room(order)) {
        return call_fail(call, MWS_ERROR_TRANSACTION_AMOUNT_EXCEEDED,
                         "OrderReference %s cannot be authorized for that much more.", order->id);
    }
    return order->agreement == NULL || may_charge(call, order->agreement, wish);
}

/* --- AuthorizeOnBillingAgreement -----------------------------------------------------------------
 */

/* What it says of the order reference that it makes; the texts are those of the form. */
struct order_texts {
    const char *seller_note, *platform_id, *seller_order_id, *store_name, *custom_information,
        *supplementary_data;
};

static bool read_texts(struct call *call, struct order_texts *t)
{
    bool inherit;

    t->seller_note = call_optional(call, "SellerNote", 1024);
    t->platform_id = call_optional(call, "PlatformId", 127);
    t->seller_order_id = call_optional(call, "SellerOrderAttributes.SellerOrderId", 127);
    t->store_name = call_optional(call, "SellerOrderAttributes.StoreName", 50);
    t->custom_information = call_optional(call, "SellerOrderAttributes.CustomInformation", 1024);
    t->supplementary_data = call_optional(call, "SellerOrderAttributes.SupplementaryData", 4096);
    if (call->error != MWS_ERROR_NONE ||
        !call_bool(call, "InheritShippingAddress", true, &inherit)) {
        return false;
    }
    wish_compare(call, COMPARED_TEXT, t->seller_note);
    wish_compare(call, COMPARED_TEXT, t->platform_id);
    wish_compare(call, COMPARED_TEXT, t->seller_order_id);
    wish_compare(call, COMPARED_TEXT, t->store_name);
    wish_compare(call, COMPARED_TEXT, t->custom_information);
    wish_compare(call, COMPARED_TEXT, t->supplementary_data);
    return true;
}

static struct order *make_order(struct call *call, struct agreement *agreement,
                                const struct wish *wish, const struct order_texts *t)
{
    static const enum mws_reason reasons[] = {
        [CHARGED_PROCESSED] = MWS_REASON_MAX_AUTHORIZATIONS_PROCESSED,
        [CHARGED_CAPTURED] = MWS_REASON_MAX_AUTHORIZATIONS_CAPTURED,
        [CHARGED_SELLER_CLOSED] = MWS_REASON_SELLER_CLOSED,
    };
    struct order *order;
    struct problem problem;

    ENSURE(world_add_order(call->world, call->seller, call->environment, agreement,
                           agreement->currency, NULL, call->now, &order, &problem) == ST_OK);
    order->confirmed = true;
    order->total_units = wish->units;
    text_replace(&order->seller_note, t->seller_note);
    text_replace(&order->platform_id, t->platform_id);
    text_replace(&order->store_name, t->store_name);
    text_replace(&order->custom_information, t->custom_information);
    text_replace(&order->supplementary_data, t->supplementary_data);
    order_set_seller_order_id(call->world, order, t->seller_order_id);
    order_move(call->world, order, MWS_STATE_CLOSED, reasons[call->world->rules.charged_order],
               call->now);
    return order;
}

/* --- both --------------------------------------------------------------------------------------
 */

static void describe(struct call *call, const struct transaction *t, bool just_made)
{
    describe_authorization(call->out, (const struct authorization *)t, just_made);
    if (strcmp(t->target, t->order->id) != 0) { /* asked of its agreement */
        xml_element(call->out, "AmazonOrderReferenceId", t->order->id);
    }
}

static void describe_earlier(struct call *call, const struct transaction *earlier)
{
    if (!wish_replay(call, earlier)) {
        describe(call, earlier, false);
    }
}

static void make(struct call *call, struct order *order, const struct wish *wish)
{
    struct transaction *made = &payment_authorize(call->world, order, wish, call->now)->t;

    describe(call, made, true);
    wish_keep_answer(call, made);
}

void authorize_on_billing_agreement(struct call *call)
{
    struct wish wish;
    struct order_texts texts;
    const struct transaction *earlier;
    struct agreement *agreement = call_agreement(call);

    if (agreement == NULL || !read_wish(call, agreement->id, &wish) || !read_texts(call, &texts)) {
        return;
    }
    if (wish_is_checked_before(call) && !may_charge(call, agreement, &wish)) {
        return;
    }
    earlier = wish_earlier(call, TRANSACTION_AUTHORIZATION, &wish);
    if (earlier != NULL) {
        describe_earlier(call, earlier);
    } else if (call->error != MWS_ERROR_NONE || !simulate(call, &wish) ||
               !may_charge(call, agreement, &wish)) {
        return;
    } else if (call->is_half_done) {
        (void)make_order(call, agreement, &wish, &texts);
    } else {
        make(call, make_order(call, agreement, &wish, &texts), &wish);
    }
}

void authorize(struct call *call)
{
    struct wish wish;
    const struct transaction *earlier;
    struct order *order = call_order(call);

    if (order == NULL || !read_wish(call, order->id, &wish) ||
        (wish_is_checked_before(call) && !may_authorize(call, order, &wish))) {
        return;
    }
    earlier = wish_earlier(call, TRANSACTION_AUTHORIZATION, &wish);
    if (earlier != NULL) {
        describe_earlier(call, earlier);
    } else if (call->error == MWS_ERROR_NONE && simulate(call, &wish) &&
               may_authorize(call, order, &wish)) {
        make(call, order, &wish);
    }
}

/* --- the others --------------------------------------------------------------------------------
 */

void get_authorization_details(struct call *call)
{
    const struct transaction *t =
        call_transaction(call, "AmazonAuthorizationId", TRANSACTION_AUTHORIZATION);

    if (t != NULL) {
        describe_authorization(call->out, (const struct authorization *)t, false);
    }
}

/* Closing again what the seller has closed succeeds: it is documented as idempotent. */
void close_authorization(struct call *call)
{
    struct transaction *t =
        call_transaction(call, "AmazonAuthorizationId", TRANSACTION_AUTHORIZATION);
    struct authorization *authorization = (struct authorization *)t;

    if (t == NULL || call_optional(call, "ClosureReason", 255) == NULL ||
        (t->state == MWS_STATE_CLOSED && t->reason == MWS_REASON_SELLER_CLOSED)) {
        return;
    }
    if (!authorization_is_alive(authorization)) {
        (void)call_fail(call, MWS_ERROR_INVALID_AUTHORIZATION_STATUS,
                        "Authorization %s is in state %s and cannot be closed.", t->id,
                        mws_state_name(t->state));
        return;
    }
    authorization_close(call->world, authorization, MWS_REASON_SELLER_CLOSED, call->now);
}
