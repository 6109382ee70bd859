/*
 * test_ipn.c - what is posted to the notification listener: forged, replayed, reordered, oversized,
 * and good.
 *
 * One table. Each row is a letter that differs from a good one in what it names; expected are the
 * HTTP status, which certificates are fetched, how many notices are kept, and always that no
 * charge, attempt, limit or event of the account changes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/mws/odd_certificate.h"
#include "tests/scheduler/ipn_world.h"

struct trial {
    const char *name;
    int status;
    const char *fetched; /* paths, each with a space behind it */
    unsigned kept;
    struct ipn_letter letter;
};

#define DEEP_16 "[[[[[[[[[[[[[[[["

static const struct trial trials[] = {
    {"good", 200, "/good.pem ", 1, {0}},
    {"good, chunked", 200, "/good.pem ", 1, {.is_chunked = true}},
    {"good, with every header",
     200,
     "/good.pem ",
     1,
     {.message_id = "m-headers", .header_id = "m-headers", .header_topic = IPN_TOPIC}},
    {"good, Subject signed", 200, "/good.pem ", 1, {.subject = "a subject"}},
    {"good, version 2", 200, "/good.pem ", 1, {.version = "2", .is_signed_as_2 = true}},
    {"good, signed in the future", 200, "/good.pem ", 1, {.timestamp = "2099-01-01T00:00:00.000Z"}},
    {"good, the port of https",
     200,
     "/good.pem ",
     1,
     {.url = "https://sns.ap-northeast-1.amazonaws.com:443/good.pem"}},
    {"good, an undocumented type", 200, "/good.pem ", 1, {.notification_type = "SomethingNew"}},
    {"good, data that is no XML",
     200,
     "/good.pem ",
     1,
     {.notification_type = "ChargebackDetailedNotification", .data = "USD 5.0 was charged back"}},
    {"good, entities in the data",
     200,
     "/good.pem ",
     1,
     {.data = "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>"}},

    {"GET", 405, "", 0, {.method = "GET"}},
    {"PUT", 405, "", 0, {.method = "PUT"}},
    {"another path", 404, "", 0, {.path = "/"}},
    {"the path and more", 404, "", 0, {.path = "/ipn/"}},
    {"the path encoded", 404, "", 0, {.path = "/%69pn"}},
    {"the path in another case", 404, "", 0, {.path = "/IPN"}},
    {"the path with dots", 404, "", 0, {.path = "/x/../ipn"}},
    {"no type header", 400, "", 0, {.header_type = IPN_ABSENT}},
    {"an unknown type header", 400, "", 0, {.header_type = "notification"}},
    {"a topic header that differs", 400, "", 0, {.header_topic = IPN_TOPIC "X"}},
    {"an id header that differs", 400, "", 0, {.header_id = "another"}},
    {"a type header that differs",
     400,
     "",
     0,
     {.type = "SubscriptionConfirmation", .token = "t", .subscribe_url = "https://evil.example/"}},
    {"a confirmation, which goes nowhere",
     200,
     "",
     0,
     {.header_type = "SubscriptionConfirmation",
      .type = "SubscriptionConfirmation",
      .token = "t",
      .subscribe_url = "https://sns.ap-northeast-1.amazonaws.com/good.pem"}},
    {"a confirmation to an evil place",
     200,
     "",
     0,
     {.header_type = "UnsubscribeConfirmation",
      .type = "UnsubscribeConfirmation",
      .token = "t",
      .subscribe_url = "http://169.254.169.254/"}},
    {"a confirmation that is rubbish",
     200,
     "",
     0,
     {.header_type = "SubscriptionConfirmation", .body = "rubbish"}},

    {"an empty body", 400, "", 0, {.body = ""}},
    {"not JSON", 400, "", 0, {.body = "Type=Notification"}},
    {"an array", 400, "", 0, {.body = "[]"}},
    {"too deep", 400, "", 0, {.body = "{\"Type\":" DEEP_16 DEEP_16 DEEP_16}},
    {"a key twice", 400, "", 0, {.body = "{\"Type\":\"Notification\",\"Type\":\"Notification\"}"}},
    {"text behind it", 400, "", 0, {.body = "{} {}"}},
    {"no MessageId", 400, "", 0, {.message_id = IPN_ABSENT}},
    {"no TopicArn", 400, "", 0, {.topic = IPN_ABSENT}},
    {"no Timestamp", 400, "", 0, {.timestamp = IPN_ABSENT}},
    {"no SigningCertURL", 400, "", 0, {.url = IPN_ABSENT}},
    {"no Signature", 400, "", 0, {.signature = IPN_ABSENT}},
    {"a Signature that is not base64", 400, "", 0, {.signature = "!!!!"}},
    {"an unknown version", 400, "", 0, {.version = "3"}},
    {"a Timestamp that is none", 400, "", 0, {.timestamp = "yesterday"}},
    {"signed years ago", 400, "", 0, {.timestamp = "2020-01-01T00:00:00.000Z"}},
    {"a message that is not JSON", 400, "", 0, {.message = "hello"}},
    {"a message with a key twice",
     400,
     "",
     0,
     {.message = "{\"SellerId\":\"A1SELLER\",\"SellerId\":\"A2LIVE\"}"}},
    {"no SellerId", 400, "", 0, {.seller = IPN_ABSENT}},
    {"no ReleaseEnvironment", 400, "", 0, {.environment = IPN_ABSENT}},

    {"an unknown seller", 403, "", 0, {.seller = "A9NOBODY"}},
    {"another seller of ours in this one's topic",
     403,
     "",
     0,
     {.seller = "A2LIVE", .environment = "Live"}},
    {"live for a sandbox seller", 403, "", 0, {.environment = "Live"}},
    {"sandbox for a live seller",
     403,
     "",
     0,
     {.seller = "A2LIVE", .topic = "arn:aws:sns:eu-west-1:291180941288:A1A2LIVE"}},
    {"good, but which topic is a live seller's nobody has said",
     503,
     "/good.pem ",
     0,
     {.seller = "A2LIVE",
      .environment = "Live",
      .topic = "arn:aws:sns:eu-west-1:291180941288:A1A2LIVE",
      .url = "https://sns.eu-west-1.amazonaws.com/good.pem"}},
    {"a topic of another seller",
     403,
     "",
     0,
     {.topic = "arn:aws:sns:ap-northeast-1:291180941288:A1MBU0TPLHBRSPA1SELLERX"}},
    {"good, Japan from any region",
     200,
     "/good.pem ",
     1,
     {.topic = "arn:aws:sns:us-west-2:291180941288:A1MBU0TPLHBRSPA1SELLER"}},
    {"a topic of another region",
     403,
     "",
     0,
     {.seller = "A2LIVE",
      .environment = "Live",
      .topic = "arn:aws:sns:us-east-1:291180941288:A1A2LIVE"}},
    {"a topic of a region with more behind it",
     403,
     "",
     0,
     {.seller = "A2LIVE",
      .environment = "Live",
      .topic = "arn:aws:sns:eu-west-11:291180941288:A1A2LIVE"}},
    {"a topic that ends early", 403, "", 0, {.topic = "arn:aws:sns:ap-northeast-1"}},
    {"a topic that is another service's",
     403,
     "",
     0,
     {.topic = "arn:aws:sqs:ap-northeast-1:291180941288:A1MBU0TPLHBRSPA1SELLER"}},
    {"a topic without an account",
     403,
     "",
     0,
     {.topic = "arn:aws:sns:ap-northeast-1::A1MBU0TPLHBRSPA1SELLER"}},
    {"a topic that is a subscription",
     403,
     "",
     0,
     {.topic = "arn:aws:sns:ap-northeast-1:291180941288:A1:A1SELLER"}},
    {"a topic that is only the seller",
     403,
     "",
     0,
     {.topic = "arn:aws:sns:ap-northeast-1:291180941288:A1SELLER"}},
    {"a short topic", 403, "", 0, {.topic = "arn:aws:sns:ap-northeast-1:2911"}},

    {"http", 403, "", 0, {.url = "http://sns.ap-northeast-1.amazonaws.com/good.pem"}},
    {"another port", 403, "", 0, {.url = "https://sns.ap-northeast-1.amazonaws.com:8443/good.pem"}},
    {"a user", 403, "", 0, {.url = "https://u@sns.ap-northeast-1.amazonaws.com/good.pem"}},
    {"a host behind a user",
     403,
     "",
     0,
     {.url = "https://sns.ap-northeast-1.amazonaws.com@evil.example/good.pem"}},
    {"a query", 403, "", 0, {.url = IPN_HOST "/good.pem?.pem"}},
    {"a fragment", 403, "", 0, {.url = IPN_HOST "/evil#.pem"}},
    {"a host that is not ASCII", 403, "", 0, {.url = "https://sns.\xc3\xa4sn.amazonaws.com/a.pem"}},
    {"a suffix", 403, "", 0, {.url = "https://sns.ap-northeast-1.amazonaws.com.evil.com/good.pem"}},
    {"a prefix", 403, "", 0, {.url = "https://evilsns.ap-northeast-1.amazonaws.com/good.pem"}},
    {"the host in the path",
     403,
     "",
     0,
     {.url = "https://evil.com/sns.ap-northeast-1.amazonaws.com/good.pem"}},
    {"dot segments", 403, "", 0, {.url = IPN_HOST "/a/../good.pem"}},
    {"a percent-encoded host",
     403,
     "",
     0,
     {.url = "https://sns%2eap-northeast-1.amazonaws.com/good.pem"}},
    {"an address", 403, "", 0, {.url = "https://127.0.0.1/good.pem"}},
    {"not a .pem", 403, "", 0, {.url = IPN_HOST "/good.exe"}},

    {"a certificate of another CA", 503, "/other_ca.pem ", 0, {.url = IPN_HOST "/other_ca.pem"}},
    {"expired", 503, "/expired.pem ", 0, {.url = IPN_HOST "/expired.pem"}},
    {"not yet valid", 503, "/future.pem ", 0, {.url = IPN_HOST "/future.pem"}},
    {"another name", 503, "/name.pem ", 0, {.url = IPN_HOST "/name.pem"}},
    {"an elliptic key", 503, "/elliptic.pem ", 0, {.url = IPN_HOST "/elliptic.pem"}},
    {"garbage", 503, "/garbage.pem ", 0, {.url = IPN_HOST "/garbage.pem"}},
    {"a redirect", 503, "/redirect.pem ", 0, {.url = IPN_HOST "/redirect.pem"}},
    {"not there", 503, "/nowhere.pem ", 0, {.url = IPN_HOST "/nowhere.pem"}},
    {"too large", 503, "/huge.pem ", 0, {.url = IPN_HOST "/huge.pem"}},
    {"never answered", 503, "/slow.pem ", 0, {.url = IPN_HOST "/slow.pem"}},
    {"a host that serves TLS for another name",
     503,
     "",
     0,
     {.url = "https://sns.us-west-2.amazonaws.com/good.pem"}},

    {"a signature of nothing", 403, "/good.pem ", 0, {.signature = "AAAA"}},
    {"SHA-1 called version 2", 403, "/good.pem ", 0, {.version = "2"}},
    {"SHA-256 called version 1", 403, "/good.pem ", 0, {.is_signed_as_2 = true}},
    {"a Subject added", 403, "/good.pem ", 0, {.tampered = "Subject", .tampered_to = "urgent"}},
    {"another MessageId", 403, "/good.pem ", 0, {.tampered = "MessageId", .tampered_to = "x"}},
    {"another Timestamp",
     403,
     "/good.pem ",
     0,
     {.tampered = "Timestamp", .tampered_to = "2099-01-01T00:00:00.000Z"}},
    {"another TopicArn of the seller",
     403,
     "/good.pem ",
     0,
     {.tampered = "TopicArn", .tampered_to = "arn:aws:sns:ap-northeast-1:111111111111:XA1SELLER"}},
    {"another Message",
     403,
     "/good.pem ",
     0,
     {.tampered = "Message",
      .tampered_to = "{\"NotificationType\":\"PaymentCapture\",\"SellerId\":\"A1SELLER\","
                     "\"ReleaseEnvironment\":\"Sandbox\",\"NotificationData\":\"<a/>\"}"}},
    {"good, what is not signed changed",
     200,
     "/good.pem ",
     1,
     {.tampered = "UnsubscribeURL", .tampered_to = "https://evil.example/"}},
};

