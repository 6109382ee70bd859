/*
 * test_reply_objects.c - orders, captures, refunds and the rest, in every order of their elements.
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

#define ELEMENTS_MAX 16
#define TEXT_MAX     16384

struct element {
    const char *text;
    const char *other; /* the same element with another value; NULL = of a list, never doubled */
    bool is_required;
};

struct sample {
    enum mws_action action;
    const char *wrapper; /* "" = the elements stand in the result itself */
    const char *printed; /* of the whole */
    struct element elements[ELEMENTS_MAX];
};

#define PRICE(name, amount)                                                                        \
    "<" name "><CurrencyCode>JPY</CurrencyCode><Amount>" amount "</Amount></" name ">"
#define STATUS(name, inner)                                                                        \
    "<" name "><LastUpdateTimestamp>2026-11-22T01:02:03.004Z</LastUpdateTimestamp>" inner          \
    "<ReasonDescription>d</ReasonDescription></" name ">"
#define STATE(state)   "<State>" state "</State>"
#define REASON(reason) "<ReasonCode>" reason "</ReasonCode>"

#define ORDER_ELEMENTS                                                                             \
    {                                                                                              \
        {"<AmazonOrderReferenceId>S03-1-2</AmazonOrderReferenceId>",                               \
         "<AmazonOrderReferenceId>S03-9-9</AmazonOrderReferenceId>", true},                        \
            {STATUS("OrderReferenceStatus", STATE("Closed") REASON("MaxAmountCharged")),           \
             STATUS("OrderReferenceStatus", STATE("Open")), true},                                 \
            {PRICE("OrderTotal", "1200.00"), PRICE("OrderTotal", "1"), false},                     \
            {"<SellerOrderAttributes><StoreName>s</StoreName><SellerOrderId>KEY-1</SellerOrderId>" \
             "</SellerOrderAttributes>",                                                           \
             "<SellerOrderAttributes><SellerOrderId>KEY-2</SellerOrderId></"                       \
             "SellerOrderAttributes>",                                                             \
             false},                                                                               \
            {"<ParentDetails><Type>BillingAgreement</Type><Id>C03-1-2</Id></ParentDetails>",       \
             "<ParentDetails><Id>C03-9-9</Id></ParentDetails>", false},                            \
            {"<IdList><member>A1</member><member>A2</member></IdList>",                            \
             "<IdList><member>A9</member></IdList>", false},                                       \
            {"<Constraints><Constraint><Description>d</Description><ConstraintID>AmountNotSet"     \
             "</ConstraintID></Constraint></Constraints>",                                         \
             "<Constraints/>", false},                                                             \
            {"<ExpirationTimestamp>2027-05-21T01:02:03.004Z</ExpirationTimestamp>",                \
             "<ExpirationTimestamp>2028-05-21T01:02:03.004Z</ExpirationTimestamp>", false},        \
        {                                                                                          \
            "<Buyer><Name>\xe5\xb1\xb1</Name></Buyer>", "<Buyer/>", false                          \
        }                                                                                          \
    }
#define ORDER_PRINTED                                                                              \
    "order S03-1-2 KEY-1 C03-1-2 1200 Closed/MaxAmountCharged 1810861323004 [AmountNotSet] A1 A2"

