/*
 * driver.c - see driver.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mws/edge/crypto.h"
#include "tests/sandbox/driver.h"

#define PAIRS_MAX 48

struct driver *driver_new(void)
{
    const struct sandbox_options options = sandbox_defaults();
    struct driver *driver = calloc(1, sizeof *driver);
    struct problem problem;

    assert_non_null(driver);
    sandbox_init(&driver->sandbox, &options);
    assert_int_equal(
        sandbox_add_seller(&driver->sandbox, DRIVER_SELLER ":AKEXAMPLE:" DRIVER_SECRET, &problem),
        ST_OK);
    driver->now = (struct instant){DRIVER_NOW_MS};
    driver->ticks = (struct ticks){5000000};
    driver->host = "localhost:8443";
    driver->path = PATH_SANDBOX;
    driver->seller = DRIVER_SELLER;
    return driver;
}

void driver_free(struct driver *driver)
{
    text_free(&driver->answer.body);
    text_free(&driver->control);
    sandbox_free(&driver->sandbox);
    free(driver);
}

void driver_pass(struct driver *driver, int64_t ms)
{
    driver->now.utc_ms += ms;
    driver->ticks.us += ms * 1000;
}

static void encode(struct text *to, const char *value)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";

    for (; *value != '\0'; value++) {
        if (strchr(plain, *value) != NULL) {
            text_add_bytes(to, value, 1);
        } else {
            text_format(to, "%%%02X", (unsigned char)*value);
        }
    }
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct driver_pair *)a)->name, ((const struct driver_pair *)b)->name);
}

static void set_pair(struct driver_pair *pairs, size_t *count, const char *name, const char *value)
{
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(pairs[i].name, name) == 0) {
            pairs[i].value = value;
            return;
        }
    }
    assert_true(*count < PAIRS_MAX);
    pairs[(*count)++] = (struct driver_pair){name, value};
}

static void write_form(struct text *form, const struct driver_pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        text_add(form, i > 0 ? "&" : "");
        encode(form, pairs[i].name);
        text_add(form, "=");
        encode(form, pairs[i].value);
    }
}

/* Appends &Signature= over what the form is so far. */
static void sign(const struct driver *driver, struct text *form)
{
    struct hmac_key *key = hmac_key_new(DRIVER_SECRET, strlen(DRIVER_SECRET));
    struct text string = {0};
    uint8_t mac[HMAC_SHA256_BYTES];
    char signature[BASE64_LENGTH(HMAC_SHA256_BYTES) + 1];

    text_format(&string, "POST\n%s\n%s\n%s", driver->host, driver->path, form->bytes);
    hmac_sha256(key, string.bytes, string.length, mac);
    base64_encode(mac, sizeof mac, signature);
    text_add(form, "&Signature=");
    encode(form, signature);
    text_free(&string);
    hmac_key_free(key);
}

int driver_raw(struct driver *driver, const char *method, const char *path, const char *form)
{
    const struct sandbox_request request = {
        .method = method,
        .host = driver->host,
        .path = path,
        .form = form,
        .form_length = strlen(form),
        .now = driver->now,
        .ticks = driver->ticks,
    };

    sandbox_handle(&driver->sandbox, &request, &driver->answer);
    return driver->answer.status;
}

int driver_send(struct driver *driver, const char *action, const struct driver_pair *more,
                size_t more_count)
{
    struct text form = {0};
    char at[INSTANT_TEXT_MAX];
    struct driver_pair pairs[PAIRS_MAX];
    size_t count = 0;

    instant_format(driver->now, at);
    set_pair(pairs, &count, "Action", action);
    set_pair(pairs, &count, "SellerId", driver->seller);
    set_pair(pairs, &count, "AWSAccessKeyId", "AKEXAMPLE");
    set_pair(pairs, &count, "SignatureMethod", "HmacSHA256");
    set_pair(pairs, &count, "SignatureVersion", "2");
    set_pair(pairs, &count, "Timestamp", at);
    set_pair(pairs, &count, "Version", "2013-01-01");
    for (size_t i = 0; i < more_count; i++) {
        set_pair(pairs, &count, more[i].name, more[i].value);
    }
    qsort(pairs, count, sizeof pairs[0], compare);
    write_form(&form, pairs, count);
    sign(driver, &form);
    (void)driver_raw(driver, "POST", driver->path, form.bytes);
    text_free(&form);
    return driver->answer.status;
}

int driver_call(struct driver *driver, const char *action, ...)
{
    struct driver_pair pairs[PAIRS_MAX];
    size_t count = 0;
    va_list arguments;
    const char *name;

    va_start(arguments, action);
    while ((name = va_arg(arguments, const char *)) != NULL) {
        set_pair(pairs, &count, name, va_arg(arguments, const char *));
    }
    va_end(arguments);
    return driver_send(driver, action, pairs, count);
}

static const char *element_from(struct driver *driver, const char *from, const char *name)
{
    char tag[80];
    const char *start;
    const char *end;

    (void)snprintf(tag, sizeof tag, "<%s>", name);
    start = from != NULL ? strstr(from, tag) : NULL;
    if (start == NULL) {
        return "(none)";
    }
    start += strlen(tag);
    (void)snprintf(tag, sizeof tag, "</%s>", name);
    end = strstr(start, tag);
    assert_non_null(end);
    (void)snprintf(driver->value, sizeof driver->value, "%.*s", (int)(end - start), start);
    return driver->value;
}

const char *driver_element(struct driver *driver, const char *name)
{
    return element_from(driver, driver->answer.body.bytes, name);
}

const char *driver_within(struct driver *driver, const char *parent, const char *name)
{
    char tag[80];

    (void)snprintf(tag, sizeof tag, "<%s>", parent);
    return element_from(driver, strstr(driver->answer.body.bytes, tag), name);
}

int driver_control(struct driver *driver, const char *method, const char *path, const char *body)
{
    const struct control_request request = {
        .method = method,
        .path = path,
        .body = body,
        .body_length = strlen(body),
        .now = driver->now,
    };

    return control_handle(&driver->sandbox, &request, &driver->control);
}

void driver_agreement(struct driver *driver, const char *id, const char *members)
{
    char body[512];

    (void)snprintf(body, sizeof body, "{\"seller\":\"%s\",\"id\":\"%s\"%s}", driver->seller, id,
                   members);
    assert_int_equal(driver_control(driver, "POST", "/control/agreements", body), 201);
}

int driver_charge(struct driver *driver, const char *agreement, const char *reference,
                  const char *amount, const char *note)
{
    char order[64];

    (void)snprintf(order, sizeof order, "o-%s", reference);
    return driver_call(driver, "AuthorizeOnBillingAgreement", "AmazonBillingAgreementId", agreement,
                       "AuthorizationReferenceId", reference, "AuthorizationAmount.Amount", amount,
                       "AuthorizationAmount.CurrencyCode", "JPY", "TransactionTimeout", "0",
                       "CaptureNow", "true", "SellerAuthorizationNote", note,
                       "SellerOrderAttributes.SellerOrderId", order, (char *)NULL);
}