/* ---- certificates that nobody should believe ---- */

struct fixture {
    struct ipn_world *world;
    struct odd root, other_root, other, signer;
    char pems[7][16384];
    char *huge;
};

static void serve_odd(struct fixture *f, unsigned index, const char *path, const struct odd *odd)
{
    static char text[ODD_PEM_MAX];
    size_t length = odd_pem(&odd, 1, text);
    assert_true(length < sizeof f->pems[0]);
    memcpy(f->pems[index], text, length + 1);
    ipn_world_serve(f->world, path, 200, f->pems[index], length);
}

static void serve_made(struct fixture *f, unsigned index, const char *path,
                       const struct odd_wish *wish)
{
    struct odd odd = odd_new(wish);
    serve_odd(f, index, path, &odd);
    odd_free(&odd);
}

static void trust_both(struct fixture *f)
{
    static char text[ODD_PEM_MAX];
    static char file[ODD_PEM_MAX + 16384];
    const struct odd *roots[] = {&f->root};
    (void)odd_pem(roots, 1, text);
    (void)snprintf(file, sizeof file, "%s%s", f->world->set.ca_pem, text);
    (void)snprintf(f->world->config.ipn_trust_file, sizeof f->world->config.ipn_trust_file,
                   "%s/trust.pem", f->world->directory);
    ipn_world_write(f->world, f->world->config.ipn_trust_file, file);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    void *world;
    assert_non_null(f);
    assert_int_equal(ipn_world_setup(&world), 0);
    f->world = world;
    f->root = odd_new(&(struct odd_wish){.name = "Root", .is_ca = true});
    f->other_root = odd_new(&(struct odd_wish){.name = "Root", .is_ca = true});
    f->other = odd_new(&(struct odd_wish){.issuer = &f->other_root, .name = IPN_COMMON_NAME});
    f->signer = odd_new(&(struct odd_wish){.issuer = &f->root, .name = IPN_COMMON_NAME});
    trust_both(f);
    serve_odd(f, 0, "/other_ca.pem", &f->other);
    serve_odd(f, 1, "/second.pem", &f->signer);
    serve_made(f, 2, "/expired.pem",
               &(struct odd_wish){.issuer = &f->root,
                                  .name = IPN_COMMON_NAME,
                                  .from_s = ODD_FROM_S,
                                  .until_s = ODD_FROM_S + 86400});
    serve_made(f, 3, "/future.pem",
               &(struct odd_wish){.issuer = &f->root,
                                  .name = IPN_COMMON_NAME,
                                  .from_s = ODD_UNTIL_S - 86400,
                                  .until_s = ODD_UNTIL_S});
    serve_made(f, 4, "/name.pem",
               &(struct odd_wish){.issuer = &f->root, .name = "sns.example.com"});
    serve_made(
        f, 5, "/elliptic.pem",
        &(struct odd_wish){.issuer = &f->root, .name = IPN_COMMON_NAME, .is_elliptic = true});
    ipn_world_serve(f->world, "/garbage.pem", 200, "-----BEGIN CERTIFICATE-----\nAAAA\n", 33);
    ipn_world_serve(f->world, "/redirect.pem", 302, f->world->pair.certificate_pem,
                    strlen(f->world->pair.certificate_pem));
    ipn_world_serve(f->world, "/slow.pem", 0, "", 0);
    f->huge = malloc(CERTIFICATE_BYTES_MAX + 1);
    assert_non_null(f->huge);
    memset(f->huge, '\n', CERTIFICATE_BYTES_MAX + 1);
    ipn_world_serve(f->world, "/huge.pem", 200, f->huge, CERTIFICATE_BYTES_MAX + 1);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    void *world = f->world;
    (void)ipn_world_teardown(&world);
    odd_free(&f->root);
    odd_free(&f->other_root);
    odd_free(&f->other);
    odd_free(&f->signer);
    free(f->huge);
    free(f);
    return 0;
}

