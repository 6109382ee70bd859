/*
 * test_certificate.c - signing pairs: their certificates are believed as SNS's would be, and their
 * signatures hold, in our eyes (trust.h) and in those of the openssl command.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <unistd.h>

#include "mws/edge/certificate.h"
#include "mws/edge/loop.h"
#include "mws/edge/trust.h"

#define NAME "sns.amazonaws.com"
#define DAYS 2

/* libcrypto would ask a person for the password. */
static const char encrypted[] =
    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
    "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAAAAAAAAAAAAAAAAAAAA==\n"
    "-----END RSA PRIVATE KEY-----\n";

static const char message[] = "Message\n{\"a\":1}\nMessageId\n1\n";

struct world {
    struct loop *loop; /* for its clock: certificates are made for today */
    struct certificate_set set;
    struct signing_pair pair;
    char directory[64];
};

static void write_file(const struct world *world, const char *name, const void *bytes,
                       size_t length)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", world->directory, name);
    FILE *file = fopen(path, "wbe");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

/* Runs a shell command inside the directory; true when it ended well. */
static bool shell(const struct world *world, const char *command)
{
    char line[512];
    (void)snprintf(line, sizeof line, "cd %s && { %s; } >output 2>&1", world->directory, command);
    return system(line) == 0; /* NOLINT(cert-env33-c): the test's own words */
}

static int make_world(void **state)
{
    static const char *const names[] = {"localhost", "127.0.0.1"};
    struct problem problem = {""};
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->loop = loop_new();
    assert_int_equal(certificate_set_new(names, 2, DAYS, &world->set, &problem), ST_OK);
    assert_int_equal(signing_pair_new(&world->set, NAME, DAYS, &world->pair, &problem), ST_OK);
    (void)snprintf(world->directory, sizeof world->directory, "%s", "/tmp/autopay-test-XXXXXX");
    assert_non_null(mkdtemp(world->directory));
    write_file(world, "ca.pem", world->set.ca_pem, strlen(world->set.ca_pem));
    write_file(world, "pair.pem", world->pair.certificate_pem, strlen(world->pair.certificate_pem));
    *state = world;
    return 0;
}

static void free_pair(struct signing_pair *pair)
{
    free(pair->certificate_pem);
    free(pair->key_pem);
}

static int free_world(void **state)
{
    struct world *world = *state;
    assert_true(shell(world, "rm -r \"$PWD\""));
    free(world->set.ca_pem);
    free(world->set.ca_key_pem);
    free(world->set.certificate_pem);
    free(world->set.key_pem);
    free_pair(&world->pair);
    loop_free(world->loop);
    free(world);
    return 0;
}

static struct trust *trust_of(const struct world *world, const char *pem)
{
    char path[128];
    struct trust *trust = NULL;
    struct problem problem = {""};
    write_file(world, "trusted.pem", pem, strlen(pem));
    (void)snprintf(path, sizeof path, "%s/trusted.pem", world->directory);
    assert_int_equal(trust_new(path, &trust, &problem), ST_OK);
    return trust;
}

/* The pair's certificate as seen by somebody who trusts what `trusted` says; NULL = refused. */
static struct certificate *seen_by(const struct world *world, const char *trusted,
                                   const struct signing_pair *pair)
{
    struct trust *trust = trust_of(world, trusted);
    struct certificate *certificate = NULL;
    struct problem problem = {""};
    enum status status =
        certificate_check(trust, pair->certificate_pem, strlen(pair->certificate_pem), NAME,
                          loop_now(world->loop), &certificate, &problem);
    assert_int_equal(status == ST_OK, certificate != NULL);
    trust_free(trust);
    return certificate;
}

static struct signing_key *key_of(const struct signing_pair *pair)
{
    struct signing_key *key = NULL;
    struct problem problem = {""};
    assert_int_equal(signing_key_read(pair->key_pem, &key, &problem), ST_OK);
    return key;
}

static void a_pair_of_the_authority_is_believed(void **state)
{
    const struct world *world = *state;
    const int64_t day_ms = INT64_C(86400000);
    struct instant today = loop_now(world->loop);
    struct certificate *certificate = seen_by(world, world->set.ca_pem, &world->pair);
    assert_non_null(certificate);
    assert_true(certificate_is_valid_at(certificate, today));
    assert_true(certificate_is_valid_at(certificate, instant_plus(today, DAYS * day_ms - 600000)));
    assert_false(certificate_is_valid_at(certificate, instant_plus(today, DAYS * day_ms + 1000)));
    assert_false(certificate_is_valid_at(certificate, instant_plus(today, -DAYS * day_ms)));
    certificate_free(certificate);
}

