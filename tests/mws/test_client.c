/*
 * test_client.c - whole calls: typed request out over TLS, typed reply back (label e2e).
 *
 * Goal: what goes out is the signed form of the request, and an answer that is about something else
 * than what was asked is not believed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/classify.h"
#include "mws/client.h"
#include "mws/edge/crypto.h"
#include "mws/form.h"
#include "tests/mws/tls_server.h"

struct world {
    struct loop *loop;
    struct tls_server server;
    struct mws_client *client;
    struct secret *secret;
    struct mws_seller seller;
    const char *answer; /* NULL = silence */
    char seen[4096];    /* the last request's body */
    unsigned requests;
};

struct outcome_seen {
    struct loop *loop;
    unsigned count;
    struct mws_reply reply;
};

static void on_request(void *arg, struct http_exchange *exchange)
{
    struct world *world = arg;
    size_t length = 0;
    (void)snprintf(world->seen, sizeof world->seen, "%s", http_body(exchange, &length));
    world->requests++;
    if (world->answer != NULL) {
        http_answer(exchange, 200, "text/xml", world->answer, strlen(world->answer));
    }
}

static int make_world(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    struct problem problem = {""};
    assert_non_null(world);
    world->loop = loop_new();
    tls_server_start(&world->server, world->loop, "127.0.0.1", on_request, world);
    struct http_client_options options = client_options(world->server.ca_file);
    options.response_bytes_max = 8192;
    options.total_deadline_ms = 2000;
    world->client = mws_client_new(world->loop, &options, &problem);
    assert_non_null(world->client);
    world->secret = secret_new("secret", 6);
    world->seller = (struct mws_seller){.region = MWS_REGION_JP,
                                        .environment = MWS_SANDBOX,
                                        .seller_id = "A1SELLER",
                                        .access_key = "AKIA",
                                        .secret = world->secret};
    (void)snprintf(world->seller.endpoint, sizeof world->seller.endpoint, "%s", world->server.url);
    *state = world;
    return 0;
}

static int free_world(void **state)
{
    struct world *world = *state;
    mws_client_free(world->client);
    tls_server_stop(&world->server);
    secret_free(world->secret);
    loop_free(world->loop);
    free(world);
    return 0;
}

static void on_reply(void *arg, const struct mws_reply *reply)
{
    struct outcome_seen *seen = arg;
    seen->count++;
    seen->reply = *reply;
    if (seen->loop != NULL) {
        loop_stop(seen->loop);
    }
}

static struct mws_reply call(struct world *world, const struct mws_request *request)
{
    struct outcome_seen seen = {.loop = world->loop};
    struct problem problem = {""};
    if (mws_call(world->client, &world->seller, request, on_reply, &seen, &problem) != ST_OK) {
        fail_msg("%s", problem.text);
    }
    assert_int_equal(seen.count, 0);
    loop_run(world->loop);
    assert_int_equal(seen.count, 1);
    return seen.reply;
}

static struct mws_request authorize(void)
{
    return (struct mws_request){.action = MWS_AUTHORIZE_ON_BILLING_AGREEMENT,
                                .authorize_on_billing_agreement = {
                                    .amazon_billing_agreement_id = "C03-1234567-1234567",
                                    .authorization_reference_id = "KEY-1-1",
                                    .authorization_amount = money_of(1200, "JPY"),
                                    .capture_now = true,
                                }};
}

#define AUTHORIZED(reference_id, amount) AUTHORIZED_AS("S03-1-2-A000001", reference_id, amount)
#define AUTHORIZED_AS(id, reference_id, amount)                                                    \
    "<AuthorizeOnBillingAgreementResponse xmlns=\"" MWS_NAMESPACE "\">"                            \
    "<AuthorizeOnBillingAgreementResult><AuthorizationDetails><AuthorizationAmount><"              \
    "Amount>" amount "</Amount><CurrencyCode>JPY</CurrencyCode></AuthorizationAmount>"             \
    "<AmazonAuthorizationId>" id "</AmazonAuthorizationId><AuthorizationStatus>"                   \
    "<State>Closed</State><ReasonCode>MaxCapturesProcessed</ReasonCode></AuthorizationStatus>"     \
    "<AuthorizationReferenceId>" reference_id "</AuthorizationReferenceId></AuthorizationDetails>" \
    "</AuthorizeOnBillingAgreementResult></AuthorizeOnBillingAgreementResponse>"