static size_t sign_odd(void *arg, enum digest digest, const void *bytes, size_t length,
                       uint8_t signature[static SIGNATURE_BYTES_MAX])
{
    return odd_sign(arg, digest == DIGEST_SHA1 ? "SHA1" : "SHA256", bytes, length, signature);
}

/* ---- the table ---- */

static void expect_trial(struct ipn_world *world, const struct trial *trial, int status)
{
    struct ipn_counters counters;
    if (status != trial->status) {
        fail_msg("%s: answered %d, not %d", trial->name, status, trial->status);
    }
    if (strcmp(world->fetched, trial->fetched) != 0) {
        fail_msg("%s: fetched \"%s\", not \"%s\"", trial->name, world->fetched, trial->fetched);
    }
    if (world->counts.kept != trial->kept) {
        fail_msg("%s: kept %u notices, not %u", trial->name, world->counts.kept, trial->kept);
    }
    ipn_counters(world->ipn, &counters);
    if (counters.accepted != trial->kept || counters.waiting != 0 || counters.duplicates != 0) {
        fail_msg("%s: the counters are wrong", trial->name);
    }
}

static void test_trials(void **state)
{
    struct ipn_world *world = ((struct fixture *)*state)->world;
    char before[IPN_MONEY_MAX];
    char after[IPN_MONEY_MAX];
    _Static_assert(sizeof trials / sizeof trials[0] >= 40, "many cases");
    ipn_world_money(world, before);
    assert_non_null(strstr(before, "1200"));
    for (size_t i = 0; i < sizeof trials / sizeof trials[0]; i++) {
        ipn_world_open(world);
        int status = ipn_world_ask(world, &trials[i].letter);
        ipn_world_settle(world);
        expect_trial(world, &trials[i], status);
        ipn_world_close(world);
        ipn_world_money(world, after);
        if (strcmp(before, after) != 0) {
            fail_msg("%s: %s became %s", trials[i].name, before, after);
        }
    }
}