#define CAPTURE_ELEMENTS                                                                           \
    {                                                                                              \
        {"<AmazonCaptureId>S03-1-2-C000001</AmazonCaptureId>",                                     \
         "<AmazonCaptureId>S03-1-2-C000002</AmazonCaptureId>", true},                              \
            {"<CaptureReferenceId>c-1</CaptureReferenceId>",                                       \
             "<CaptureReferenceId>c-2</CaptureReferenceId>", true},                                \
            {PRICE("CaptureAmount", "1200.00"), PRICE("CaptureAmount", "1"), true},                \
            {STATUS("CaptureStatus", STATE("Completed")),                                          \
             STATUS("CaptureStatus", STATE("Declined")), true},                                    \
            {PRICE("RefundedAmount", "30"), PRICE("RefundedAmount", "0"), false},                  \
            {PRICE("CaptureFee", "0.00"), PRICE("CaptureFee", "1"), false},                        \
            {PRICE("ConvertedAmount", "7"), PRICE("ConvertedAmount", "8"), false},                 \
            {"<IdList><member>R1</member></IdList>", "<IdList/>", false},                          \
            {"<ProviderCreditSummaryList><member><ProviderCreditId>P1</ProviderCreditId>"          \
             "<ProviderId>A1</ProviderId></member></ProviderCreditSummaryList>",                   \
             "<ProviderCreditSummaryList/>", false},                                               \
            {"<SoftDescriptor>AMZ*x</SoftDescriptor>", "<SoftDescriptor/>", false},                \
        {                                                                                          \
            "<CreationTimestamp>2026-11-22T01:02:03.004Z</CreationTimestamp>",                     \
                "<CreationTimestamp/>", false                                                      \
        }                                                                                          \
    }
#define CAPTURE_PRINTED "capture S03-1-2-C000001 c-1 1200 30 0 7 Completed/ R1 A1:P1"

#define REFUND_ELEMENTS                                                                            \
    {                                                                                              \
        {"<AmazonRefundId>S03-1-2-R000001</AmazonRefundId>",                                       \
         "<AmazonRefundId>S03-1-2-R000002</AmazonRefundId>", true},                                \
            {"<RefundReferenceId>r-1</RefundReferenceId>",                                         \
             "<RefundReferenceId>r-2</RefundReferenceId>", true},                                  \
            {PRICE("RefundAmount", "30"), PRICE("RefundAmount", "31"), true},                      \
            {STATUS("RefundStatus", STATE("Declined") REASON("ProcessingFailure")),                \
             STATUS("RefundStatus", STATE("Completed")), true},                                    \
            {"<RefundType>AmazonA-ZGuarantee</RefundType>",                                        \
             "<RefundType>SellerInitiated</RefundType>", false},                                   \
            {PRICE("FeeRefunded", "0.00"), PRICE("FeeRefunded", "1"), false},                      \
            {PRICE("ConvertedAmount", "7"), PRICE("ConvertedAmount", "8"), false},                 \
        {                                                                                          \
            "<ProviderCreditReversalSummaryList><member><ProviderId>A1</ProviderId>"               \
            "<ProviderCreditReversalId>Q1</ProviderCreditReversalId></member>"                     \
            "</ProviderCreditReversalSummaryList>",                                                \
                "<ProviderCreditReversalSummaryList/>", false                                      \
        }                                                                                          \
    }
#define REFUND_PRINTED                                                                             \
    "refund S03-1-2-R000001 r-1 AmazonA-ZGuarantee 30 0 7 Declined/ProcessingFailure A1:Q1"

#define REVERSAL_ELEMENTS                                                                          \
    {                                                                                              \
        {"<AmazonProviderCreditReversalId>Q1</AmazonProviderCreditReversalId>",                    \
         "<AmazonProviderCreditReversalId>Q2</AmazonProviderCreditReversalId>", true},             \
            {"<CreditReversalReferenceId>q-1</CreditReversalReferenceId>",                         \
             "<CreditReversalReferenceId>q-2</CreditReversalReferenceId>", true},                  \
            {PRICE("CreditReversalAmount", "5"), PRICE("CreditReversalAmount", "6"), true},        \
            {STATUS("CreditReversalStatus", STATE("Completed")),                                   \
             STATUS("CreditReversalStatus", STATE("Pending")), true},                              \
            {"<ProviderId>A1</ProviderId>", "<ProviderId>A2</ProviderId>", false},                 \
        {                                                                                          \
            "<SellerId>S</SellerId>", "<SellerId/>", false                                         \
        }                                                                                          \
    }
#define REVERSAL_PRINTED "reversal Q1 q-1 A1 5 Completed/"