static void a_call_goes_out_signed_and_its_reply_comes_back(void **state)
{
    struct world *world = *state;
    struct mws_request request = authorize();
    world->answer = AUTHORIZED("KEY-1-1", "1200.00");
    (void)snprintf(world->seller.auth_token, sizeof world->seller.auth_token, "%s",
                   "amzn.mws.1234");
    struct mws_reply reply = call(world, &request);
    assert_false(reply.is_unreadable);
    assert_string_equal(reply.authorization.amazon_authorization_id, "S03-1-2-A000001");
    assert_int_equal(mws_classify(&reply).outcome, OUTCOME_DONE);

    static const char *const parts[] = {
        "AWSAccessKeyId=AKIA&Action=AuthorizeOnBillingAgreement&AmazonBillingAgreementId=C03-",
        "&AuthorizationAmount.Amount=1200&AuthorizationAmount.CurrencyCode=JPY&",
        "&CaptureNow=true&MWSAuthToken=amzn.mws.1234&SellerId=A1SELLER&",
        "&SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp=20",
        "&TransactionTimeout=0&Version=2013-01-01&Signature=",
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (strstr(world->seen, parts[i]) == NULL) {
            fail_msg("%s\nis not in %s", parts[i], world->seen);
        }
    }
    assert_null(strstr(world->seen, "secret"));
}

/* Is the body that was seen signed for `path` of the test's server? */
static bool is_signed_for(const struct world *world, const char *path)
{
    char text[8192];
    uint8_t mac[HMAC_SHA256_BYTES];
    char base64[BASE64_LENGTH(HMAC_SHA256_BYTES) + 1];
    char signature[3 * sizeof base64];
    const char *end = strstr(world->seen, "&Signature=");
    assert_non_null(end);
    int length = snprintf(text, sizeof text, "POST\n127.0.0.1:%u\n%s\n%.*s",
                          (unsigned)http_server_port(world->server.http), path,
                          (int)(end - world->seen), world->seen);
    struct hmac_key *key = hmac_key_new("secret", 6);
    hmac_sha256(key, text, (size_t)length, mac);
    hmac_key_free(key);
    base64_encode(mac, sizeof mac, base64);
    *percent_encode(base64, strlen(base64), signature) = '\0';
    return strcmp(end + strlen("&Signature="), signature) == 0;
}

/* Goal: what the client keeps of one seller's endpoint is not used for another's. */
static void each_seller_is_signed_for_by_its_own_endpoint(void **state)
{
    struct world *world = *state;
    static const char *const paths[] = {"/path", "/path2", "/path", "/other", "/path2"};
    const struct mws_request request = authorize();
    struct problem problem = {""};
    char *path = strstr(world->seller.endpoint, "/path");
    world->answer = AUTHORIZED("KEY-1-1", "1200");
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        (void)stpcpy(path, paths[i]);
        assert_false(call(world, &request).is_unreadable);
        assert_true(is_signed_for(world, paths[i]));
        assert_false(is_signed_for(world, "/"));
        (void)stpcpy(path, "/no path"); /* nor is one that is no endpoint taken for the last one */
        assert_int_equal(mws_call(world->client, &world->seller, &request, NULL, NULL, &problem),
                         ST_INVALID);
    }
    world->seller.endpoint[0] = '\0';
    assert_int_equal(mws_call(world->client, &world->seller, &request, NULL, NULL, &problem),
                     ST_INVALID);
}

static void an_answer_about_something_else_is_not_believed(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *answer, *message;
    } cases[] = {
        {AUTHORIZED("KEY-1-2", "1200"), "KEY-1-2"},
        {AUTHORIZED("key-1-1", "1200"), "key-1-1"},
        {AUTHORIZED("KEY-1-1", "1201"), "amount"},
        {AUTHORIZED_AS("P03-1-2-A000001", "KEY-1-1", "1200"), "live environment, not to sandbox"},
        {AUTHORIZED_AS("S01-1-2-A000001", "KEY-1-1", "1200"), "region na, not to jp"},
    };
    struct mws_request request = authorize();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        world->answer = cases[i].answer;
        struct mws_reply reply = call(world, &request);
        assert_true(reply.is_unreadable);
        assert_non_null(strstr(reply.message, cases[i].message));
        assert_int_equal(mws_classify(&reply).outcome, OUTCOME_UNKNOWN);
        assert_string_equal(reply.authorization.amazon_authorization_id, "");
    }
    request = (struct mws_request){.action = MWS_GET_AUTHORIZATION_DETAILS,
                                   .get_authorization_details = {"S03-1-2-A000002"}};
    world->answer = "<GetAuthorizationDetailsResponse><GetAuthorizationDetailsResult>"
                    "<AuthorizationDetails><AmazonAuthorizationId>S03-1-2-A000001"
                    "</AmazonAuthorizationId><AuthorizationReferenceId>KEY-1-1"
                    "</AuthorizationReferenceId><AuthorizationAmount><Amount>1</Amount>"
                    "<CurrencyCode>JPY</CurrencyCode></AuthorizationAmount><AuthorizationStatus>"
                    "<State>Open</State></AuthorizationStatus></AuthorizationDetails>"
                    "</GetAuthorizationDetailsResult></GetAuthorizationDetailsResponse>";
    assert_true(call(world, &request).is_unreadable);
    request.get_authorization_details.amazon_authorization_id = "S03-1-2-A000001";
    assert_false(call(world, &request).is_unreadable);
}