/* ---- what needs more than one letter ---- */

static void test_sizes(void **state)
{
    struct ipn_world *world = ((struct fixture *)*state)->world;
    char *large = malloc(IPN_BODY_BYTES_MAX + 2);
    assert_non_null(large);
    memset(large, ' ', IPN_BODY_BYTES_MAX + 1);
    large[IPN_BODY_BYTES_MAX + 1] = '\0';
    ipn_world_open(world);
    assert_int_equal(ipn_world_ask(world, &(struct ipn_letter){.body = large}), 413);
    assert_int_equal(ipn_world_ask(world, &(struct ipn_letter){.body = large, .is_chunked = true}),
                     413);
    large[IPN_BODY_BYTES_MAX] = '\0';
    assert_int_equal(ipn_world_ask(world, &(struct ipn_letter){.body = large}), 400);
    assert_int_equal(
        ipn_world_ask(world, &(struct ipn_letter){.more_headers = "Content-Length: 5\r\n"}), 400);
    assert_int_equal(
        ipn_world_ask(world,
                      &(struct ipn_letter){.more_headers = "Transfer-Encoding: chunked\r\n"}),
        400);
    assert_int_equal(ipn_world_ask(world, &(struct ipn_letter){.more_headers = "Host: other\r\n"}),
                     400);
    assert_int_equal(world->fetches + world->counts.keeps, 0);
    ipn_world_close(world);
    free(large);
}

