/*
 * test_region.c - the table of regions, and what an id of Amazon's says about where it belongs.
 *
 * Goal: what the table says is what Amazon's documents say, each value once more by hand; an id of
 * the other environment or of another region is told apart with a sentence.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mws/region.h"

static void the_table_is_amazons(void **state)
{
    (void)state;
    static const struct mws_region_facts expected[] = {
        {MWS_REGION_JP, "jp", "mws.amazonservices.jp", "api.amazon.co.jp",
         "api.sandbox.amazon.co.jp", "JPY", "FE_JPY", "03", "50000"},
        {MWS_REGION_NA, "na", "mws.amazonservices.com", "api.amazon.com", "api.sandbox.amazon.com",
         "USD", "NA_USD", "01", "1000"},
        {MWS_REGION_EU, "eu", "mws-eu.amazonservices.com", "api.amazon.de", "api.sandbox.amazon.de",
         "EUR", "EU_EUR", "02", "1000"},
        {MWS_REGION_UK, "uk", "mws-eu.amazonservices.com", "api.amazon.co.uk",
         "api.sandbox.amazon.co.uk", "GBP", "EU_GBP", "02", "500"},
    };
    const struct mws_region_facts *at = mws_regions();
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++, at++) {
        assert_int_equal(at->region, expected[i].region);
        assert_string_equal(at->name, expected[i].name);
        assert_string_equal(at->host, expected[i].host);
        assert_string_equal(at->profile_host, expected[i].profile_host);
        assert_string_equal(at->profile_host_sandbox, expected[i].profile_host_sandbox);
        assert_string_equal(at->currency, expected[i].currency);
        assert_string_equal(at->payment_domain, expected[i].payment_domain);
        assert_string_equal(at->id_digits, expected[i].id_digits);
        assert_string_equal(at->monthly_limit, expected[i].monthly_limit);
        assert_ptr_equal(mws_region_facts(expected[i].region), at);
        struct money limit;
        assert_true(money_parse(at->monthly_limit, at->currency, &limit));
    }
    assert_int_equal(at->region, 0);
    assert_string_equal(mws_environment_path(MWS_LIVE), "/OffAmazonPayments/2013-01-01");
    assert_string_equal(mws_environment_path(MWS_SANDBOX), "/OffAmazonPayments_Sandbox/2013-01-01");
    assert_string_equal(mws_environment_name(MWS_LIVE), "live");
    assert_string_equal(mws_environment_name(MWS_SANDBOX), "sandbox");
}

static void an_id_says_where_it_belongs(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        enum mws_region region;
        enum mws_environment environment;
        const char *sentence; /* NULL = it belongs there */
    } cases[] = {
        {"C03-1234567-1234567", MWS_REGION_JP, MWS_SANDBOX, NULL},
        {"S03-1234567-1234567-A123456", MWS_REGION_JP, MWS_SANDBOX, NULL},
        {"B03-1234567-1234567", MWS_REGION_JP, MWS_LIVE, NULL},
        {"P01-1234567-1234567-C123456", MWS_REGION_NA, MWS_LIVE, NULL},
        {"P02-1234567-1234567-1234567", MWS_REGION_EU, MWS_LIVE, NULL}, /* of 2013 */
        {"P02-1234567-1234567-Q123456", MWS_REGION_UK, MWS_LIVE, NULL},
        {"C04-1234567-1234567", MWS_REGION_JP, MWS_SANDBOX, NULL}, /* no region that we know */

        {"C03-1234567-1234567", MWS_REGION_JP, MWS_LIVE,
         "C03-1234567-1234567 belongs to the sandbox environment, not to live"},
        {"S03-1-2-A1", MWS_REGION_JP, MWS_LIVE,
         "S03-1-2-A1 belongs to the sandbox environment, not to live"},
        {"B03-1234567-1234567", MWS_REGION_JP, MWS_SANDBOX,
         "B03-1234567-1234567 belongs to the live environment, not to sandbox"},
        {"P01-1-2", MWS_REGION_NA, MWS_SANDBOX,
         "P01-1-2 belongs to the live environment, not to sandbox"},
        {"C01-1-2", MWS_REGION_JP, MWS_SANDBOX, "C01-1-2 belongs to region na, not to jp"},
        {"C02-1-2", MWS_REGION_NA, MWS_SANDBOX, "C02-1-2 belongs to region eu or uk, not to na"},
        {"B03-1-2", MWS_REGION_UK, MWS_LIVE, "B03-1-2 belongs to region jp, not to uk"},
        {"B03-1-2", MWS_REGION_EU, MWS_LIVE, "B03-1-2 belongs to region jp, not to eu"},

        {"", MWS_REGION_JP, MWS_SANDBOX, " is no id of Amazon Pay's"},
        {"C", MWS_REGION_JP, MWS_SANDBOX, "C is no id"},
        {"C0", MWS_REGION_JP, MWS_SANDBOX, "C0 is no id"},
        {"C03", MWS_REGION_JP, MWS_SANDBOX, "C03 is no id"},
        {"C03-", MWS_REGION_JP, MWS_SANDBOX, "C03- is no id"},
        {"c03-1-2", MWS_REGION_JP, MWS_SANDBOX, "c03-1-2 is no id"},
        {"A03-1-2", MWS_REGION_JP, MWS_SANDBOX, "A03-1-2 is no id"},
        {"CX3-1-2", MWS_REGION_JP, MWS_SANDBOX, "CX3-1-2 is no id"},
        {"C03-1234567-1234567 ", MWS_REGION_JP, MWS_SANDBOX, "they look like C03-"},
        {"C03-1\n2", MWS_REGION_NA, MWS_SANDBOX, "they look like C01-"},
        {"amzn1.account.K2LI23KL2LK2", MWS_REGION_JP, MWS_SANDBOX, "is no id"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct problem problem = {""};
        enum status status =
            mws_id_check(cases[i].id, cases[i].region, cases[i].environment, &problem);
        const char *sentence = cases[i].sentence;
        if (status != (sentence == NULL ? ST_OK : ST_INVALID)) {
            fail_msg("%s: %s %s", cases[i].id, status_name(status), problem.text);
        }
        if (sentence != NULL && strstr(problem.text, sentence) == NULL) {
            fail_msg("%s: \"%s\" where \"%s\" was expected", cases[i].id, problem.text, sentence);
        }
        bool is_shape_wrong = strstr(problem.text, "is no id") != NULL;
        assert_int_equal(mws_is_id(cases[i].id), !is_shape_wrong);
    }
    assert_int_equal(mws_id_check("B03-1", MWS_REGION_JP, MWS_SANDBOX, NULL), ST_INVALID);
}

/* Any prefix of an id is either an id still, or none: nothing is read behind its end. */
static void a_cut_id_is_read_to_its_end_only(void **state)
{
    (void)state;
    char exact[24];
    for (size_t length = 0; length < 19; length++) {
        memset(exact, '-', sizeof exact);
        memcpy(exact, "C03-1234567-1234567", length);
        exact[length] = '\0';
        assert_int_equal(mws_is_id(exact), length >= 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_amazons),
        cmocka_unit_test(an_id_says_where_it_belongs),
        cmocka_unit_test(a_cut_id_is_read_to_its_end_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
