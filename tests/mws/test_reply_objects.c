/*
 * test_reply_objects.c - every result, in every order of its elements (reply_samples.c).
 *
 * Each result is a list of elements. It must read the same in any order, with each element doubled
 * (the first counts), with unknown elements between, and without each of the optional ones; without
 * a required one it must not read at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mws/operation.h"
#include "tests/mws/reply_checks.h"
#include "tests/mws/reply_samples.h"

#define TEXT_MAX 16384

/* ---- a reply as text ---- */

struct printer {
    char text[1024];
    size_t used;
};

static void put(struct printer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct printer *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(out->text + out->used, sizeof out->text - out->used, format, args);
    va_end(args);
    assert_in_range(length, 0, sizeof out->text - out->used - 1);
    out->used += (size_t)length;
}

static void put_money(struct printer *out, struct money amount)
{
    char text[MONEY_TEXT_MAX];
    money_format(amount, text);
    put(out, " %s", text);
}

static void put_status(struct printer *out, const struct mws_status *status)
{
    put(out, " %s/%s@", mws_state_name(status->state), mws_reason_name(status->reason));
    if (status->updated_at.utc_ms == INT64_MAX) {
        put(out, "never");
    } else {
        put(out, "%lld", (long long)status->updated_at.utc_ms);
    }
}

static void put_ids(struct printer *out, const struct mws_id_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        put(out, " %s", list->ids[i]);
    }
}

static void put_providers(struct printer *out, const struct mws_provider_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        put(out, " %s:%s", list->providers[i].provider_id, list->providers[i].id);
    }
}

static void put_buyer(struct printer *out, const struct mws_buyer *buyer,
                      const struct mws_address *address)
{
    put(out, " by %s <%s> to %s <%s> %s", buyer->name, buyer->email, address->name,
        address->lines[0], address->city);
}

static void put_constraints(struct printer *out, uint32_t count, const char (*constraints)[40])
{
    for (uint32_t i = 0; i < count; i++) {
        put(out, " [%s]", constraints[i]);
    }
}

static void put_agreement(struct printer *out, const struct mws_billing_agreement_details *b)
{
    put(out, "agreement %s", b->amazon_billing_agreement_id);
    put_status(out, &b->status);
    put(out, "%s", b->consent ? " consent" : "");
    if (b->has_limits) {
        put_money(out, b->amount_limit_per_time_period);
        put_money(out, b->current_remaining_balance);
        put(out, " %lld %lld", (long long)b->time_period_start.utc_ms,
            (long long)b->time_period_end.utc_ms);
    }
    put_constraints(out, b->constraint_count, b->constraints);
    put_buyer(out, &b->buyer, &b->destination);
}

static void put_authorization(struct printer *out, const struct mws_authorization_details *a)
{
    put(out, "authorization %s %s [%s]", a->amazon_authorization_id, a->authorization_reference_id,
        a->amazon_order_reference_id);
    put_money(out, a->authorization_amount);
    put_money(out, a->captured_amount);
    put_money(out, a->authorization_fee);
    put_status(out, &a->status);
    put(out, "%s%s%s%s", a->soft_decline ? " soft" : " hard",
        !a->has_capture_now ? ""
        : a->capture_now    ? " now"
                            : " later",
        a->capture_id[0] != '\0' ? " " : "", a->capture_id);
}

static void put_validation(struct printer *out, const struct mws_validation *validation)
{
    put(out, "validation %s %s", validation->is_success ? "success" : "failure",
        mws_reason_name(validation->failure_reason));
    put_status(out, &validation->status);
}

static void put_order(struct printer *out, const struct mws_order_reference_details *order)
{
    put(out, "order %s %s %s", order->amazon_order_reference_id, order->seller_order_id,
        order->parent_id);
    put_money(out, order->order_total);
    put_status(out, &order->status);
    put(out, " %lld", (long long)order->expiration.utc_ms);
    put_constraints(out, order->constraint_count, order->constraints);
    for (uint32_t i = 0; i < order->authorization_count; i++) {
        put(out, " %s", order->authorization_ids[i]);
    }
    put_buyer(out, &order->buyer, &order->destination);
}

static void put_list(struct printer *out, const struct mws_order_reference_list *list)
{
    put(out, "list");
    for (uint32_t i = 0; i < list->count; i++) {
        put(out, " %s:%s:%s", list->orders[i].amazon_order_reference_id,
            list->orders[i].seller_order_id, mws_state_name(list->orders[i].status.state));
    }
    put(out, "%s%s", list->has_more ? " next " : "", list->next_page_token);
}