static void test_replay_and_order(void **state)
{
    struct ipn_world *world = ((struct fixture *)*state)->world;
    struct ipn_counters counters;
    struct ipn_letter letter = {.message_id = "once", .reference_id = "K7QW3ABCDEFGHIJK-0-1"};
    static const char older[] =
        "<AuthorizationNotification><AuthorizationDetails><AmazonAuthorizationId>S03-1-1-A1"
        "</AmazonAuthorizationId><AuthorizationStatus><State>Pending</State><LastUpdateTimestamp>"
        "2026-11-22T00:00:00.000Z</LastUpdateTimestamp></AuthorizationStatus>"
        "</AuthorizationDetails></AuthorizationNotification>";
    ipn_world_open(world);
    /* The trials above have told the same news: this letter names another attempt's authorization.
     */
    letter.data = "<CaptureNotification><CaptureDetails><AmazonCaptureId>S03-1-1-C1"
                  "</AmazonCaptureId><CaptureStatus><State>Completed</State><LastUpdateTimestamp>"
                  "2026-11-22T01:00:00.000Z</LastUpdateTimestamp></CaptureStatus></CaptureDetails>"
                  "</CaptureNotification>";
    letter.notification_type = "PaymentCapture";
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    assert_int_equal(world->counts.kept, 1);
    /* the same message */
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    /* the same news in another message */
    letter.message_id = "twice";
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    assert_int_equal(world->counts.kept, 1);
    assert_int_equal(world->counts.known, 2);
    /* an older state after a newer one is news of its own */
    letter = (struct ipn_letter){.data = older};
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    assert_int_equal(world->counts.kept, 2);
    ipn_counters(world->ipn, &counters);
    assert_int_equal(counters.accepted, 2);
    assert_int_equal(counters.duplicates, 2);
    assert_int_equal(counters.ended[IPN_FITS], 4);
    assert_int_equal(world->fetches, 1);
    ipn_world_settle(world);
    ipn_world_close(world);
}

