/*
 * test_notice_parcel.c - the envelope of notifications: the string that is signed, as Amazon
 * documents it; the signature, verified by another way through OpenSSL than the one that made it;
 * and that each fault trips a receiver's checks exactly where it should.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <regex.h>

#include "mws/edge/crypto.h"
#include "mws/edge/json.h"
#include "mws/edge/loop.h"
#include "mws/edge/trust.h"
#include "mws/sandbox/parcel.h"
#include "mws/sandbox/world.h"

#define NOW_MS    1795312800123 /* 2026-11-22T02:00:00.123Z */
#define SNS_BYTES ((size_t)256 * 1024)

struct bench {
    char directory[64];
    struct tls_files files;
    struct signers signers;
    struct trust *trust;
    struct seller seller;
    struct notice notice;
    struct rules rules;
    struct parcel parcel;
    struct instant made; /* when the certificates were; an hour later one of them has expired */
};

#define HOUR_MS 3600000

static struct instant real_now(void)
{
    struct loop *loop = loop_new();
    struct instant now = loop_now(loop);

    loop_free(loop);
    return now;
}

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct problem problem;
    char path[96];

    assert_non_null(bench);
    bench->made = real_now();
    (void)snprintf(bench->directory, sizeof bench->directory, "/tmp/sandbox-parcel-XXXXXX");
    assert_non_null(mkdtemp(bench->directory));
    assert_int_equal(tls_files_keep(bench->directory, "127.0.0.1", &bench->files, &problem), ST_OK);
    signers_init(&bench->signers);
    assert_int_equal(signers_read(&bench->signers, &bench->files, &problem), ST_OK);
    (void)snprintf(path, sizeof path, "%s/ca.pem", bench->directory);
    assert_int_equal(trust_new(path, &bench->trust, &problem), ST_OK);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"ca.pem",
                                        "names.txt",
                                        "key.pem",
                                        "certificate.pem",
                                        "notice.pem",
                                        "notice-key.pem",
                                        "notice-wrong-name.pem",
                                        "notice-wrong-name-key.pem",
                                        "notice-expired.pem",
                                        "notice-expired-key.pem"};
    struct bench *bench = *state;
    char path[96];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", bench->directory, names[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(bench->directory), 0);
    trust_free(bench->trust);
    signers_free(&bench->signers);
    tls_files_free(&bench->files);
    parcel_free(&bench->parcel);
    free(bench);
    return 0;
}

static char seller_id[] = "A1SELLER";
static char data[] = "<x><State>Open</State>\"\\ & \xC3\xA9</x>";

static void pack(struct bench *bench, const struct notice_fault *fault)
{
    struct problem problem;
    enum status status;

    bench->seller = (struct seller){.id = seller_id};
    bench->notice = (struct notice){.type = NOTICE_PAYMENT_AUTHORIZE,
                                    .type_name = "PaymentAuthorize",
                                    .seller = &bench->seller,
                                    .region = 3,
                                    .made_at = {NOW_MS - 100},
                                    .reference_id = "reference",
                                    .data = data};
    (void)snprintf(bench->parcel.message_id, sizeof bench->parcel.message_id, "message-1");
    status = parcel_pack(&bench->parcel, &bench->notice, fault, &bench->rules, &bench->signers,
                         (struct instant){NOW_MS}, &problem);
    if (status != ST_OK) {
        fail_msg("cannot pack: %s", problem.text);
    }
}

/* --- a receiver --------------------------------------------------------------------------------
 */

static bool looks_like_amazon(const char *url)
{
    regex_t pattern;
    bool fits;

    assert_int_equal(
        regcomp(&pattern, "^https://sns\\.[a-zA-Z0-9-]{3,}\\.amazonaws\\.com(\\.cn)?/[^?#]*\\.pem$",
                REG_EXTENDED | REG_NOSUB),
        0);
    fits = regexec(&pattern, url, 0, NULL, 0) == 0;
    regfree(&pattern);
    return fits;
}

