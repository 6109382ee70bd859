/*
 * test_reply_buyer.c - what no decision needs: who pays, where to deliver, when a state was last
 * updated, fees and conversions.
 *
 * Goal: it is read where it is there, and whatever is wrong with it, the answer around it counts.
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

#define YAMADA "\xe5\xb1\xb1\xe7\x94\xb0"
#define FULL                                                                                       \
    "<Buyer><Email>taro@example.com</Email><Phone>03-1234-5678</Phone><Name>" YAMADA               \
    "</Name></Buyer><Destination><PhysicalDestination><Phone>090-1234-5678</Phone>"                \
    "<CountryCode>JP</CountryCode><PostalCode>153-0064</PostalCode><StateOrRegion>Tokyo"           \
    "</StateOrRegion><City>Meguro</City><District>d</District><County>c</County>"                  \
    "<AddressLine3>3</AddressLine3><AddressLine2>2</AddressLine2><AddressLine1>1-8-1"              \
    "</AddressLine1><Name>" YAMADA "</Name></PhysicalDestination><DestinationType>Physical"        \
    "</DestinationType></Destination>"
#define PARTIAL                                                                                    \
    "<Destination><DestinationType>Physical</DestinationType><PhysicalDestination><StateOrRegion>" \
    "Tokyo</StateOrRegion><PostalCode>153-0064</PostalCode></PhysicalDestination></Destination>"

#define HOLLOW "<Buyer>x</Buyer><Destination><PhysicalDestination/></Destination>"

static const struct kind {
    enum mws_action action;
    const char *start, *end;
} kinds[] = {
    {MWS_GET_BILLING_AGREEMENT_DETAILS,
     "<GetBillingAgreementDetailsResponse><GetBillingAgreementDetailsResult>"
     "<BillingAgreementDetails><AmazonBillingAgreementId>C03-1-2</AmazonBillingAgreementId>"
     "<BillingAgreementStatus><State>Open</State></BillingAgreementStatus>",
     "</BillingAgreementDetails></GetBillingAgreementDetailsResult>"
     "</GetBillingAgreementDetailsResponse>"},
    {MWS_GET_ORDER_REFERENCE_DETAILS,
     "<GetOrderReferenceDetailsResponse><GetOrderReferenceDetailsResult><OrderReferenceDetails>"
     "<AmazonOrderReferenceId>S03-1-2</AmazonOrderReferenceId>"
     "<OrderReferenceStatus><State>Open</State></OrderReferenceStatus>",
     "</OrderReferenceDetails></GetOrderReferenceDetailsResult>"
     "</GetOrderReferenceDetailsResponse>"},
};

#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

struct people {
    struct mws_buyer buyer;
    struct mws_address destination;
};

static struct people read_people(void **state, const struct kind *kind, const char *inner)
{
    char text[32768];
    int length = snprintf(text, sizeof text, "%s%s%s", kind->start, inner, kind->end);
    assert_in_range(length, 1, sizeof text - 1);
    struct mws_reply reply = must_read(state, kind->action, text);
    if (kind->action == MWS_GET_BILLING_AGREEMENT_DETAILS) {
        return (struct people){reply.billing_agreement.buyer, reply.billing_agreement.destination};
    }
    return (struct people){reply.order_reference.buyer, reply.order_reference.destination};
}

static void a_full_address_is_read_whole(void **state)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        struct people people = read_people(state, &kinds[i], FULL);
        const struct mws_address *to = &people.destination;
        assert_string_equal(people.buyer.name, YAMADA);
        assert_string_equal(people.buyer.email, "taro@example.com");
        assert_string_equal(people.buyer.phone, "03-1234-5678");
        assert_false(people.buyer.is_cut);
        assert_string_equal(to->name, YAMADA);
        assert_string_equal(to->lines[0], "1-8-1");
        assert_string_equal(to->lines[1], "2");
        assert_string_equal(to->lines[2], "3");
        assert_string_equal(to->city, "Meguro");
        assert_string_equal(to->county, "c");
        assert_string_equal(to->district, "d");
        assert_string_equal(to->state_or_region, "Tokyo");
        assert_string_equal(to->postal_code, "153-0064");
        assert_string_equal(to->country_code, "JP");
        assert_string_equal(to->phone, "090-1234-5678");
        assert_false(to->is_cut);
    }
}

/* Before confirmation Amazon tells the region only: the rest is empty, not left from another. */
static void of_a_partial_address_the_rest_is_empty(void **state)
{
    static const struct people nobody;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        struct people people = read_people(state, &kinds[i], PARTIAL);
        assert_string_equal(people.destination.state_or_region, "Tokyo");
        assert_string_equal(people.destination.postal_code, "153-0064");
        assert_string_equal(people.destination.name, "");
        assert_string_equal(people.destination.lines[0], "");
        assert_string_equal(people.destination.phone, "");
        assert_memory_equal(&people.buyer, &nobody.buyer, sizeof nobody.buyer);
        static const char *const nothing[] = {"", "<Buyer/><Destination/>", HOLLOW};
        for (size_t n = 0; n < sizeof nothing / sizeof nothing[0]; n++) {
            people = read_people(state, &kinds[i], nothing[n]);
            assert_memory_equal(&people, &nobody, sizeof nobody);
        }
    }
}