/* Many that need one certificate share its fetch; each is judged by itself. */
static void test_one_fetch_for_many(void **state)
{
    struct fixture *f = *state;
    struct ipn_world *world = f->world;
    struct ipn_client *good[20];
    struct ipn_client *forged[20];
    ipn_world_open(world);
    for (size_t i = 0; i < 20; i++) {
        good[i] = ipn_world_post(world, &(struct ipn_letter){.notification_type = "New"});
        forged[i] =
            ipn_world_post(world, &(struct ipn_letter){.sign = sign_odd, .sign_arg = &f->signer});
    }
    ipn_world_wait(world);
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(good[i]->status, 200);
        assert_int_equal(forged[i]->status, 403);
    }
    assert_string_equal(world->fetched, "/good.pem ");
    assert_int_equal(world->counts.kept, 20);
    assert_true(world->counts.keeps < 20); /* group commit */
    /* The same key under its own URL is believed; under a third one it is fetched again. */
    struct ipn_letter letter = {.url = IPN_HOST "/second.pem",
                                .notification_type = "New",
                                .sign = sign_odd,
                                .sign_arg = &f->signer};
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    letter.is_signed_as_2 = true;
    letter.version = "2";
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    assert_string_equal(world->fetched, "/good.pem /second.pem ");
    ipn_world_settle(world);
    ipn_world_close(world);
}

/* A forger cannot make us fetch again and again: neither one URL, nor many. */
static void test_fetches_are_bounded(void **state)
{
    struct ipn_world *world = ((struct fixture *)*state)->world;
    struct ipn_counters counters;
    char url[128];
    ipn_world_open(world);
    (void)ipn_world_logged(world, "x");
    for (int i = 0; i < 5; i++) {
        assert_int_equal(
            ipn_world_ask(world, &(struct ipn_letter){.url = IPN_HOST "/other_ca.pem"}), 503);
    }
    assert_int_equal(world->fetches, 1);
    assert_int_equal(ipn_world_ask(world, &(struct ipn_letter){.notification_type = "New"}), 200);
    for (int i = 0; i < 20; i++) {
        (void)snprintf(url, sizeof url, IPN_HOST "/forged-%d.pem", i);
        assert_int_equal(ipn_world_ask(world, &(struct ipn_letter){.url = url}), 503);
        assert_int_equal(ipn_world_ask(world, &(struct ipn_letter){.url = url}), 503);
    }
    assert_int_equal(world->fetches, 22);
    /* What is believed stays, whatever was tried beside it. */
    unsigned fetches = world->fetches;
    assert_int_equal(ipn_world_ask(world, &(struct ipn_letter){.notification_type = "New"}), 200);
    assert_int_equal(world->fetches, fetches);
    ipn_counters(world->ipn, &counters);
    assert_int_equal(counters.certificate_fetches, fetches);
    assert_in_range(ipn_world_logged(world, "event=ipn_certificate_refused"), 1, 12);
    ipn_world_settle(world);
    ipn_world_close(world);
}

/* Strangers who post URLs that they made up, as fast as they are answered, delay a genuine
 * notification of a certificate that is not known yet, and no more. */