static const struct sample samples[] = {
    {MWS_CREATE_ORDER_REFERENCE_FOR_ID, "OrderReferenceDetails", ORDER_PRINTED, ORDER_ELEMENTS},
    {MWS_SET_ORDER_REFERENCE_DETAILS, "OrderReferenceDetails", ORDER_PRINTED, ORDER_ELEMENTS},
    {MWS_SET_ORDER_ATTRIBUTES, "OrderReferenceDetails", ORDER_PRINTED, ORDER_ELEMENTS},
    {MWS_GET_ORDER_REFERENCE_DETAILS, "OrderReferenceDetails", ORDER_PRINTED, ORDER_ELEMENTS},
    {MWS_CAPTURE, "CaptureDetails", CAPTURE_PRINTED, CAPTURE_ELEMENTS},
    {MWS_GET_CAPTURE_DETAILS, "CaptureDetails", CAPTURE_PRINTED, CAPTURE_ELEMENTS},
    {MWS_REFUND, "RefundDetails", REFUND_PRINTED, REFUND_ELEMENTS},
    {MWS_GET_REFUND_DETAILS, "RefundDetails", REFUND_PRINTED, REFUND_ELEMENTS},
    {MWS_REVERSE_PROVIDER_CREDIT, "ProviderCreditReversalDetails", REVERSAL_PRINTED,
     REVERSAL_ELEMENTS},
    {MWS_GET_PROVIDER_CREDIT_REVERSAL_DETAILS, "ProviderCreditReversalDetails", REVERSAL_PRINTED,
     REVERSAL_ELEMENTS},
    {MWS_GET_PROVIDER_CREDIT_DETAILS,
     "ProviderCreditDetails",
     "credit P1 k-1 A1 10 5 Closed/MaxAmountReversed Q1 Q2",
     {
         {"<AmazonProviderCreditId>P1</AmazonProviderCreditId>",
          "<AmazonProviderCreditId>P2</AmazonProviderCreditId>", true},
         {PRICE("CreditAmount", "10"), PRICE("CreditAmount", "11"), true},
         {STATUS("CreditStatus", STATE("Closed") REASON("MaxAmountReversed")),
          STATUS("CreditStatus", STATE("Open")), true},
         {"<CreditReferenceId>k-1</CreditReferenceId>",
          "<CreditReferenceId>k-2</CreditReferenceId>", false},
         {"<ProviderId>A1</ProviderId>", "<ProviderId>A2</ProviderId>", false},
         {PRICE("CreditReversalAmount", "5"), PRICE("CreditReversalAmount", "6"), false},
         {"<CreditReversalIdList><member>Q1</member><member>Q2</member></CreditReversalIdList>",
          "<CreditReversalIdList/>", false},
     }},
    {MWS_GET_SERVICE_STATUS,
     "",
     "service GREEN_I 1795309323004 m-1 we are busy",
     {
         {"<Status>GREEN_I</Status>", "<Status>RED</Status>", true},
         {"<Timestamp>2026-11-22T01:02:03.004Z</Timestamp>",
          "<Timestamp>2027-11-22T01:02:03.004Z</Timestamp>", false},
         {"<MessageId>m-1</MessageId>", "<MessageId>m-2</MessageId>", false},
         {"<Messages><Message><Locale>en_US</Locale><Text>we are busy</Text></Message>"
          "<Message><Locale>ja_JP</Locale><Text>x</Text></Message></Messages>",
          "<Messages/>", false},
     }},
    {MWS_GET_MERCHANT_ACCOUNT_STATUS,
     "",
     "account INACTIVE",
     {{"<AccountStatus>INACTIVE</AccountStatus>", "<AccountStatus>ACTIVE</AccountStatus>", true}}},
    {MWS_GET_MERCHANT_NOTIFICATION_CONFIGURATION,
     "NotificationConfigurationList",
     "notifications https://a/1 2 https://a/2 24",
     {{"<member><NotificationUrl>https://a/1</NotificationUrl><EventTypes><member>ALL</member>"
       "</EventTypes></member><member><EventTypes><member>PAYMENT_AUTHORIZE</member>"
       "<member>PAYMENT_CAPTURE</member></EventTypes><NotificationUrl>https://a/2"
       "</NotificationUrl></member>",
       NULL, false}}},
    {MWS_LIST_ORDER_REFERENCE_BY_NEXT_TOKEN,
     "",
     "list S03-1-2:KEY-1:Open next eyJ",
     {
         {"<OrderReferenceList><OrderReference><OrderReferenceStatus><State>Open</State>"
          "</OrderReferenceStatus><SellerOrderAttributes><SellerOrderId>KEY-1</SellerOrderId>"
          "</SellerOrderAttributes><AmazonOrderReferenceId>S03-1-2</AmazonOrderReferenceId>"
          "</OrderReference></OrderReferenceList>",
          "<OrderReferenceList/>", false},
         {"<NextPageToken>eyJ</NextPageToken>", "<NextPageToken>fyJ</NextPageToken>", false},
     }},
};