static void signed_text(const struct json *body, struct text *text)
{
    static const char *const names[] = {"Message",   "MessageId", "Subject",
                                        "Timestamp", "TopicArn",  "Type"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = json_as_string(json_get(body, names[i]));
        if (value != NULL) {
            text_format(text, "%s\n%s\n", names[i], value);
        }
    }
}

static bool is_signed(const struct json *body, const struct certificate *certificate)
{
    const char *signature = json_as_string(json_get(body, "Signature"));
    const char *version = json_as_string(json_get(body, "SignatureVersion"));
    uint8_t bytes[SIGNATURE_BYTES_MAX];
    size_t length;
    struct text text = {0};
    bool good;

    assert_true(base64_decode(signature, strlen(signature), bytes, sizeof bytes, &length));
    signed_text(body, &text);
    good = certificate_signed(certificate, strcmp(version, "2") == 0 ? DIGEST_SHA256 : DIGEST_SHA1,
                              text.bytes, text.length, bytes, length);
    text_free(&text);
    return good;
}

static const char *check_content(const struct json *body)
{
    const char *topic = json_as_string(json_get(body, "TopicArn"));
    const char *message = json_as_string(json_get(body, "Message"));
    struct json *inner;
    struct problem problem;
    bool own;

    if (strcmp(topic, "arn:aws:sns:ap-northeast-1:291180941288:A1MBU0TPLHBRSPA1SELLER") != 0) {
        return "topic";
    }
    assert_int_equal(json_parse(message, strlen(message), &inner, &problem), ST_OK);
    own = strcmp(json_as_string(json_get(inner, "SellerId")), seller_id) == 0;
    json_free(inner);
    return own ? "good" : "seller";
}

static const char *check_body(struct bench *bench, const struct json *body)
{
    const char *url = json_as_string(json_get(body, "SigningCertURL"));
    const char *pem;
    struct certificate *certificate;
    struct problem problem;
    const char *verdict;

    if (!looks_like_amazon(url)) {
        return "url";
    }
    pem = signers_certificate(&bench->signers, strstr(url, ".com/") + 4);
    assert_non_null(pem);
    if (certificate_check(bench->trust, pem, strlen(pem), SIGNER_COMMON_NAME,
                          instant_plus(bench->made, HOUR_MS), &certificate, &problem) != ST_OK) {
        return "certificate";
    }
    verdict = is_signed(body, certificate) ? check_content(body) : "signature";
    certificate_free(certificate);
    return verdict;
}

/* At which check a careful receiver refuses it, or "good". */
static const char *verdict_on(struct bench *bench)
{
    struct json *body;
    struct problem problem;
    const char *verdict;

    if (bench->parcel.body.length > SNS_BYTES) {
        return "size";
    }
    if (json_parse(bench->parcel.body.bytes, bench->parcel.body.length, &body, &problem) != ST_OK) {
        return "json";
    }
    verdict = check_body(bench, body);
    json_free(body);
    return verdict;
}

/* --- tests -------------------------------------------------------------------------------------
 */

/* Amazon SNS' own example of a string to sign. */
static void the_documented_string_to_sign(void **state)
{
    const struct envelope envelope = {
        .message = "My Test Message",
        .message_id = "4d4dc071-ddbf-465d-bba8-08f81c89da64",
        .subject = "My subject",
        .timestamp = "2019-01-31T04:37:04.321Z",
        .topic = "arn:aws:sns:us-east-2:123456789012:s4-MySNSTopic-1G1WEFCOXTC0P",
    };
    struct envelope plain = envelope;
    struct text text = {0};

    (void)state;
    envelope_signed_text(&text, &envelope);
    assert_string_equal(text.bytes, "Message\nMy Test Message\n"
                                    "MessageId\n4d4dc071-ddbf-465d-bba8-08f81c89da64\n"
                                    "Subject\nMy subject\n"
                                    "Timestamp\n2019-01-31T04:37:04.321Z\n"
                                    "TopicArn\narn:aws:sns:us-east-2:123456789012:"
                                    "s4-MySNSTopic-1G1WEFCOXTC0P\n"
                                    "Type\nNotification\n");
    plain.subject = NULL;
    text_clear(&text);
    envelope_signed_text(&text, &plain);
    assert_null(strstr(text.bytes, "Subject"));
    text_free(&text);
}