static void put_notifications(struct printer *out,
                              const struct mws_notification_configurations *list)
{
    put(out, "notifications");
    for (uint32_t i = 0; i < list->count; i++) {
        put(out, " %s %u%s", list->configurations[i].notification_url,
            list->configurations[i].event_types,
            list->configurations[i].has_unknown_event_types ? "?" : "");
    }
}

static void put_payment(struct printer *out, const struct mws_reply *reply)
{
    if (reply->action == MWS_CAPTURE || reply->action == MWS_GET_CAPTURE_DETAILS) {
        const struct mws_capture_details *c = &reply->capture;
        put(out, "capture %s %s", c->amazon_capture_id, c->capture_reference_id);
        put_money(out, c->capture_amount);
        put_money(out, c->refunded_amount);
        put_money(out, c->capture_fee);
        put_money(out, c->converted_amount);
        put(out, " %s", c->conversion_rate);
        put_status(out, &c->status);
        put_ids(out, &c->refund_ids);
        put_providers(out, &c->provider_credits);
    } else {
        const struct mws_refund_details *r = &reply->refund;
        put(out, "refund %s %s %s", r->amazon_refund_id, r->refund_reference_id,
            mws_refund_type_name(r->refund_type));
        put_money(out, r->refund_amount);
        put_money(out, r->fee_refunded);
        put_money(out, r->converted_amount);
        put(out, " %s", r->conversion_rate);
        put_status(out, &r->status);
        put_providers(out, &r->provider_credit_reversals);
    }
}

static void put_credit(struct printer *out, const struct mws_reply *reply)
{
    if (reply->action == MWS_GET_PROVIDER_CREDIT_DETAILS) {
        const struct mws_provider_credit_details *c = &reply->provider_credit;
        put(out, "credit %s %s %s", c->amazon_provider_credit_id, c->credit_reference_id,
            c->provider_id);
        put_money(out, c->credit_amount);
        put_money(out, c->credit_reversal_amount);
        put_status(out, &c->status);
        put_ids(out, &c->reversal_ids);
    } else {
        const struct mws_provider_credit_reversal_details *r = &reply->provider_credit_reversal;
        put(out, "reversal %s %s %s", r->amazon_provider_credit_reversal_id,
            r->credit_reversal_reference_id, r->provider_id);
        put_money(out, r->credit_reversal_amount);
        put_status(out, &r->status);
    }
}

static void print(struct printer *out, const struct mws_reply *reply)
{
    out->used = 0;
    switch ((int)reply->action) {
    case MWS_GET_BILLING_AGREEMENT_DETAILS:
    case MWS_SET_BILLING_AGREEMENT_DETAILS:
        put_agreement(out, &reply->billing_agreement);
        return;
    case MWS_VALIDATE_BILLING_AGREEMENT:
        put_validation(out, &reply->validation);
        return;
    case MWS_AUTHORIZE_ON_BILLING_AGREEMENT:
    case MWS_AUTHORIZE:
    case MWS_GET_AUTHORIZATION_DETAILS:
        put_authorization(out, &reply->authorization);
        return;
    case MWS_CAPTURE:
    case MWS_GET_CAPTURE_DETAILS:
    case MWS_REFUND:
    case MWS_GET_REFUND_DETAILS:
        put_payment(out, reply);
        return;
    case MWS_REVERSE_PROVIDER_CREDIT:
    case MWS_GET_PROVIDER_CREDIT_REVERSAL_DETAILS:
    case MWS_GET_PROVIDER_CREDIT_DETAILS:
        put_credit(out, reply);
        return;
    case MWS_GET_SERVICE_STATUS:
        put(out, "service %s %lld %s %s", mws_service_status_name(reply->service.status),
            (long long)reply->service.timestamp.utc_ms, reply->service.message_id, reply->message);
        return;
    case MWS_GET_MERCHANT_ACCOUNT_STATUS:
        put(out, "account %s", mws_account_status_name(reply->account_status));
        return;
    case MWS_GET_MERCHANT_NOTIFICATION_CONFIGURATION:
        put_notifications(out, &reply->notifications);
        return;
    case MWS_LIST_ORDER_REFERENCE:
    case MWS_LIST_ORDER_REFERENCE_BY_NEXT_TOKEN:
        put_list(out, &reply->order_list);
        return;
    default:
        put_order(out, &reply->order_reference);
    }
}

/* ---- an answer from elements ---- */