static void test_a_flood_of_urls(void **state)
{
    struct ipn_world *world = ((struct fixture *)*state)->world;
    struct ipn_client *forged[120];
    char url[128];
    world->config.total_deadline_ms = 10000;
    ipn_world_open(world);
    int64_t began_us = loop_ticks(world->loop).us;
    for (unsigned i = 0; i < 120; i++) {
        (void)snprintf(url, sizeof url, IPN_HOST "/forged-%u.pem", i);
        forged[i] = ipn_world_post(world, &(struct ipn_letter){.url = url});
    }
    const struct ipn_client *genuine =
        ipn_world_post(world, &(struct ipn_letter){.notification_type = "New"});
    ipn_world_wait(world);
    int64_t took_ms = (loop_ticks(world->loop).us - began_us) / 1000;
    if (genuine->status != 200) {
        fail_msg("after %lld ms: %s", (long long)took_ms, genuine->text);
    }
    for (unsigned i = 0; i < 120; i++) {
        assert_int_equal(forged[i]->status, 503);
        if (strstr(forged[i]->text, "no_certificate") == NULL) {
            fail_msg("forged letter %u: %s", i, forged[i]->text);
        }
    }
    assert_int_equal(world->fetches, 121);
    /* Fifty at once and 200 a second: neither faster, nor much slower on a busy machine. */
    assert_in_range(took_ms, (121 - 50 - 1) * 1000 / 200, 3000);
    world->config.total_deadline_ms = 1500;
    ipn_world_settle(world);
    ipn_world_close(world);
}

/* More that are believed than are kept in memory: each is answered, whichever is forgotten. */
static void test_more_certificates_than_are_kept(void **state)
{
    struct ipn_world *world = ((struct fixture *)*state)->world;
    struct ipn_client *clients[80];
    char url[128];
    world->config.total_deadline_ms = 10000;
    ipn_world_open(world);
    for (unsigned i = 0; i < 80; i++) {
        (void)snprintf(url, sizeof url, IPN_HOST "/good-%u.pem", i);
        clients[i] =
            ipn_world_post(world, &(struct ipn_letter){.url = url, .notification_type = "New"});
    }
    ipn_world_wait(world);
    for (unsigned i = 0; i < 80; i++) {
        if (clients[i]->status != 200) {
            fail_msg("letter %u: %s", i, clients[i]->text);
        }
    }
    /* The last one is among those kept, the first one is not. */
    unsigned fetches = world->fetches;
    struct ipn_letter letter = {.url = url, .notification_type = "New"};
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    assert_int_equal(world->fetches, fetches);
    letter.url = IPN_HOST "/good-0.pem";
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    assert_int_equal(world->fetches, fetches + 1);
    world->config.total_deadline_ms = 1500;
    ipn_world_settle(world);
    ipn_world_close(world);
}

/* What waits for a certificate that does not come is bounded; the listener stops in the middle. */
static void test_waiting_is_bounded(void **state)
{
    struct ipn_world *world = ((struct fixture *)*state)->world;
    struct ipn_client *clients[150];
    unsigned busy = 0;
    unsigned without = 0;
    ipn_world_open(world);
    for (size_t i = 0; i < 150; i++) {
        clients[i] = ipn_world_post(world, &(struct ipn_letter){.url = IPN_HOST "/slow.pem"});
    }
    ipn_world_wait(world);
    for (size_t i = 0; i < 150; i++) {
        assert_int_equal(clients[i]->status, 503);
        busy += strstr(clients[i]->text, "busy") != NULL;
        without += strstr(clients[i]->text, "no_certificate") != NULL;
    }
    assert_int_equal(busy, 22);
    assert_int_equal(without, 128);
    assert_string_equal(world->fetched, "/slow.pem ");
    ipn_world_close(world);
}

static void test_stop_while_waiting(void **state)
{
    struct ipn_world *world = ((struct fixture *)*state)->world;
    world->config.total_deadline_ms = 60000; /* read when it is opened */
    ipn_world_open(world);
    const struct ipn_client *waiting =
        ipn_world_post(world, &(struct ipn_letter){.url = IPN_HOST "/slow.pem"});
    while (world->unanswered == NULL) {
        assert_int_equal(waiting->status, 0);
        ipn_world_settle(world);
    }
    ipn_world_close(world);
    ipn_world_wait(world);
    assert_int_equal(waiting->status, 0);
    world->config.total_deadline_ms = 1500;
}