static void of_a_doubled_person_the_first_counts(void **state)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        struct people people = read_people(state, &kinds[i], PARTIAL FULL);
        assert_string_equal(people.destination.name, "");
        assert_string_equal(people.destination.postal_code, "153-0064");
        assert_string_equal(people.buyer.name, YAMADA);
        people =
            read_people(state, &kinds[i],
                        "<Buyer><Name>a</Name><Name>b</Name></Buyer><Buyer><Name>c</Name></Buyer>");
        assert_string_equal(people.buyer.name, "a");
    }
}

/* Goal: at its end, not in the middle of a character, and said so. */
static void what_is_too_long_is_cut(void **state)
{
    static const char character[] = "\xe6\x97\xa5";
    char name[3 * MWS_LINE_MAX];
    char inner[4096];
    for (size_t pad = 0; pad < 3; pad++) {
        for (size_t count = MWS_LINE_MAX / 3 - 2; count < MWS_LINE_MAX / 3 + 3; count++) {
            char *end = name;
            for (size_t i = 0; i < pad; i++) {
                *end++ = 'a';
            }
            for (size_t i = 0; i < count; i++) {
                end = stpcpy(end, character);
            }
            (void)snprintf(inner, sizeof inner,
                           "<Buyer><Name>%s</Name></Buyer><Destination><PhysicalDestination>"
                           "<AddressLine2>%s</AddressLine2></PhysicalDestination></Destination>",
                           name, name);
            struct people people = read_people(state, &kinds[pad % KIND_COUNT], inner);
            size_t whole = strlen(name);
            size_t kept = strlen(people.buyer.name);
            assert_int_equal(people.buyer.is_cut, whole >= MWS_LINE_MAX);
            assert_int_equal(people.destination.is_cut, whole >= MWS_LINE_MAX);
            assert_true(kept == whole || kept + 3 >= MWS_LINE_MAX);
            assert_int_equal((kept - pad) % 3, 0);
            assert_memory_equal(people.buyer.name, name, kept);
            assert_string_equal(people.destination.lines[1], people.buyer.name);
        }
    }
}

/* ---- times of update ---- */

#define AUTHORIZED(times, more)                                                                    \
    RESULT("GetAuthorizationDetails",                                                              \
           "<AuthorizationDetails><AmazonAuthorizationId>A</AmazonAuthorizationId>"                \
           "<AuthorizationReferenceId>r</AuthorizationReferenceId><AuthorizationAmount><Amount>1"  \
           "</Amount><CurrencyCode>JPY</CurrencyCode></AuthorizationAmount><AuthorizationStatus>"  \
           "<State>Open</State>" times "</AuthorizationStatus>" more "</AuthorizationDetails>")