static size_t element_count(const struct sample *sample)
{
    size_t count = 0;
    while (count < ELEMENTS_MAX && sample->elements[count].text != NULL) {
        count++;
    }
    return count;
}

static const char *build(const struct sample *sample, const char *const *texts, size_t count,
                         const char *between)
{
    static char out[TEXT_MAX];
    const char *action = mws_action_name(sample->action);
    bool is_wrapped = sample->wrapper[0] != '\0';
    char *end =
        out + snprintf(out, sizeof out, "<%sResponse " NS "><%sResult>%s%s%s", action, action,
                       is_wrapped ? "<" : "", sample->wrapper, is_wrapped ? ">" : "");
    for (size_t i = 0; i < count; i++) {
        end = stpcpy(stpcpy(end, texts[i]), between);
    }
    (void)snprintf(end, sizeof out - (size_t)(end - out), "%s%s%s</%sResult>" ID "</%sResponse>",
                   is_wrapped ? "</" : "", sample->wrapper, is_wrapped ? ">" : "", action, action);
    return out;
}

static void must_print(void **state, const struct sample *sample, const char *text)
{
    struct printer out;
    struct mws_reply reply = must_read(state, sample->action, text);
    print(&out, &reply);
    assert_string_equal(out.text, sample->printed);
}

static void the_order_of_elements_does_not_matter(void **state)
{
    for (const struct sample *sample = reply_samples; sample->action != 0; sample++) {
        const char *texts[ELEMENTS_MAX];
        size_t count = element_count(sample);
        for (size_t turn = 0; turn < 2 * count; turn++) {
            for (size_t i = 0; i < count; i++) {
                size_t at = turn < count ? (i + turn) % count : (turn + count - i) % count;
                texts[i] = sample->elements[at].text;
            }
            must_print(state, sample, build(sample, texts, count, ""));
            must_print(state, sample, build(sample, texts, count, "\n <Unknown>1</Unknown> "));
        }
    }
}

static void of_a_doubled_element_the_first_counts(void **state)
{
    for (const struct sample *sample = reply_samples; sample->action != 0; sample++) {
        const char *texts[ELEMENTS_MAX + 1];
        size_t count = element_count(sample);
        for (size_t doubled = 0; doubled < count; doubled++) {
            for (size_t i = 0; i < count; i++) {
                texts[i] = sample->elements[i].text;
            }
            texts[count] = sample->elements[doubled].other;
            if (texts[count] != NULL) {
                must_print(state, sample, build(sample, texts, count + 1, ""));
            }
        }
    }
}

static void only_what_is_required_must_be_there(void **state)
{
    for (const struct sample *sample = reply_samples; sample->action != 0; sample++) {
        const char *texts[ELEMENTS_MAX];
        size_t count = element_count(sample);
        size_t required = 0;
        for (size_t missing = 0; missing < count; missing++) {
            size_t used = 0;
            for (size_t i = 0; i < count; i++) {
                if (i != missing) {
                    texts[used++] = sample->elements[i].text;
                }
            }
            const char *text = build(sample, texts, used, "");
            if (sample->elements[missing].is_required) {
                must_not_read(state, sample->action, 200, text, "missing");
            } else {
                (void)must_read(state, sample->action, text);
            }
        }
        for (size_t i = 0; i < count; i++) {
            if (sample->elements[i].is_required) {
                texts[required++] = sample->elements[i].text;
            }
        }
        (void)must_read(state, sample->action, build(sample, texts, required, ""));
    }
}

static void what_is_absent_is_poison_never_or_empty(void **state)
{
    struct mws_reply reply =
        must_read(state, MWS_GET_CAPTURE_DETAILS,
                  RESULT("GetCaptureDetails",
                         "<CaptureDetails><AmazonCaptureId>C</AmazonCaptureId><CaptureReferenceId>c"
                         "</CaptureReferenceId>" PRICE("CaptureAmount", "1")
                             STATUS("CaptureStatus", STATE("Pending")) "</CaptureDetails>"));
    assert_false(money_is_valid(reply.capture.refunded_amount));
    assert_false(money_is_valid(reply.capture.converted_amount));
    assert_int_equal(reply.capture.refund_ids.count, 0);
    reply = must_read(
        state, MWS_GET_ORDER_REFERENCE_DETAILS,
        RESULT("GetOrderReferenceDetails",
               "<OrderReferenceDetails><AmazonOrderReferenceId>S</AmazonOrderReferenceId>" STATUS(
                   "OrderReferenceStatus", STATE("Draft")) "</OrderReferenceDetails>"));
    assert_false(money_is_valid(reply.order_reference.order_total));
    assert_int_equal(reply.order_reference.expiration.utc_ms, INT64_MAX);
}