/* A flood of refusals leaves a few lines, and none of them what was posted. */
static void test_log_is_bounded(void **state)
{
    struct ipn_world *world = ((struct fixture *)*state)->world;
    ipn_world_open(world);
    (void)ipn_world_logged(world, "ipn_refused");
    for (int i = 0; i < 60; i++) {
        (void)ipn_world_ask(world, &(struct ipn_letter){.tampered = "MessageId",
                                                        .tampered_to = "forged\nlevel=error"});
    }
    assert_in_range(ipn_world_logged(world, "event=ipn_refused"), 1, 12);
    ipn_world_close(world);
}

/* Anybody may own a topic whose name ends in a merchant id: where money is real, somebody has to
 * say which one is Amazon's. Until then Amazon keeps what it has to tell. */
static void test_a_live_seller_needs_a_topic(void **state)
{
    struct ipn_world *world = ((struct fixture *)*state)->world;
    struct seller_config *live = &world->sellers[1];
    static const char topic[] = "arn:aws:sns:eu-west-1:291180941288:A1A2LIVE";
    const struct ipn_letter letter = {
        .seller = "A2LIVE", .environment = "Live", .topic = topic, .notification_type = "New"};
    struct ipn_letter forged = letter;
    struct ipn_counters counters;
    forged.tampered = "MessageId";
    forged.tampered_to = "x";
    ipn_world_open(world);
    (void)ipn_world_logged(world, "x");
    assert_int_equal(ipn_world_ask(world, &forged), 403); /* its topic may be anything */
    assert_int_equal(ipn_world_logged(world, topic), 0);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(ipn_world_ask(world, &letter), 503);
    }
    ipn_counters(world->ipn, &counters);
    assert_int_equal(counters.ended[IPN_TOPIC_UNSET], 30);
    assert_in_range(
        ipn_world_logged(world, "it came from arn:aws:sns:eu-west-1:291180941288:A1A2LIVE"), 1, 12);
    (void)snprintf(live->ipn_topic_arn, sizeof live->ipn_topic_arn, "%sX", topic);
    ipn_configure(world->ipn, &world->config);
    assert_int_equal(ipn_world_ask(world, &letter), 403);
    (void)snprintf(live->ipn_topic_arn, sizeof live->ipn_topic_arn, topic);
    ipn_configure(world->ipn, &world->config);
    assert_int_equal(ipn_world_ask(world, &letter), 200);
    live->ipn_topic_arn[0] = '\0';
    ipn_world_settle(world);
    ipn_world_close(world);
}

static void test_configured_topic(void **state)
{
    struct ipn_world *world = ((struct fixture *)*state)->world;
    static const char topic[] = "arn:aws:sns:us-west-2:598607868003:SOMETHING";
    ipn_world_open(world);
    (void)snprintf(world->sellers[0].ipn_topic_arn, sizeof world->sellers[0].ipn_topic_arn, topic);
    ipn_configure(world->ipn, &world->config);
    assert_int_equal(ipn_world_ask(world, &(struct ipn_letter){.notification_type = "New"}), 403);
    assert_int_equal(
        ipn_world_ask(world, &(struct ipn_letter){.notification_type = "New", .topic = topic}),
        200);
    world->sellers[0].ipn_topic_arn[0] = '\0';
    ipn_world_settle(world);
    ipn_world_close(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trials),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_replay_and_order),
        cmocka_unit_test(test_one_fetch_for_many),
        cmocka_unit_test(test_fetches_are_bounded),
        cmocka_unit_test(test_a_flood_of_urls),
        cmocka_unit_test(test_more_certificates_than_are_kept),
        cmocka_unit_test(test_waiting_is_bounded),
        cmocka_unit_test(test_stop_while_waiting),
        cmocka_unit_test(test_log_is_bounded),
        cmocka_unit_test(test_configured_topic),
        cmocka_unit_test(test_a_live_seller_needs_a_topic),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