static const char *member(const struct json *body, const char *name)
{
    const char *value = json_as_string(json_get(body, name));

    return value != NULL ? value : "(none)";
}

static void the_envelope(void **state)
{
    struct bench *bench = *state;
    const struct notice_fault none = {0};
    struct json *body;
    struct json *message;
    struct problem problem;

    bench->rules = rules_default();
    pack(bench, &none);
    assert_string_equal(verdict_on(bench), "good");
    assert_int_equal(
        json_parse(bench->parcel.body.bytes, bench->parcel.body.length, &body, &problem), ST_OK);
    assert_string_equal(member(body, "Type"), "Notification");
    assert_string_equal(member(body, "MessageId"), "message-1");
    assert_string_equal(member(body, "Timestamp"), "2026-11-22T02:00:00.123Z");
    assert_string_equal(member(body, "SignatureVersion"), "1");
    assert_string_equal(member(body, "Subject"), "(none)");
    assert_string_equal(member(body, "TopicArn"), bench->parcel.topic);
    assert_non_null(strstr(member(body, "UnsubscribeURL"), bench->parcel.subscription));
    assert_int_equal(
        json_parse(member(body, "Message"), strlen(member(body, "Message")), &message, &problem),
        ST_OK);
    assert_string_equal(member(message, "NotificationType"), "PaymentAuthorize");
    assert_string_equal(member(message, "NotificationReferenceId"), "reference");
    assert_string_equal(member(message, "NotificationData"), data);
    assert_string_equal(member(message, "ReleaseEnvironment"), "Sandbox");
    assert_string_equal(member(message, "Version"), "2013-01-01");
    assert_string_equal(member(message, "Timestamp"), "2026-11-22T02:00:00.023Z");
    assert_string_equal(member(message, "EventType"), "(none)");
    assert_null(json_get(message, "IsSample"));
    json_free(message);
    json_free(body);
}

static void other_readings(void **state)
{
    struct bench *bench = *state;
    const struct notice_fault none = {0};
    struct problem problem;

    bench->rules = rules_default();
    assert_int_equal(rules_set(&bench->rules, "notify-signature-version", "2", &problem), ST_OK);
    assert_int_equal(rules_set(&bench->rules, "notify-subject", "present", &problem), ST_OK);
    assert_int_equal(rules_set(&bench->rules, "notify-clock", "12-hours", &problem), ST_OK);
    pack(bench, &none);
    assert_string_equal(verdict_on(bench), "good");
    assert_non_null(strstr(bench->parcel.body.bytes, "\"SignatureVersion\" : \"2\""));
    assert_non_null(strstr(bench->parcel.body.bytes, "\"Subject\" : \"Amazon Pay\""));
    assert_non_null(strstr(bench->parcel.body.bytes, "\"2026-11-22T02:00:00Z\\\""));
}

/* 00:59, 12:30 and 15:55 by a clock that has no 0 and no 13. */
static void a_clock_of_twelve_hours(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {{1448068519625, "2015-11-21T01:15:19Z"},
                {1448067540000, "2015-11-21T12:59:00Z"},
                {1448109000000, "2015-11-21T12:30:00Z"},
                {1448121319999, "2015-11-21T03:55:19Z"}};
    struct bench *bench = *state;
    const struct notice_fault none = {0};
    struct problem problem;

    bench->rules = rules_default();
    assert_int_equal(rules_set(&bench->rules, "notify-clock", "12-hours", &problem), ST_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pack(bench, &none);
        bench->notice.made_at = (struct instant){rows[i].ms};
        assert_int_equal(parcel_pack(&bench->parcel, &bench->notice, &none, &bench->rules,
                                     &bench->signers, (struct instant){NOW_MS}, &problem),
                         ST_OK);
        if (strstr(bench->parcel.body.bytes, rows[i].text) == NULL) {
            fail_msg("no %s in %s", rows[i].text, bench->parcel.body.bytes);
        }
    }
}