static void a_time_of_update_comes_in_two_spellings(void **state)
{
    static const struct {
        const char *text;
        int64_t utc_ms; /* INT64_MAX = absent */
    } cases[] = {
        {AUTHORIZED("<LastUpdateTimestamp>2026-11-22T01:02:03.004Z</LastUpdateTimestamp>", ""),
         INT64_C(1795309323004)},
        {AUTHORIZED("<LastUpdatedTimestamp>2026-11-22T01:02:03Z</LastUpdatedTimestamp>", ""),
         INT64_C(1795309323000)},
        {AUTHORIZED("<LastUpdatedTimestamp>2026-11-22T01:02:04Z</LastUpdatedTimestamp>"
                    "<LastUpdateTimestamp>2026-11-22T01:02:03Z</LastUpdateTimestamp>",
                    ""),
         INT64_C(1795309323000)},
        {AUTHORIZED("", ""), INT64_MAX},
        {AUTHORIZED("<LastUpdateTimestamp/>", ""), INT64_MAX},
        {AUTHORIZED("<LastUpdateTimestamp>yesterday</LastUpdateTimestamp>", ""), INT64_MAX},
        {AUTHORIZED("<LastUpdateTimestamp>2026-11-22T01:02:03+09:00</LastUpdateTimestamp>", ""),
         INT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mws_reply reply = must_read(state, MWS_GET_AUTHORIZATION_DETAILS, cases[i].text);
        assert_int_equal(reply.authorization.status.updated_at.utc_ms, cases[i].utc_ms);
        assert_int_equal(reply.authorization.status.state, MWS_STATE_OPEN);
    }
}

/* ---- fees and conversions ---- */

#define PRICE(name, amount, currency)                                                              \
    "<" name "><Amount>" amount "</Amount><CurrencyCode>" currency "</CurrencyCode></" name ">"

static void a_fee_that_is_no_amount_is_absent(void **state)
{
    static const struct {
        const char *text;
        int64_t cents; /* -1 = absent */
    } cases[] = {
        {AUTHORIZED("", PRICE("AuthorizationFee", "0.00", "JPY")), 0},
        {AUTHORIZED("", PRICE("AuthorizationFee", "12.34", "EUR")), 1234},
        {AUTHORIZED("", ""), -1},
        {AUTHORIZED("", "<AuthorizationFee/>"), -1},
        {AUTHORIZED("", PRICE("AuthorizationFee", "", "JPY")), -1},
        {AUTHORIZED("", PRICE("AuthorizationFee", "1.5", "JPY")), -1},
        {AUTHORIZED("", PRICE("AuthorizationFee", "1", "")), -1},
        {AUTHORIZED("", PRICE("AuthorizationFee", "-1", "JPY")), -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mws_reply reply = must_read(state, MWS_GET_AUTHORIZATION_DETAILS, cases[i].text);
        struct money fee = reply.authorization.authorization_fee;
        assert_int_equal(money_is_valid(fee), cases[i].cents >= 0);
        assert_true(cases[i].cents < 0 || money_minor(fee) == cases[i].cents);
    }
}

#define CAPTURED(more)                                                                             \
    RESULT("GetCaptureDetails",                                                                    \
           "<CaptureDetails><AmazonCaptureId>C</AmazonCaptureId><CaptureReferenceId>c"             \
           "</CaptureReferenceId>" PRICE("CaptureAmount", "1",                                     \
                                         "JPY") "<CaptureStatus><State>Completed</State>"          \
                                                "</CaptureStatus>" more "</CaptureDetails>")

static void a_conversion_rate_is_kept_as_its_text(void **state)
{
    static const struct {
        const char *text, *rate;
    } cases[] = {
        {CAPTURED(PRICE("ConvertedAmount", "1.10", "GBP") "<ConversionRate>0.8912345678"
                                                          "</ConversionRate>"),
         "0.8912345678"},
        {CAPTURED(""), ""},
        {CAPTURED("<ConversionRate/>"), ""},
        {CAPTURED("<ConversionRate>0.891234567890123456789012345678</ConversionRate>"), ""},
        {CAPTURED("<ConversionRate>0.89123456789012345678901234567</ConversionRate>"
                  "<ConvertedAmount/><CaptureFee/>"),
         "0.89123456789012345678901234567"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mws_reply reply = must_read(state, MWS_GET_CAPTURE_DETAILS, cases[i].text);
        /* A number that was cut would be another number. */
        assert_string_equal(reply.capture.conversion_rate, cases[i].rate);
        assert_int_equal(money_is_valid(reply.capture.converted_amount), i == 0);
        assert_false(money_is_valid(reply.capture.capture_fee));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_address_is_read_whole),
        cmocka_unit_test(of_a_partial_address_the_rest_is_empty),
        cmocka_unit_test(of_a_doubled_person_the_first_counts),
        cmocka_unit_test(what_is_too_long_is_cut),
        cmocka_unit_test(a_time_of_update_comes_in_two_spellings),
        cmocka_unit_test(a_fee_that_is_no_amount_is_absent),
        cmocka_unit_test(a_conversion_rate_is_kept_as_its_text),
    };
    return cmocka_run_group_tests(tests, make_xml, free_xml);
}