#define SAMPLE_COUNT (sizeof samples / sizeof samples[0])

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
    put(out, " %s/%s", mws_state_name(status->state), mws_reason_name(status->reason));
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

static void put_order(struct printer *out, const struct mws_order_reference_details *order)
{
    put(out, "order %s %s %s", order->amazon_order_reference_id, order->seller_order_id,
        order->parent_id);
    put_money(out, order->order_total);
    put_status(out, &order->status);
    put(out, " %lld", (long long)order->expiration.utc_ms);
    for (uint32_t i = 0; i < order->constraint_count; i++) {
        put(out, " [%s]", order->constraints[i]);
    }
    for (uint32_t i = 0; i < order->authorization_count; i++) {
        put(out, " %s", order->authorization_ids[i]);
    }
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
    for (size_t s = 0; s < SAMPLE_COUNT; s++) {
        const char *texts[ELEMENTS_MAX];
        size_t count = element_count(&samples[s]);
        for (size_t turn = 0; turn < 2 * count; turn++) {
            for (size_t i = 0; i < count; i++) {
                size_t at = turn < count ? (i + turn) % count : (turn + count - i) % count;
                texts[i] = samples[s].elements[at].text;
            }
            must_print(state, &samples[s], build(&samples[s], texts, count, ""));
            must_print(state, &samples[s],
                       build(&samples[s], texts, count, "\n <Unknown>1</Unknown> "));
        }
    }
}

static void of_a_doubled_element_the_first_counts(void **state)
{
    for (size_t s = 0; s < SAMPLE_COUNT; s++) {
        const char *texts[ELEMENTS_MAX + 1];
        size_t count = element_count(&samples[s]);
        for (size_t doubled = 0; doubled < count; doubled++) {
            for (size_t i = 0; i < count; i++) {
                texts[i] = samples[s].elements[i].text;
            }
            texts[count] = samples[s].elements[doubled].other;
            if (texts[count] != NULL) {
                must_print(state, &samples[s], build(&samples[s], texts, count + 1, ""));
            }
        }
    }
}

static void only_what_is_required_must_be_there(void **state)
{
    for (size_t s = 0; s < SAMPLE_COUNT; s++) {
        const char *texts[ELEMENTS_MAX];
        size_t count = element_count(&samples[s]);
        size_t required = 0;
        for (size_t missing = 0; missing < count; missing++) {
            size_t used = 0;
            for (size_t i = 0; i < count; i++) {
                if (i != missing) {
                    texts[used++] = samples[s].elements[i].text;
                }
            }
            const char *text = build(&samples[s], texts, used, "");
            if (samples[s].elements[missing].is_required) {
                must_not_read(state, samples[s].action, 200, text, "missing");
            } else {
                (void)must_read(state, samples[s].action, text);
            }
        }
        for (size_t i = 0; i < count; i++) {
            if (samples[s].elements[i].is_required) {
                texts[required++] = samples[s].elements[i].text;
            }
        }
        (void)must_read(state, samples[s].action, build(&samples[s], texts, required, ""));
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