static void regions_have_their_own_hosts(void **state)
{
    static const char *const regions[] = {"", "us-east-1", "eu-west-1", "ap-northeast-1"};
    struct bench *bench = *state;
    const struct notice_fault none = {0};
    struct problem problem;
    char text[80];

    bench->rules = rules_default();
    for (int region = 1; region <= 3; region++) {
        pack(bench, &none);
        bench->notice.region = region;
        assert_int_equal(parcel_pack(&bench->parcel, &bench->notice, &none, &bench->rules,
                                     &bench->signers, (struct instant){NOW_MS}, &problem),
                         ST_OK);
        (void)snprintf(text, sizeof text, "https://sns.%s.amazonaws.com/Simple", regions[region]);
        assert_non_null(strstr(bench->parcel.body.bytes, text));
        (void)snprintf(text, sizeof text, "arn:aws:sns:%s:291180941288:", regions[region]);
        assert_ptr_equal(strstr(bench->parcel.topic, text), bench->parcel.topic);
    }
}

/* Rule notify-region-jp: only what is in JPY moves. */
static void japan_may_have_another_region(void **state)
{
    static const char *const regions[] = {"ap-northeast-1", "us-west-2", "us-east-1"};
    struct bench *bench = *state;
    const struct notice_fault none = {0};
    struct problem problem;
    char text[80];

    for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++) {
        bench->rules = rules_default();
        assert_int_equal(rules_set(&bench->rules, "notify-region-jp", regions[i], &problem), ST_OK);
        pack(bench, &none);
        (void)snprintf(text, sizeof text, "https://sns.%s.amazonaws.com/Simple", regions[i]);
        assert_non_null(strstr(bench->parcel.body.bytes, text));
        (void)snprintf(text, sizeof text, "arn:aws:sns:%s:291180941288:", regions[i]);
        assert_ptr_equal(strstr(bench->parcel.topic, text), bench->parcel.topic);
        bench->notice.region = 2;
        assert_int_equal(parcel_pack(&bench->parcel, &bench->notice, &none, &bench->rules,
                                     &bench->signers, (struct instant){NOW_MS}, &problem),
                         ST_OK);
        assert_non_null(strstr(bench->parcel.topic, ":eu-west-1:"));
    }
    bench->rules = rules_default();
}

static struct notice_fault drawn(const char *rule)
{
    struct notice_fault_rules rules = {0};
    struct json *array;
    struct problem problem;

    assert_int_equal(json_parse(rule, strlen(rule), &array, &problem), ST_OK);
    if (notice_fault_rules_add(&rules, array, &problem) != ST_OK) {
        fail_msg("%s: %s", rule, problem.text);
    }
    json_free(array);
    return notice_fault_draw(&rules, NOTICE_PAYMENT_AUTHORIZE);
}

