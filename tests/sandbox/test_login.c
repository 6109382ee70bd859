/*
 * test_login.c - Login with Amazon in the sandbox: tokens, what they tell and show, and how they
 * open the buyer's address.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/edge/json.h"
#include "tests/sandbox/driver.h"

#define BA   "C03-0000000-0000001"
#define INFO "/auth/o2/tokeninfo"
#define USER "/user/profile"

struct answered {
    int status;
    struct json *root;
};

static struct json *parse(const struct text *text)
{
    struct json *root = NULL;
    struct problem problem;
    if (json_parse(text->bytes, text->length, &root, &problem) != ST_OK) {
        fail_msg("%s: %s", problem.text, text->bytes);
    }
    return root;
}

/* A new token; to be freed. */
static char *log_in(struct driver *d, const char *body)
{
    if (driver_control(d, "POST", "/control/tokens", body) != 201) {
        fail_msg("%s", d->control.bytes);
    }
    struct json *root = parse(&d->control);
    char *token = strdup(json_as_string(json_get(root, "access_token")));
    assert_string_equal(json_as_string(json_get(root, "token_type")), "bearer");
    json_free(root);
    return token;
}

static struct answered ask(struct driver *d, const struct login_request *request)
{
    struct text out = {0};
    struct login_request now = *request;
    now.now = instant_plus(d->now, d->sandbox.world.clock_ahead_ms);
    struct answered answered = {.status = login_answer(&d->sandbox.logins, &now, &out)};
    answered.root = parse(&out);
    text_free(&out);
    return answered;
}

static struct answered get(struct driver *d, const char *path, const char *token)
{
    const struct login_request request = {.method = "GET", .path = path, .token = token};
    return ask(d, &request);
}

static void expect_text(struct answered a, const char *key, const char *text)
{
    const char *found = json_as_string(json_get(a.root, key));
    found = found != NULL ? found : "(none)";
    if (strcmp(found, text) != 0) {
        fail_msg("%s is %s where %s was expected", key, found, text);
    }
}

static void expect_error(struct answered a, int status, const char *error)
{
    assert_int_equal(a.status, status);
    expect_text(a, "error", error);
    assert_non_null(json_as_string(json_get(a.root, "error_description")));
    json_free(a.root);
}

static void a_token_tells_whose_it_is(void **state)
{
    (void)state;
    struct driver *d = driver_new();
    char *token = log_in(d, "{\"client_id\":\"client-1\",\"app_id\":\"app-1\",\"user_id\":\"u-1\","
                            "\"name\":\"Hanako\",\"email\":\"h@example.com\",\"scopes\":"
                            "\"payments:widget  profile\",\"expires_s\":90}");
    char *other = log_in(d, "{\"client_id\":\"client-2\"}");
    assert_true(strlen(token) >= 350);
    assert_int_equal(strncmp(token, "Atza|", 5), 0);
    assert_string_not_equal(token, other);

    driver_pass(d, 30500);
    struct answered a = get(d, INFO, token);
    int64_t number = 0;
    assert_int_equal(a.status, 200);
    expect_text(a, "aud", "client-1");
    expect_text(a, "app_id", "app-1");
    expect_text(a, "user_id", "u-1");
    expect_text(a, "iss", "https://www.amazon.com");
    assert_true(json_as_integer(json_get(a.root, "exp"), &number));
    assert_int_equal(number, 60); /* of 59.5 */
    assert_true(json_as_integer(json_get(a.root, "iat"), &number));
    assert_int_equal(number, DRIVER_NOW_MS / 1000);
    json_free(a.root);

    a = get(d, USER, token);
    assert_int_equal(a.status, 200);
    expect_text(a, "user_id", "u-1");
    expect_text(a, "name", "Hanako");
    expect_text(a, "email", "h@example.com");
    expect_text(a, "postal_code", "(none)");
    json_free(a.root);
    a = get(d, INFO, other);
    expect_text(a, "aud", "client-2");
    json_free(a.root);

    /* The ways of older clients. */
    char line[1024];
    (void)snprintf(line, sizeof line, "bearer %s", token);
    struct login_request request = {.method = "GET", .path = USER, .authorization = line};
    a = ask(d, &request);
    expect_text(a, "user_id", "u-1");
    json_free(a.root);
    request.authorization = "Basic abc";
    expect_error(ask(d, &request), 400, "invalid_request");
    free(token);
    free(other);
    driver_free(d);
}

static void a_profile_shows_what_the_scope_covers(void **state)
{
    (void)state;
    static const struct {
        const char *scopes;
        int status;
        bool has_name, has_postal_code;
    } cases[] = {
        {"profile", 200, true, false},
        {"profile postal_code", 200, true, true},
        {"profile:user_id", 200, false, false},
        {"postal_code", 200, false, true},
        {"payments:widget", 403, false, false},
        {"profiles", 403, false, false},
        {"", 403, false, false},
    };
    struct driver *d = driver_new();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char body[128];
        (void)snprintf(body, sizeof body, "{\"scopes\":\"%s\"}", cases[i].scopes);
        char *token = log_in(d, body);
        struct answered a = get(d, USER, token);
        assert_int_equal(a.status, cases[i].status);
        assert_int_equal(json_get(a.root, "user_id") != NULL, cases[i].status == 200);
        assert_int_equal(json_get(a.root, "name") != NULL, cases[i].has_name);
        assert_int_equal(json_get(a.root, "postal_code") != NULL, cases[i].has_postal_code);
        json_free(a.root);
        a = get(d, INFO, token); /* needs no scope */
        assert_int_equal(a.status, 200);
        json_free(a.root);
        free(token);
    }
    driver_free(d);
}

