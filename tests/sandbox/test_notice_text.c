/*
 * test_notice_text.c - the texts of notifications: every type against the golden ones in
 * notice_texts.txt, read back as XML; and amounts, escapes, samples.
 *
 * Run with NOTICE_TEXTS=print to see the file as it would have to be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/edge/xml.h"
#include "mws/sandbox/notice_data.h"
#include "mws/sandbox/payment.h"
#include "tests/sandbox/listener.h"

#define GOLDEN_BYTES_MAX 65536

#define ORDER_ATTRIBUTES "OrderReferenceAttributes.SellerOrderAttributes."
#define CATEGORIES       "OrderAttributes.SellerOrderAttributes.OrderItemCategories.OrderItemCategory."
#define SHARE(member)    "ProviderCreditList.member.1." member
#define BACK(member)     "ProviderCreditReversalList.member.1." member

/* A life with everything in it. */
static const char *const life[] = {
    ("set amount=100000 " ORDER_ATTRIBUTES "SellerOrderId=o<1>&2 -> 200"),
    ("attributes " CATEGORIES "1=Shoes " CATEGORIES "2=Hats&Caps -> 200"),
    "confirm -> 200",
    "authorize ref=a amount=1000 TransactionTimeout=0 note=shoes SoftDescriptor=A&B -> 200",
    "capture ref=c amount=1000 note=sent -> 200",
    "refund ref=r amount=10 note=sorry -> 200",
    "wait 2s",
    "/control/captures/{capture}/refund {\"type\":\"BuyerCanceled\",\"amount\":\"5\"} -> 201",
    "/control/captures/{capture}/chargeback {\"amount\":\"70\"} -> 200",
    "/control/agreements/{agreement}/address -> 200",
    "/control/agreements/{agreement}/close -> 200",
    ("/control/notifications/solution-provider "
     "{\"seller\":\"A1SELLER\",\"merchant\":\"A2<M>\"} -> 200"),
    "authorize ref=a2 amount=1000 TransactionTimeout=0 -> 200",
    ("capture ref=c2 amount=900 " SHARE("ProviderId=A1PROV ") SHARE("CreditAmount.Amount=100 ")
         SHARE("CreditAmount.CurrencyCode=JPY -> 200")),
    "reverse ref=v amount=60 note=back -> 200",
    ("refund ref=r2 amount=40 " BACK("ProviderId=A1PROV ") BACK("CreditReversalAmount.Amount=40 ")
         BACK("CreditReversalAmount.CurrencyCode=JPY -> 200")),
    "wait 2s",
    "close note=all&done -> 200",
    NULL,
};

static void add_golden(struct text *golden, const struct notice *notice)
{
    const char *id = strstr(notice->data, "<AmazonChargebackId>");

    text_format(golden, "%s%s%s\n", notice->type_name,
                notice->event != NOTICE_EVENT_NONE ? " " : "", notice_event_name(notice->event));
    if (id != NULL) { /* the only thing in there that is random */
        id += strlen("<AmazonChargebackId>");
        assert_int_equal(id[0], 'C');
        assert_int_equal(strcspn(id, "<"), 13);
        text_add_bytes(golden, notice->data, (size_t)(id - notice->data));
        text_add(golden, id + 13);
    } else {
        text_add(golden, notice->data);
    }
    text_add(golden, "\n\n");
}

static void read_back(const struct notice *notice)
{
    struct xml *xml = xml_new();
    struct problem problem;

    if (xml_read(xml, notice->data, strlen(notice->data), &problem) != ST_OK) {
        fail_msg("%s: %s in %s", notice->type_name, problem.text, notice->data);
    }
    xml_free(xml);
}

static void take_all(struct scenario *s, struct text *golden)
{
    struct world *world = &s->driver->sandbox.world;
    struct notice *notice;

    world_advance(world, s->driver->now);
    while ((notice = notice_queue_take(&world->notices)) != NULL) {
        read_back(notice);
        add_golden(golden, notice);
        notice_release(notice);
    }
}

/* AuthorizeOnBillingAgreement in a currency with cents, of an agreement with a name of its own. */
static void charge_dollars(struct scenario *s, const char *reference, const char *amount)
{
    assert_int_equal(
        driver_call(s->driver, "AuthorizeOnBillingAgreement", "AmazonBillingAgreementId",
                    "C01-0000000-0000001", "AuthorizationReferenceId", reference,
                    "AuthorizationAmount.Amount", amount, "AuthorizationAmount.CurrencyCode", "USD",
                    "TransactionTimeout", "0", "CaptureNow", "true", (char *)NULL),
        200);
}

static void make_dollars(struct scenario *s)
{
    driver_agreement(s->driver, "C01-0000000-0000001",
                     ",\"state\":\"Draft\",\"currency\":\"USD\",\"limit\":\"500.00\"");
    assert_int_equal(driver_call(s->driver, "SetBillingAgreementDetails",
                                 "AmazonBillingAgreementId", "C01-0000000-0000001",
                                 "BillingAgreementAttributes.SellerBillingAgreementAttributes."
                                 "SellerBillingAgreementId",
                                 "sub \"1\"", (char *)NULL),
                     200);
    assert_int_equal(driver_call(s->driver, "ConfirmBillingAgreement", "AmazonBillingAgreementId",
                                 "C01-0000000-0000001", (char *)NULL),
                     200);
    charge_dollars(s, "usd-1", "5.00");
    charge_dollars(s, "usd-2", "19.95");
    charge_dollars(s, "usd-3", "0.9");
}