static void each_fault_is_caught_where_it_is(void **state)
{
    static const char *const rows[][2] = {
        {"[{\"fault\":\"duplicate\"}]", "good"},
        {"[{\"fault\":\"delay\"}]", "good"},
        {"[{\"fault\":\"tamper\"}]", "signature"},
        {"[{\"fault\":\"wrong_certificate\"}]", "certificate"},
        {"[{\"fault\":\"wrong_certificate\",\"variant\":\"self_signed\"}]", "certificate"},
        {"[{\"fault\":\"wrong_certificate\",\"variant\":\"wrong_name\"}]", "certificate"},
        {"[{\"fault\":\"wrong_certificate\",\"variant\":\"expired\"}]", "certificate"},
        {"[{\"fault\":\"wrong_certificate\",\"variant\":\"wrong_key\"}]", "signature"},
        {"[{\"fault\":\"foreign_url\",\"variant\":\"http\"}]", "url"},
        {"[{\"fault\":\"other_seller\"}]", "seller"},
        {"[{\"fault\":\"other_topic\"}]", "topic"},
        {"[{\"fault\":\"oversized\"}]", "size"},
        {"[{\"fault\":\"not_json\"}]", "json"},
    };
    struct bench *bench = *state;

    bench->rules = rules_default();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct notice_fault fault = drawn(rows[i][0]);
        pack(bench, &fault);
        if (strcmp(verdict_on(bench), rows[i][1]) != 0) {
            fail_msg("%s is caught as %s", rows[i][0], verdict_on(bench));
        }
    }
}

/* A certificate that is refused must still have signed: else the check is not what caught it. */
static void impostors_sign_rightly(void **state)
{
    static const char *const variants[] = {"wrong_name", "expired"};
    struct bench *bench = *state;

    bench->rules = rules_default();
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++) {
        char rule[96];
        struct certificate *certificate;
        struct json *body;
        struct problem problem;
        const char *pem;
        (void)snprintf(rule, sizeof rule, "[{\"fault\":\"wrong_certificate\",\"variant\":\"%s\"}]",
                       variants[i]);
        const struct notice_fault fault = drawn(rule);
        pack(bench, &fault);
        assert_int_equal(
            json_parse(bench->parcel.body.bytes, bench->parcel.body.length, &body, &problem),
            ST_OK);
        pem = signers_certificate(&bench->signers,
                                  strstr(member(body, "SigningCertURL"), ".com/") + 4);
        assert_non_null(pem);
        assert_int_equal(certificate_check(bench->trust, pem, strlen(pem),
                                           i == 0 ? "sns.example.com" : SIGNER_COMMON_NAME,
                                           instant_plus(bench->made, -HOUR_MS), &certificate,
                                           &problem),
                         ST_OK);
        assert_true(is_signed(body, certificate));
        certificate_free(certificate);
        json_free(body);
    }
}

static void every_foreign_url_is_foreign(void **state)
{
    static const char file[] = "SimpleNotificationService-0123456789abcdef0123456789abcdef.pem";
    struct text url = {0};

    (void)state;
    assert_true(foreign_url_count() >= 10);
    for (size_t i = 0; i < foreign_url_count(); i++) {
        text_clear(&url);
        foreign_url_write(&url, i, file, "us-east-1");
        if (looks_like_amazon(url.bytes)) {
            fail_msg("%s looks like Amazon's", url.bytes);
        }
    }
    text_free(&url);
}

static void foreign_urls_come_in_turn(void **state)
{
    static const char rule[] = "[{\"fault\":\"foreign_url\"}]";
    struct notice_fault_rules rules = {0};
    struct json *array;
    struct problem problem;

    (void)state;
    assert_int_equal(json_parse(rule, strlen(rule), &array, &problem), ST_OK);
    assert_int_equal(notice_fault_rules_add(&rules, array, &problem), ST_OK);
    json_free(array);
    for (size_t i = 0; i < 2 * foreign_url_count(); i++) {
        assert_int_equal(notice_fault_draw(&rules, NOTICE_CHARGEBACK).url, i % foreign_url_count());
    }
}