static void a_token_that_is_none_is_refused(void **state)
{
    (void)state;
    struct driver *d = driver_new();
    char *token = log_in(d, "{\"expires_s\":60}");
    expect_error(get(d, INFO, NULL), 400, "invalid_request");
    expect_error(get(d, INFO, ""), 400, "invalid_request");
    expect_error(get(d, INFO, "Atza|unknown"), 400, "invalid_token");
    expect_error(get(d, USER, "Atza|unknown"), 401, "invalid_token");
    const struct login_request posted = {.method = "POST", .path = INFO, .token = token};
    expect_error(ask(d, &posted), 405, "invalid_request");

    driver_pass(d, 59999);
    struct answered a = get(d, INFO, token);
    int64_t left = 0;
    assert_true(json_as_integer(json_get(a.root, "exp"), &left));
    assert_int_equal(left, 1); /* never 0 while it is valid */
    json_free(a.root);
    /* The sandbox's own clock counts. */
    assert_int_equal(driver_control(d, "POST", "/control/clock", "{\"advance_s\":1}"), 200);
    expect_error(get(d, INFO, token), 400, "invalid_token");
    expect_error(get(d, USER, token), 401, "invalid_token");
    assert_true(login_is_path(INFO));
    assert_true(login_is_path(USER));
    assert_false(login_is_path("/user/profile/"));
    assert_false(login_is_path(PATH_SANDBOX));
    free(token);
    driver_free(d);
}

static void bad_logins_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{\"client_id\":7}",     "{\"scopes\":[\"profile\"]}", "{\"expires_s\":0}",
        "{\"expires_s\":86401}", "{\"expires_s\":\"60\"}",     "{\"name\":null}",
    };
    struct driver *d = driver_new();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(driver_control(d, "POST", "/control/tokens", bad[i]), 400);
    }
    assert_int_equal(driver_control(d, "GET", "/control/tokens", ""), 405);
    assert_int_equal(driver_control(d, "POST", "/control/tokens", ""), 201); /* all defaults */
    driver_free(d);
}

static int details(struct driver *d, const char *name, const char *token)
{
    return driver_call(d, "GetBillingAgreementDetails", "AmazonBillingAgreementId", BA, name, token,
                       NULL);
}

static void a_token_opens_the_address(void **state)
{
    (void)state;
    struct driver *d = driver_new();
    driver_agreement(d, BA, ",\"state\":\"Draft\"");
    /* Until the first was made, any token does. */
    assert_int_equal(details(d, "AccessToken", "anything"), 200);
    assert_string_not_equal(driver_element(d, "AddressLine1"), "(none)");

    char *whole = log_in(d, "{\"expires_s\":60}");
    char *blind = log_in(d, "{\"scopes\":\"profile payments:widget\"}");
    static const char *const names[] = {"AccessToken", "AddressConsentToken"};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(details(d, names[i], whole), 200);
        assert_string_not_equal(driver_element(d, "AddressLine1"), "(none)");
        assert_int_equal(details(d, names[i], blind), 404);
        assert_string_equal(driver_element(d, "Code"), "InvalidAddressConsentToken");
        assert_int_equal(details(d, names[i], "anything"), 404);
        assert_string_equal(driver_element(d, "Code"), "InvalidAddressConsentToken");
    }
    assert_int_equal(driver_call(d, "GetBillingAgreementDetails", "AmazonBillingAgreementId", BA,
                                 "AccessToken", whole, "AddressConsentToken", whole, NULL),
                     400);
    assert_string_equal(driver_element(d, "Code"), "AmbiguousToken");
    assert_int_equal(
        driver_call(d, "GetBillingAgreementDetails", "AmazonBillingAgreementId", BA, NULL), 200);
    assert_string_equal(driver_element(d, "AddressLine1"), "(none)");
    assert_string_not_equal(driver_element(d, "PostalCode"), "(none)");

    assert_int_equal(driver_control(d, "POST", "/control/orders",
                                    "{\"seller\":\"A1SELLER\",\"id\":\"S03-0000000-0000001\"}"),
                     201);
    assert_int_equal(driver_call(d, "GetOrderReferenceDetails", "AmazonOrderReferenceId",
                                 "S03-0000000-0000001", "AccessToken", whole, NULL),
                     200);
    assert_string_not_equal(driver_element(d, "AddressLine1"), "(none)");
    driver_pass(d, 60000);
    assert_int_equal(details(d, "AccessToken", whole), 404);
    assert_string_equal(driver_element(d, "Code"), "InvalidAddressConsentToken");
    free(whole);
    free(blind);
    driver_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_tells_whose_it_is),
        cmocka_unit_test(a_profile_shows_what_the_scope_covers),
        cmocka_unit_test(a_token_that_is_none_is_refused),
        cmocka_unit_test(bad_logins_are_refused),
        cmocka_unit_test(a_token_opens_the_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