static void a_pair_of_its_own_is_believed_by_who_lists_it(void **state)
{
    const struct world *world = *state;
    struct problem problem = {""};
    struct signing_pair pair;
    assert_int_equal(signing_pair_new(NULL, NAME, DAYS, &pair, &problem), ST_OK);
    assert_null(seen_by(world, world->set.ca_pem, &pair));
    struct certificate *certificate = seen_by(world, pair.certificate_pem, &pair);
    assert_non_null(certificate);
    certificate_free(certificate);
    free_pair(&pair);
}

static void what_a_pair_signs_its_certificate_confirms(void **state)
{
    const struct world *world = *state;
    static const enum digest digests[] = {DIGEST_SHA1, DIGEST_SHA256};
    struct certificate *certificate = seen_by(world, world->set.ca_pem, &world->pair);
    struct signing_key *key = key_of(&world->pair);
    assert_non_null(certificate);
    for (size_t i = 0; i < 2; i++) {
        for (size_t length = 0; length < sizeof message; length++) {
            uint8_t signature[SIGNATURE_BYTES_MAX];
            size_t size = signing_key_sign(key, digests[i], message, length, signature);
            assert_int_equal(size, 256);
            assert_true(
                certificate_signed(certificate, digests[i], message, length, signature, size));
            assert_false(
                certificate_signed(certificate, digests[1 - i], message, length, signature, size));
        }
    }
    signing_key_free(key);
    certificate_free(certificate);
}

/* Goal: a second opinion by a program that shares none of our code. */
static void the_openssl_command_agrees(void **state)
{
    const struct world *world = *state;
    static const struct {
        enum digest digest;
        const char *good, *other;
    } commands[] = {
        {DIGEST_SHA1, "openssl dgst -sha1 -verify key.pub -signature signature message",
         "openssl dgst -sha1 -verify key.pub -signature signature changed"},
        {DIGEST_SHA256, "openssl dgst -sha256 -verify key.pub -signature signature message",
         "openssl dgst -sha256 -verify key.pub -signature signature changed"},
    };
    if (!shell(world, "openssl version")) {
        skip();
    }
    assert_true(shell(world, "openssl verify -CAfile ca.pem pair.pem"));
    assert_true(
        shell(world, "openssl x509 -in pair.pem -noout -subject | grep -q 'CN = " NAME "'"));
    assert_true(shell(world, "openssl x509 -in pair.pem -noout -pubkey -out key.pub"));
    write_file(world, "message", message, strlen(message));
    write_file(world, "changed", message, strlen(message) - 1);
    struct signing_key *key = key_of(&world->pair);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        uint8_t signature[SIGNATURE_BYTES_MAX];
        size_t size =
            signing_key_sign(key, commands[i].digest, message, strlen(message), signature);
        write_file(world, "signature", signature, size);
        assert_true(shell(world, commands[i].good));
        assert_false(shell(world, commands[i].other));
    }
    signing_key_free(key);
}

static void what_is_no_signing_key_is_refused(void **state)
{
    const struct world *world = *state;
    const char *const texts[] = {
        "",
        "x",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        encrypted,
        world->pair.certificate_pem,
        world->set.key_pem, /* not RSA */
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct signing_key *key = NULL;
        struct problem problem = {""};
        assert_int_equal(signing_key_read(texts[i], &key, &problem), ST_INVALID);
        assert_string_not_equal(problem.text, "");
        assert_null(key);
    }
    signing_key_free(NULL);
    assert_int_equal(ERR_peek_error(), 0);
}

static void names_that_cannot_be_written_are_refused(void **state)
{
    const struct world *world = *state;
    struct problem problem = {""};
    struct signing_pair pair;
    struct certificate_set set;
    char name[100]; /* X.520: a common name has at most 64 characters */
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(signing_pair_new(&world->set, name, DAYS, &pair, &problem), ST_INVALID);
    assert_null(pair.certificate_pem);
    assert_null(pair.key_pem);
    const char *const names[] = {"a,DNS:b"};
    assert_int_equal(certificate_set_new(names, 1, DAYS, &set, &problem), ST_INVALID);
    assert_null(set.ca_key_pem);
    assert_null(set.key_pem);
    assert_int_equal(ERR_peek_error(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pair_of_the_authority_is_believed),
        cmocka_unit_test(a_pair_of_its_own_is_believed_by_who_lists_it),
        cmocka_unit_test(what_a_pair_signs_its_certificate_confirms),
        cmocka_unit_test(the_openssl_command_agrees),
        cmocka_unit_test(what_is_no_signing_key_is_refused),
        cmocka_unit_test(names_that_cannot_be_written_are_refused),
    };
    return cmocka_run_group_tests(tests, make_world, free_world);
}