#define ANSWERED(action, inner)                                                                    \
    "<" action "Response><" action "Result>" inner "</" action "Result></" action "Response>"
#define PRICE(name, amount)                                                                        \
    "<" name "><Amount>" amount "</Amount><CurrencyCode>JPY</CurrencyCode></" name ">"
#define DONE(name) "<" name "><State>Completed</State></" name ">"

/* Money is taken and given back by these: their answers are held to the same. */
static void captures_and_refunds_must_be_the_ones_asked_for(void **state)
{
    struct world *world = *state;
    struct mws_request capture = {.action = MWS_CAPTURE,
                                  .capture = {.amazon_authorization_id = "S03-1-2-A000001",
                                              .capture_reference_id = "c-1",
                                              .capture_amount = money_of(1200, "JPY")}};
    struct mws_request refund = {.action = MWS_REFUND,
                                 .refund = {.amazon_capture_id = "S03-1-2-C000001",
                                            .refund_reference_id = "r-1",
                                            .refund_amount = money_of(30, "JPY")}};
    struct mws_request order = {
        .action = MWS_SET_ORDER_REFERENCE_DETAILS,
        .set_order_reference_details = {.amazon_order_reference_id = "S03-1-2",
                                        .attributes = {.order_total = money_of(1200, "JPY")}}};
#define CAPTURED(id, amount)                                                                       \
    ANSWERED("Capture",                                                                            \
             "<CaptureDetails><AmazonCaptureId>C</AmazonCaptureId>"                                \
             "<CaptureReferenceId>" id "</CaptureReferenceId>" PRICE("CaptureAmount", amount)      \
                 DONE("CaptureStatus") "</CaptureDetails>")
#define REFUNDED(id, amount)                                                                       \
    ANSWERED("Refund", "<RefundDetails><AmazonRefundId>R</AmazonRefundId><RefundReferenceId>" id   \
                       "</RefundReferenceId>" PRICE("RefundAmount", amount)                        \
                           DONE("RefundStatus") "</RefundDetails>")
#define SET(id)                                                                                    \
    ANSWERED("SetOrderReferenceDetails",                                                           \
             "<OrderReferenceDetails><AmazonOrderReferenceId>" id "</AmazonOrderReferenceId>"      \
             "<OrderReferenceStatus><State>Draft</State></OrderReferenceStatus>"                   \
             "</OrderReferenceDetails>")
    const struct {
        const struct mws_request *request;
        const char *answer;
        bool is_believed;
    } cases[] = {
        {&capture, CAPTURED("c-1", "1200.00"), true},
        {&capture, CAPTURED("c-2", "1200"), false},
        {&capture, CAPTURED("c-1", "1199"), false},
        {&refund, REFUNDED("r-1", "30"), true},
        {&refund, REFUNDED("r-2", "30"), false},
        {&refund, REFUNDED("r-1", "31"), false},
        {&order, SET("S03-1-2"), true},
        {&order, SET("S03-1-3"), false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        world->answer = cases[i].answer;
        struct mws_reply reply = call(world, cases[i].request);
        assert_int_equal(reply.is_unreadable, !cases[i].is_believed);
        assert_int_equal(mws_classify(&reply).outcome,
                         cases[i].is_believed ? OUTCOME_DONE : OUTCOME_UNKNOWN);
    }
}

static void silence_and_absence_are_transport_failures(void **state)
{
    struct world *world = *state;
    struct mws_request request = authorize();
    world->answer = NULL;
    struct mws_reply reply = call(world, &request);
    assert_true(reply.is_transport_failure);
    assert_false(reply.not_sent);
    assert_string_not_equal(reply.message, "");
    assert_int_equal(mws_classify(&reply).outcome, OUTCOME_UNKNOWN);

    (void)snprintf(world->seller.endpoint, sizeof world->seller.endpoint, "%s",
                   "https://127.0.0.1:1/path");
    reply = call(world, &request);
    assert_true(reply.is_transport_failure);
    assert_true(reply.not_sent);
    assert_int_equal(mws_classify(&reply).outcome, OUTCOME_LATER);
}

static void an_answer_that_is_too_long_is_unreadable(void **state)
{
    struct world *world = *state;
    struct mws_request request = authorize();
    static char text[10000];
    memset(text, 'x', sizeof text - 1);
    world->answer = text;
    struct mws_reply reply = call(world, &request);
    assert_true(reply.is_unreadable);
    assert_false(reply.is_transport_failure);
    assert_int_equal(reply.http_status, 200);
}

static void what_breaks_a_bound_is_not_sent(void **state)
{
    struct world *world = *state;
    struct outcome_seen seen = {.loop = NULL};
    struct problem problem = {""};
    struct mws_request request = authorize();
    request.authorize_on_billing_agreement.authorization_amount = money_of(0, "JPY");
    assert_int_equal(mws_call(world->client, &world->seller, &request, on_reply, &seen, &problem),
                     ST_INVALID);
    assert_non_null(strstr(problem.text, "AuthorizationAmount"));

    request = authorize();
    struct mws_seller seller = world->seller;
    seller.secret = NULL;
    assert_int_equal(mws_call(world->client, &seller, &request, on_reply, &seen, &problem),
                     ST_INVALID);
    seller = world->seller;
    (void)snprintf(seller.endpoint, sizeof seller.endpoint, "%s", "http://127.0.0.1/");
    assert_int_equal(mws_call(world->client, &seller, &request, on_reply, &seen, &problem),
                     ST_INVALID);
    assert_non_null(strstr(problem.text, "https"));
    static const struct {
        const char *id, *sentence;
    } elsewhere[] = {
        {"B03-1234567-1234567", "B03-1234567-1234567 belongs to the live environment"},
        {"C01-1234567-1234567", "C01-1234567-1234567 belongs to region na, not to jp"},
        {"A1SELLER", "A1SELLER is no id"},
        {"", "AmazonBillingAgreementId is missing"},
    };
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
        request.authorize_on_billing_agreement.amazon_billing_agreement_id = elsewhere[i].id;
        assert_int_equal(
            mws_call(world->client, &world->seller, &request, on_reply, &seen, &problem),
            ST_INVALID);
        assert_non_null(strstr(problem.text, elsewhere[i].sentence));
    }
    request = authorize();
    seller = world->seller;
    seller.environment = 0;
    assert_int_equal(mws_call(world->client, &seller, &request, on_reply, &seen, &problem),
                     ST_INVALID);
    world->answer = AUTHORIZED("KEY-1-1", "1200");
    (void)call(world, &request);
    assert_int_equal(world->requests, 1);
    assert_int_equal(seen.count, 0);
}

