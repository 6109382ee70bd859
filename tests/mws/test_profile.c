/*
 * test_profile.c - Login with Amazon: the questions over TLS, and answers of every kind.
 *
 * Goal: the token goes out in its header and nowhere else, and an answer is either Amazon's or is
 * said not to be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/profile.h"
#include "tests/mws/tls_server.h"

#define TOKEN "Atza|IQEBLjAsAhRmHjNgHpi0U-Dme37rR6CuUpSR+/=="

/* ---- reading --------------------------------------------------------------------------------- */

static struct mws_profile_reply read_as(enum mws_profile_question question, int status,
                                        const char *body)
{
    struct mws_profile_reply reply;
    memset(&reply, 0xa5, sizeof reply);
    mws_profile_read(&reply, question, status, body, strlen(body));
    assert_false(reply.is_transport_failure);
    assert_int_equal(reply.question, question);
    assert_int_equal(reply.http_status, status);
    return reply;
}

static void the_info_of_a_token_is_read(void **state)
{
    (void)state;
    struct mws_profile_reply reply =
        read_as(MWS_TOKEN_INFO, 200,
                "{\"iss\":\"https://www.amazon.com\",\"user_id\":\"amzn1.account.K2LI23KL2LK2\","
                "\"aud\":\"amzn1.application-oa2-client.ASFWDFBRN\",\"more\":[{}],"
                "\"app_id\":\"amzn1.application.436457DFHDH\",\"exp\":3597,\"iat\":1475349936}");
    assert_false(reply.is_unreadable);
    assert_false(reply.is_error);
    assert_string_equal(reply.token_info.iss, "https://www.amazon.com");
    assert_string_equal(reply.token_info.user_id, "amzn1.account.K2LI23KL2LK2");
    assert_string_equal(reply.token_info.aud, "amzn1.application-oa2-client.ASFWDFBRN");
    assert_string_equal(reply.token_info.app_id, "amzn1.application.436457DFHDH");
    assert_int_equal(reply.token_info.exp_s, 3597);
    assert_int_equal(reply.token_info.iat.utc_ms, INT64_C(1475349936000));

    reply = read_as(MWS_TOKEN_INFO, 200, "{\"user_id\":\"u\",\"app_id\":\"a\",\"exp\":1}");
    assert_false(reply.is_unreadable);
    assert_string_equal(reply.token_info.aud, "");
    assert_true(reply.token_info.iat.utc_ms == INSTANT_NEVER.utc_ms);
}

static void a_profile_is_read(void **state)
{
    (void)state;
    struct mws_profile_reply reply = read_as(
        MWS_USER_PROFILE, 200,
        "{\"user_id\":\"amzn1.account.K2\",\"name\":\"山田 太郎\",\"email\":\"taro@example.com\","
        "\"postal_code\":\"153-0064\"}");
    assert_false(reply.is_unreadable);
    assert_string_equal(reply.user_profile.user_id, "amzn1.account.K2");
    assert_string_equal(reply.user_profile.name, "山田 太郎");
    assert_string_equal(reply.user_profile.email, "taro@example.com");
    assert_string_equal(reply.user_profile.postal_code, "153-0064");
    /* The scope profile:user_id. */
    reply = read_as(MWS_USER_PROFILE, 200, "{\"user_id\":\"u\",\"name\":null}");
    assert_false(reply.is_unreadable);
    assert_string_equal(reply.user_profile.name, "");
    assert_string_equal(reply.user_profile.email, "");
    assert_string_equal(reply.user_profile.postal_code, "");
}

static void an_error_is_amazons_or_none(void **state)
{
    (void)state;
    struct mws_profile_reply reply =
        read_as(MWS_TOKEN_INFO, 400,
                "{\"error\":\"invalid_token\",\"error_description\":\"The request has an invalid "
                "parameter : access_token\",\"request_id\":\"bef0c2f8\"}");
    assert_true(reply.is_error);
    assert_false(reply.is_unreadable);
    assert_string_equal(reply.error, "invalid_token");
    assert_string_equal(reply.message, "The request has an invalid parameter : access_token");
    /* An error is one whatever the status says: it is never a profile. */
    reply =
        read_as(MWS_USER_PROFILE, 200, "{\"error\":\"insufficient_scope\",\"user_id\":\"amzn1\"}");
    assert_true(reply.is_error);
    assert_string_equal(reply.message, "");

    /* A long description is cut between characters. */
    char body[4096] = "{\"error\":\"server_error\",\"error_description\":\"x";
    for (int i = 0; i < 400; i++) {
        strncat(body, "郎", sizeof body - strlen(body) - 1);
    }
    strncat(body, "\"}", sizeof body - strlen(body) - 1);
    reply = read_as(MWS_USER_PROFILE, 500, body);
    assert_true(reply.is_error);
    assert_int_equal(strlen(reply.message), 1 + 170 * 3);
}