static char *read_golden(void)
{
    FILE *file = fopen(TESTS_DIR "/notice_texts.txt", "re");
    char *text = calloc(1, GOLDEN_BYTES_MAX);

    assert_non_null(text);
    if (file != NULL) {
        size_t length = fread(text, 1, GOLDEN_BYTES_MAX - 1, file);
        text[length] = '\0';
        (void)fclose(file);
    }
    return text;
}

static void compare(const char *made, const char *golden)
{
    size_t same = 0;
    size_t line = 1;
    size_t start = 0;

    while (made[same] != '\0' && made[same] == golden[same]) {
        line += made[same] == '\n';
        start = made[same] == '\n' ? same + 1 : start;
        same++;
    }
    if (made[same] != golden[same]) {
        fail_msg("notice_texts.txt, line %zu, from character %zu: made is\n%.*s\ninstead of\n%.*s",
                 line, same - start + 1, (int)strcspn(made + same, "\n"), made + same,
                 (int)strcspn(golden + same, "\n"), golden + same);
    }
}

static void every_type_is_as_it_was(void **state)
{
    struct scenario s;
    struct text made = {0};
    char *golden = read_golden();

    (void)state;
    scenario_begin(&s, "");
    listen_to_all(&s);
    listener_play(&s, life);
    make_dollars(&s);
    assert_int_equal(driver_control(s.driver, "POST", "/control/notifications/sample",
                                    "{\"seller\":\"A1SELLER\",\"currency\":\"EUR\"}"),
                     200);
    text_add(&made, "");
    take_all(&s, &made);
    if (getenv("NOTICE_TEXTS") != NULL) {
        (void)fputs(made.bytes, stdout);
    } else {
        compare(made.bytes, golden);
    }
    free(golden);
    text_free(&made);
    scenario_end(&s);
}

/* What a reader gets who knows only names, read by another reader than the one that wrote it. */
static void read_by_name(void **state)
{
    static const char *const charge[] = {
        "charge ref=a amount=1234 TransactionTimeout=0 CaptureNow=true -> 200", NULL};
    struct scenario s;
    struct xml *xml = xml_new();
    struct notice *notice;
    struct problem problem;

    (void)state;
    scenario_begin(&s, "");
    listen_to_all(&s);
    listener_play(&s, charge);
    notice_release(notice_queue_take(&s.driver->sandbox.world.notices)); /* of the order */
    notice = notice_queue_take(&s.driver->sandbox.world.notices);
    assert_non_null(notice);
    assert_int_equal(xml_read(xml, notice->data, strlen(notice->data), &problem), ST_OK);
    assert_string_equal(xml_name(xml_root(xml)), "AuthorizationNotification");
    const struct xml_node *details = xml_at(xml_root(xml), "AuthorizationDetails");
    assert_string_equal(xml_text_at(details, "AmazonAuthorizationId"), s.authorization);
    assert_string_equal(xml_text_at(details, "IdList/Id"), s.capture);
    assert_string_equal(xml_text_at(details, "AuthorizationAmount/Amount"), "1234.0");
    assert_string_equal(xml_text_at(details, "CapturedAmount/Amount"), "1234.0");
    assert_string_equal(xml_text_at(details, "AuthorizationAmount/CurrencyCode"), "JPY");
    assert_string_equal(xml_text_at(details, "AuthorizationStatus/State"), "Closed");
    assert_string_equal(xml_text_at(details, "AuthorizationStatus/LastUpdateTimestamp"),
                        "2026-11-22T02:00:00.000Z");
    assert_string_equal(xml_text_at(details, "CaptureNow"), "true");
    notice_release(notice);
    xml_free(xml);
    scenario_end(&s);
}

/* A notice keeps what was, whatever happens to its object before it is sent. */
static void a_notice_is_a_snapshot(void **state)
{
    static const char *const lines[] = {"set amount=100000 -> 200",
                                        "confirm -> 200",
                                        "authorize ref=a amount=1000 TransactionTimeout=0 -> 200",
                                        "wait 1s",
                                        "close-authorization -> 200",
                                        NULL};
    struct scenario s;
    struct notice *notice;
    char value[64];

    (void)state;
    scenario_begin(&s, "");
    listen_to_all(&s);
    listener_play(&s, lines);
    notice_release(notice_queue_take(&s.driver->sandbox.world.notices)); /* of the order */
    notice = notice_queue_take(&s.driver->sandbox.world.notices);
    assert_non_null(notice);
    notice_element(notice, "State", value, sizeof value);
    assert_string_equal(value, "Open");
    notice_element(notice, "LastUpdateTimestamp", value, sizeof value);
    assert_string_equal(value, "2026-11-22T02:00:00.000Z");
    notice_release(notice);
    notice = notice_queue_take(&s.driver->sandbox.world.notices);
    assert_non_null(notice);
    notice_element(notice, "LastUpdateTimestamp", value, sizeof value);
    assert_string_equal(value, "2026-11-22T02:00:01.000Z");
    notice_release(notice);
    scenario_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_is_as_it_was),
        cmocka_unit_test(read_by_name),
        cmocka_unit_test(a_notice_is_a_snapshot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