static void rules_of_faults(void **state)
{
    static const char *const bad[] = {
        "{}",
        "[{}]",
        "[{\"fault\":\"explode\"}]",
        "[{\"fault\":\"lose\",\"action\":\"*\"}]",
        "[{\"fault\":\"lose\",\"probability\":2}]",
        "[{\"fault\":\"delay\",\"delay_ms\":-1}]",
        "[{\"fault\":\"lose\",\"notification_type\":\"Nonsense\"}]",
        "[{\"fault\":\"lose\",\"variant\":\"http\"}]",
        "[{\"fault\":\"foreign_url\",\"variant\":\"expired\"}]",
        "[{\"fault\":\"wrong_certificate\",\"variant\":\"http\"}]",
    };
    static const char some[] = "[{\"fault\":\"lose\",\"notification_type\":\"PaymentCapture\","
                               "\"count\":2},{\"fault\":\"tamper\",\"probability\":0.5,"
                               "\"seed\":7,\"notification_type\":\"*\"}]";
    struct notice_fault_rules rules = {0};
    struct json *array;
    struct problem problem;
    size_t tampered = 0;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(json_parse(bad[i], strlen(bad[i]), &array, &problem), ST_OK);
        if (notice_fault_rules_add(&rules, array, &problem) != ST_INVALID || rules.count != 0) {
            fail_msg("%s is taken", bad[i]);
        }
        json_free(array);
    }
    assert_int_equal(json_parse(some, strlen(some), &array, &problem), ST_OK);
    assert_int_equal(notice_fault_rules_add(&rules, array, &problem), ST_OK);
    json_free(array);
    assert_int_equal(notice_fault_draw(&rules, NOTICE_PAYMENT_CAPTURE).kind, NOTICE_FAULT_LOSE);
    assert_int_not_equal(notice_fault_draw(&rules, NOTICE_PAYMENT_REFUND).kind, NOTICE_FAULT_LOSE);
    assert_int_equal(notice_fault_draw(&rules, NOTICE_PAYMENT_CAPTURE).kind, NOTICE_FAULT_LOSE);
    assert_int_equal(rules.played[NOTICE_FAULT_LOSE], 2);
    for (int i = 0; i < 1000; i++) {
        tampered += notice_fault_draw(&rules, NOTICE_PAYMENT_CAPTURE).kind == NOTICE_FAULT_TAMPER;
    }
    assert_in_range(tampered, 400, 600);
}

/* The certificates are made with the first start and stay; a set that is not whole is made anew. */
static void certificates_stay(void **state)
{
    struct bench *bench = *state;
    struct tls_files again;
    struct signers signers;
    const struct signer_pair *was;
    const struct signer_pair *is;
    struct problem problem;
    char path[96];
    /* The list of names is newer than the rest. */
    static const char *const missing[] = {"notice-key.pem", "names.txt"};

    assert_int_equal(tls_files_keep(bench->directory, "127.0.0.1", &again, &problem), ST_OK);
    assert_string_equal(again.notice.certificate_pem, bench->files.notice.certificate_pem);
    signers_init(&signers);
    assert_int_equal(signers_read(&signers, &again, &problem), ST_OK);
    assert_int_equal(signers_get(&signers, SIGNER_AMAZON, &is, &problem), ST_OK);
    assert_int_equal(signers_get(&bench->signers, SIGNER_AMAZON, &was, &problem), ST_OK);
    assert_string_equal(is->file, was->file);
    signers_free(&signers);
    tls_files_free(&again);
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", bench->directory, missing[i]);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(tls_files_keep(bench->directory, "127.0.0.1", &again, &problem), ST_OK);
        assert_string_not_equal(again.notice.certificate_pem, bench->files.notice.certificate_pem);
        assert_string_not_equal(again.certificate_pem, bench->files.certificate_pem);
        assert_int_equal(access(path, F_OK), 0);
        tls_files_free(&again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documented_string_to_sign),
        cmocka_unit_test(the_envelope),
        cmocka_unit_test(other_readings),
        cmocka_unit_test(a_clock_of_twelve_hours),
        cmocka_unit_test(regions_have_their_own_hosts),
        cmocka_unit_test(japan_may_have_another_region),
        cmocka_unit_test(each_fault_is_caught_where_it_is),
        cmocka_unit_test(impostors_sign_rightly),
        cmocka_unit_test(every_foreign_url_is_foreign),
        cmocka_unit_test(foreign_urls_come_in_turn),
        cmocka_unit_test(rules_of_faults),
        cmocka_unit_test(certificates_stay),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