static void anything_else_is_unreadable(void **state)
{
    (void)state;
    static const struct {
        enum mws_profile_question question;
        int status;
        const char *body, *message;
    } cases[] = {
        {MWS_TOKEN_INFO, 200, "", "HTTP status 200"},
        {MWS_TOKEN_INFO, 503, "<html>Service Unavailable</html>", "HTTP status 503"},
        {MWS_TOKEN_INFO, 200, "[]", "no JSON object"},
        {MWS_TOKEN_INFO, 200, "null", "no JSON object"},
        {MWS_TOKEN_INFO, 200, "{}", "whose"},
        {MWS_TOKEN_INFO, 404, "{\"message\":\"x\"}", "HTTP status 404 without"},
        {MWS_TOKEN_INFO, 302, "{\"user_id\":\"u\",\"aud\":\"a\",\"exp\":1}", "HTTP status 302"},
        {MWS_TOKEN_INFO, 200, "{\"user_id\":\"u\",\"exp\":1}", "whose"},
        {MWS_TOKEN_INFO, 200, "{\"aud\":\"a\",\"exp\":1}", "whose"},
        {MWS_TOKEN_INFO, 200, "{\"user_id\":\"u\",\"aud\":\"a\"}", "\"exp\""},
        {MWS_TOKEN_INFO, 200, "{\"user_id\":\"u\",\"aud\":\"a\",\"exp\":0}", "\"exp\""},
        {MWS_TOKEN_INFO, 200, "{\"user_id\":\"u\",\"aud\":\"a\",\"exp\":-5}", "\"exp\""},
        {MWS_TOKEN_INFO, 200, "{\"user_id\":\"u\",\"aud\":\"a\",\"exp\":\"1\"}", "\"exp\""},
        {MWS_TOKEN_INFO, 200, "{\"user_id\":\"u\",\"aud\":[\"a\"],\"exp\":1}", "\"aud\""},
        {MWS_TOKEN_INFO, 200, "{\"user_id\":7,\"aud\":\"a\",\"exp\":1}", "\"user_id\""},
        {MWS_TOKEN_INFO, 200, "{\"user_id\":\"u\",\"aud\":\"a\",\"aud\":\"b\",\"exp\":1}", "uplic"},
        {MWS_TOKEN_INFO, 200, "{\"user_id\":\"u\",\"aud\":\"a\\u0000b\",\"exp\":1}", "HTTP status"},
        {MWS_TOKEN_INFO, 400, "{\"error\":400}", "\"error\""},
        {MWS_USER_PROFILE, 200, "{\"name\":\"x\"}", "user_id"},
        {MWS_USER_PROFILE, 200, "{\"user_id\":\"\"}", "user_id"},
        {MWS_USER_PROFILE, 200, "{\"user_id\":\"u\",\"email\":{}}", "\"email\""},
        {MWS_USER_PROFILE, 200,
         "{\"user_id\":\"u\",\"postal_code\":\"12345678901234567890123456789012\"}", "31 bytes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mws_profile_reply reply = read_as(cases[i].question, cases[i].status, cases[i].body);
        if (!reply.is_unreadable || reply.is_error ||
            strstr(reply.message, cases[i].message) == NULL) {
            fail_msg("%s: %s", cases[i].body, reply.message);
        }
        static const struct mws_token_info nothing;
        assert_memory_equal(&reply.token_info, &nothing, sizeof nothing);
    }
    struct mws_profile_reply reply =
        read_as(MWS_USER_PROFILE, 200,
                "{\"user_id\":\"u\",\"postal_code\":\"1234567890123456789012345678901\"}");
    assert_false(reply.is_unreadable);
}

static void only_our_own_tokens_are_ours(void **state)
{
    (void)state;
    struct mws_token_info info = {.aud = "client", .app_id = "app"};
    assert_true(mws_token_is_ours(&info, "client", NULL));
    assert_true(mws_token_is_ours(&info, "client", "other"));
    assert_true(mws_token_is_ours(&info, "other", "app"));
    assert_true(mws_token_is_ours(&info, NULL, "app"));
    assert_false(mws_token_is_ours(&info, "other", "another"));
    assert_false(mws_token_is_ours(&info, "app", "client"));
    assert_false(mws_token_is_ours(&info, "Client", "App"));
    assert_false(mws_token_is_ours(&info, "clien", "ap"));
    assert_false(mws_token_is_ours(&info, NULL, NULL));
    info = (struct mws_token_info){0};
    assert_false(mws_token_is_ours(&info, "", ""));
    assert_false(mws_token_is_ours(&info, NULL, NULL));
}

/* ---- asking ---------------------------------------------------------------------------------- */

struct world {
    struct loop *loop;
    struct tls_server server;
    struct http_client *http;
    char endpoint[64];
    int status;
    const char *answer; /* NULL = silence */
    unsigned requests;
    char method[8], path[64], query[64], token[MWS_ACCESS_TOKEN_CHARACTERS + 2];
    bool is_closing; /* the loop does not run: nothing to stop */
    unsigned answers;
    struct mws_profile_reply reply;
};

static void on_request(void *arg, struct http_exchange *exchange)
{
    struct world *world = arg;
    const char *token = http_header(exchange, "x-amz-access-token");
    world->requests++;
    (void)snprintf(world->method, sizeof world->method, "%s", http_method(exchange));
    (void)snprintf(world->path, sizeof world->path, "%s", http_path(exchange));
    (void)snprintf(world->query, sizeof world->query, "%s", http_raw_query(exchange));
    (void)snprintf(world->token, sizeof world->token, "%s", token != NULL ? token : "(none)");
    if (world->answer != NULL) {
        http_answer(exchange, world->status, "application/json", world->answer,
                    strlen(world->answer));
    }
}

static int make_world(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    struct problem problem = {""};
    assert_non_null(world);
    world->loop = loop_new();
    world->status = 200;
    tls_server_start(&world->server, world->loop, "127.0.0.1", on_request, world);
    (void)snprintf(world->endpoint, sizeof world->endpoint, "https://127.0.0.1:%u",
                   (unsigned)http_server_port(world->server.http));
    struct http_client_options options = client_options(world->server.ca_file);
    options.total_deadline_ms = 2000;
    world->http = http_client_new(world->loop, &options, &problem);
    if (world->http == NULL) {
        fail_msg("%s", problem.text);
    }
    *state = world;
    return 0;
}

static int free_world(void **state)
{
    struct world *world = *state;
    http_client_free(world->http);
    tls_server_stop(&world->server);
    loop_free(world->loop);
    free(world);
    return 0;
}

static void on_reply(void *arg, const struct mws_profile_reply *reply)
{
    struct world *world = arg;
    world->answers++;
    world->reply = *reply;
    if (!world->is_closing) {
        loop_stop(world->loop);
    }
}

static const struct mws_profile_reply *ask(struct world *world, enum mws_profile_question question)
{
    struct problem problem = {""};
    world->answers = 0;
    if (mws_profile_ask(world->http, world->endpoint, question, TOKEN, on_reply, world, &problem) !=
        ST_OK) {
        fail_msg("%s", problem.text);
    }
    assert_int_equal(world->answers, 0);
    loop_run(world->loop);
    assert_int_equal(world->answers, 1);
    return &world->reply;
}

static void both_questions_are_asked_and_answered(void **state)
{
    struct world *world = *state;
    world->answer = "{\"user_id\":\"u\",\"aud\":\"client\",\"exp\":60}";
    const struct mws_profile_reply *reply = ask(world, MWS_TOKEN_INFO);
    assert_true(mws_token_is_ours(&reply->token_info, "client", NULL));
    assert_string_equal(world->method, "GET");
    assert_string_equal(world->path, "/auth/o2/tokeninfo");
    assert_string_equal(world->query, "");
    assert_string_equal(world->token, TOKEN);

    world->answer = "{\"user_id\":\"u\",\"name\":\"n\",\"email\":\"e@example.com\"}";
    reply = ask(world, MWS_USER_PROFILE);
    assert_string_equal(reply->user_profile.email, "e@example.com");
    assert_string_equal(world->path, "/user/profile");
    assert_string_equal(world->token, TOKEN);

    world->status = 401;
    world->answer = "{\"error\":\"invalid_token\",\"error_description\":\"expired\"}";
    reply = ask(world, MWS_USER_PROFILE);
    assert_true(reply->is_error);
    assert_int_equal(reply->http_status, 401);

    char large[2000];
    memset(large, ' ', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    world->answer = large;
    assert_true(ask(world, MWS_USER_PROFILE)->is_unreadable);
}

static void silence_and_absence_are_transport_failures(void **state)
{
    struct world *world = *state;
    const struct mws_profile_reply *reply = ask(world, MWS_TOKEN_INFO);
    assert_true(reply->is_transport_failure);
    assert_false(reply->not_sent);
    assert_string_not_equal(reply->message, "");
    assert_null(strstr(reply->message, TOKEN));
    (void)snprintf(world->endpoint, sizeof world->endpoint, "https://127.0.0.1:1");
    reply = ask(world, MWS_TOKEN_INFO);
    assert_true(reply->is_transport_failure);
    assert_true(reply->not_sent);
}

static void a_token_that_is_none_is_not_sent(void **state)
{
    struct world *world = *state;
    static char longest[MWS_ACCESS_TOKEN_CHARACTERS + 2];
    memset(longest, 'x', sizeof longest - 1);
    const char *const bad[] = {"",          "Atza|x\r\nX-Evil: 1", "Atza|x\n", "Atza| x",
                               "Atza|\x7f", "Atza|\xe9",           "\t",       longest};
    struct problem problem = {""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(mws_profile_ask(world->http, world->endpoint, MWS_TOKEN_INFO, bad[i],
                                         on_reply, world, &problem),
                         ST_INVALID);
        assert_non_null(strstr(problem.text, "access token"));
        assert_null(strstr(problem.text, "Atza"));
    }
    assert_int_equal(mws_profile_ask(world->http, "http://127.0.0.1:1", MWS_TOKEN_INFO, TOKEN,
                                     on_reply, world, &problem),
                     ST_INVALID);
    assert_null(strstr(problem.text, "Atza"));
    assert_int_equal(http_client_open_count(world->http), 0);

    longest[MWS_ACCESS_TOKEN_CHARACTERS] = '\0';
    world->answer = "{\"user_id\":\"u\",\"aud\":\"client\",\"exp\":60}";
    assert_int_equal(mws_profile_ask(world->http, world->endpoint, MWS_TOKEN_INFO, longest,
                                     on_reply, world, &problem),
                     ST_OK);
    loop_run(world->loop);
    assert_int_equal(world->requests, 1);
    assert_string_equal(world->token, longest);
}

static void freeing_the_client_ends_an_open_question(void **state)
{
    struct world *world = *state;
    struct problem problem = {""};
    assert_int_equal(mws_profile_ask(world->http, world->endpoint, MWS_TOKEN_INFO, TOKEN, on_reply,
                                     world, &problem),
                     ST_OK);
    world->is_closing = true;
    http_client_free(world->http);
    world->http = NULL;
    assert_int_equal(world->answers, 1);
    assert_true(world->reply.is_transport_failure);
}

#define CASE(test)    cmocka_unit_test_setup_teardown(test, make_world, free_world)
#define READING(test) cmocka_unit_test(test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        READING(the_info_of_a_token_is_read),
        READING(a_profile_is_read),
        READING(an_error_is_amazons_or_none),
        READING(anything_else_is_unreadable),
        READING(only_our_own_tokens_are_ours),
        CASE(both_questions_are_asked_and_answered),
        CASE(silence_and_absence_are_transport_failures),
        CASE(a_token_that_is_none_is_not_sent),
        CASE(freeing_the_client_ends_an_open_question),
    };
    (void)setenv("no_proxy", "*", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