static void unknown_words_are_told(void **state)
{
    struct mws_reply reply =
        must_read(state, MWS_GET_SERVICE_STATUS,
                  RESULT("GetServiceStatus", "<Status>MAUVE</Status><MessageId/>"));
    assert_int_equal(reply.service.status, MWS_SERVICE_STATUS_UNKNOWN);
    assert_non_null(strstr(reply.message, "MAUVE"));
    reply = must_read(state, MWS_GET_MERCHANT_ACCOUNT_STATUS,
                      RESULT("GetMerchantAccountStatus", "<AccountStatus>DOZING</AccountStatus>"));
    assert_int_equal(reply.account_status, MWS_ACCOUNT_STATUS_UNKNOWN);
    assert_non_null(strstr(reply.message, "DOZING"));
    reply = must_read(state, MWS_GET_MERCHANT_NOTIFICATION_CONFIGURATION,
                      RESULT("GetMerchantNotificationConfiguration",
                             "<NotificationConfigurationList><member><NotificationUrl>https://a"
                             "</NotificationUrl><EventTypes><member>ALL</member><member>WEATHER"
                             "</member></EventTypes></member></NotificationConfigurationList>"));
    assert_int_equal(reply.notifications.configurations[0].event_types, 1U << MWS_EVENT_ALL);
    assert_true(reply.notifications.configurations[0].has_unknown_event_types);
}

/* A list that is longer than its room, a text that is longer than its array. */
static void what_does_not_fit_is_unreadable(void **state)
{
    char text[TEXT_MAX];
    char *end = stpcpy(text, "<GetMerchantNotificationConfigurationResponse>"
                             "<GetMerchantNotificationConfigurationResult>"
                             "<NotificationConfigurationList>");
    for (int i = 0; i <= MWS_CONFIGURATIONS_MAX; i++) {
        end = stpcpy(end, "<member><NotificationUrl>https://a</NotificationUrl></member>");
    }
    (void)stpcpy(end, "</NotificationConfigurationList>"
                      "</GetMerchantNotificationConfigurationResult>"
                      "</GetMerchantNotificationConfigurationResponse>");
    must_not_read(state, MWS_GET_MERCHANT_NOTIFICATION_CONFIGURATION, 200, text, "more than");

    for (int bytes = MWS_TOKEN_MAX - 1; bytes <= MWS_TOKEN_MAX; bytes++) {
        (void)snprintf(text, sizeof text,
                       RESULT("ListOrderReference", "<NextPageToken>%0*d</NextPageToken>"), bytes,
                       0);
        if (bytes < MWS_TOKEN_MAX) {
            struct mws_reply reply = must_read(state, MWS_LIST_ORDER_REFERENCE, text);
            assert_int_equal(strlen(reply.order_list.next_page_token), bytes);
        } else {
            must_not_read(state, MWS_LIST_ORDER_REFERENCE, 200, text, "NextPageToken");
        }
    }
}

static void operations_without_a_result_may_leave_it_out(void **state)
{
    static const enum mws_action actions[] = {
        MWS_CONFIRM_ORDER_REFERENCE,
        MWS_CANCEL_ORDER_REFERENCE,
        MWS_CLOSE_ORDER_REFERENCE,
        MWS_CLOSE_AUTHORIZATION,
        MWS_SET_MERCHANT_NOTIFICATION_CONFIGURATION,
    };
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        char text[400];
        const char *name = mws_action_name(actions[i]);
        (void)snprintf(text, sizeof text, "<%sResponse " NS ">" ID "</%sResponse>", name, name);
        (void)must_read(state, actions[i], text);
        (void)snprintf(text, sizeof text, "<%sResponse><%sResult/></%sResponse>", name, name, name);
        (void)must_read(state, actions[i], text);
        must_not_read(state, actions[i], 200, "<AuthorizeResponse/>", "expected");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_elements_does_not_matter),
        cmocka_unit_test(of_a_doubled_element_the_first_counts),
        cmocka_unit_test(only_what_is_required_must_be_there),
        cmocka_unit_test(what_is_absent_is_poison_never_or_empty),
        cmocka_unit_test(unknown_words_are_told),
        cmocka_unit_test(what_does_not_fit_is_unreadable),
        cmocka_unit_test(operations_without_a_result_may_leave_it_out),
    };
    return cmocka_run_group_tests(tests, make_xml, free_xml);
}