static void freeing_the_client_ends_open_calls(void **state)
{
    struct world *world = *state;
    struct outcome_seen seen[3] = {{.loop = NULL}};
    struct mws_request request = authorize();
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(
            mws_call(world->client, &world->seller, &request, on_reply, &seen[i], NULL), ST_OK);
    }
    mws_client_free(world->client);
    world->client = NULL;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(seen[i].count, 1);
        assert_true(seen[i].reply.is_transport_failure);
        assert_int_equal(mws_classify(&seen[i].reply).outcome, OUTCOME_UNKNOWN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_call_goes_out_signed_and_its_reply_comes_back, make_world,
                                        free_world),
        cmocka_unit_test_setup_teardown(each_seller_is_signed_for_by_its_own_endpoint, make_world,
                                        free_world),
        cmocka_unit_test_setup_teardown(an_answer_about_something_else_is_not_believed, make_world,
                                        free_world),
        cmocka_unit_test_setup_teardown(captures_and_refunds_must_be_the_ones_asked_for, make_world,
                                        free_world),
        cmocka_unit_test_setup_teardown(silence_and_absence_are_transport_failures, make_world,
                                        free_world),
        cmocka_unit_test_setup_teardown(an_answer_that_is_too_long_is_unreadable, make_world,
                                        free_world),
        cmocka_unit_test_setup_teardown(what_breaks_a_bound_is_not_sent, make_world, free_world),
        cmocka_unit_test_setup_teardown(freeing_the_client_ends_open_calls, make_world, free_world),
    };
    (void)setenv("no_proxy", "*", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
