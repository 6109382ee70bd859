/*
 * test_trust.c - whose certificates are believed, and whose signatures.
 *
 * Goal: a certificate is given out only if all of trust.h holds; each test breaks one thing of a
 * certificate that is good otherwise. Time is a number here: nothing in this file grows old.
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

#include "mws/edge/trust.h"
#include "tests/mws/odd_certificate.h"

#define NAME   "sns.amazonaws.com"
#define BROKEN "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

/* libcrypto would ask a person for the password. */
static const char encrypted[] =
    "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n"
    "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAAAAAAAAAAAAAAAAAAAA==\n"
    "-----END CERTIFICATE-----\n";

static const struct instant now = {INT64_C(1795000000000)}; /* in November of 2026 */

struct world {
    struct odd root;         /* trusted */
    struct odd intermediate; /* of root; not listed */
    struct odd leaf;         /* of root, for NAME */
    struct odd deep_leaf;    /* of intermediate, for NAME */
    struct trust *trust;     /* root */
    char pem[ODD_PEM_MAX];
};

/* Trusts what the text says. */
static struct trust *trust_of_text(const char *text)
{
    char path[] = "/tmp/autopay-test-trust-XXXXXX";
    struct problem problem = {""};
    struct trust *trust = NULL;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    (void)close(fd);
    if (trust_new(path, &trust, &problem) != ST_OK) {
        assert_null(trust);
        assert_string_not_equal(problem.text, "");
    }
    (void)unlink(path);
    return trust;
}

static struct trust *trust_of(struct world *world, const struct odd *odd)
{
    (void)odd_pem(&odd, 1, world->pem);
    struct trust *trust = trust_of_text(world->pem);
    assert_non_null(trust);
    return trust;
}

static int make_world(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->root = odd_new(&(struct odd_wish){.name = "Root", .is_ca = true});
    world->intermediate =
        odd_new(&(struct odd_wish){.name = "Between", .is_ca = true, .issuer = &world->root});
    world->leaf = odd_new(&(struct odd_wish){.name = NAME, .issuer = &world->root});
    world->deep_leaf = odd_new(&(struct odd_wish){.name = NAME, .issuer = &world->intermediate});
    world->trust = trust_of(world, &world->root);
    *state = world;
    return 0;
}

static int free_world(void **state)
{
    struct world *world = *state;
    odd_free(&world->root);
    odd_free(&world->intermediate);
    odd_free(&world->leaf);
    odd_free(&world->deep_leaf);
    trust_free(world->trust);
    free(world);
    return 0;
}

static int no_error_is_left_behind(void **state)
{
    (void)state;
    return ERR_peek_error() == 0 ? 0 : -1;
}

/* NULL when it was refused; the sentence is in `problem`. */
static struct certificate *check_text(const struct trust *trust, const char *text, size_t length,
                                      struct instant at, struct problem *problem)
{
    struct certificate *certificate = NULL;
    *problem = (struct problem){""};
    enum status status = certificate_check(trust, text, length, NAME, at, &certificate, problem);
    assert_int_equal(status == ST_OK, certificate != NULL);
    assert_int_equal(status == ST_OK, problem->text[0] == '\0');
    assert_true(status == ST_OK || status == ST_INVALID);
    return certificate;
}

static bool is_taken(const struct trust *trust, const char *text, size_t length, struct instant at)
{
    struct problem problem;
    struct certificate *certificate = check_text(trust, text, length, at, &problem);
    bool taken = certificate != NULL;
    certificate_free(certificate);
    return taken;
}

static bool is_odd_taken(struct world *world, const struct odd *odd, struct instant at)
{
    size_t length = odd_pem(&odd, 1, world->pem);
    return is_taken(world->trust, world->pem, length, at);
}

/* Refused, with a sentence that has `word` in it. */
static void expect_refusal(struct world *world, const struct odd *odd, struct instant at,
                           const char *word)
{
    struct problem problem;
    size_t length = odd_pem(&odd, 1, world->pem);
    struct certificate *certificate = check_text(world->trust, world->pem, length, at, &problem);
    if (certificate != NULL || strstr(problem.text, word) == NULL) {
        certificate_free(certificate);
        fail_msg("\"%s\" is not about \"%s\"", problem.text, word);
    }
}

static struct certificate *good_certificate(struct world *world)
{
    struct problem problem;
    const struct odd *list[] = {&world->leaf};
    size_t length = odd_pem(list, 1, world->pem);
    struct certificate *certificate = check_text(world->trust, world->pem, length, now, &problem);
    if (certificate == NULL) {
        fail_msg("%s", problem.text);
    }
    return certificate;
}

/* ---- time ---- */

static void a_certificate_holds_from_its_first_to_its_last_moment(void **state)
{
    struct world *world = *state;
    const struct instant first = {ODD_FROM_S * 1000};
    const struct instant end = {ODD_UNTIL_S * 1000};
    const struct instant last = instant_plus(end, -1);
    struct certificate *certificate = good_certificate(world);
    static const struct instant long_ago = {INT64_C(-62000000000000)};
    static const struct instant far = {INT64_C(200000000000000)};

    expect_refusal(world, &world->leaf, instant_plus(first, -1), "not yet valid");
    assert_true(is_odd_taken(world, &world->leaf, first));
    assert_true(is_odd_taken(world, &world->leaf, last));
    expect_refusal(world, &world->leaf, end, "expired");
    assert_false(is_odd_taken(world, &world->leaf, long_ago));
    assert_false(is_odd_taken(world, &world->leaf, far));

    /* The same answers from the one that was given out. */
    assert_false(certificate_is_valid_at(certificate, instant_plus(first, -1)));
    assert_true(certificate_is_valid_at(certificate, first));
    assert_true(certificate_is_valid_at(certificate, now));
    assert_true(certificate_is_valid_at(certificate, last));
    assert_false(certificate_is_valid_at(certificate, end));
    assert_false(certificate_is_valid_at(certificate, INSTANT_NEVER));
    certificate_free(certificate);
}

/* Goal: what is given out does not outlive the one that vouches for it. */
static void a_chain_holds_as_long_as_each_of_its_links(void **state)
{
    struct world *world = *state;
    const int64_t now_s = now.utc_ms / 1000;
    struct problem problem;
    struct odd between = odd_new(&(struct odd_wish){.name = "Short",
                                                    .is_ca = true,
                                                    .issuer = &world->root,
                                                    .from_s = now_s - 10,
                                                    .until_s = now_s + 10});
    struct odd leaf =
        odd_new(&(struct odd_wish){.name = NAME, .issuer = &between, .key = world->leaf.key});
    const struct odd *list[] = {&leaf, &between};
    size_t length = odd_pem(list, 2, world->pem);
    struct certificate *certificate = check_text(world->trust, world->pem, length, now, &problem);
    assert_non_null(certificate);
    assert_false(certificate_is_valid_at(certificate, instant_plus(now, -10001)));
    assert_true(certificate_is_valid_at(certificate, instant_plus(now, -10000)));
    assert_true(certificate_is_valid_at(certificate, instant_plus(now, 9999)));
    assert_false(certificate_is_valid_at(certificate, instant_plus(now, 10000)));
    assert_false(is_taken(world->trust, world->pem, length, instant_plus(now, 10000)));
    assert_false(is_taken(world->trust, world->pem, length, instant_plus(now, -10001)));
    certificate_free(certificate);
    odd_free(&leaf);
    odd_free(&between);
}

/* ---- names ---- */

static void only_the_exact_common_name_is_taken(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *name;
        size_t length;
        int type;
    } others[] = {
        {"sns.amazonaws.com.example.com", 0, 0},
        {"xsns.amazonaws.com", 0, 0},
        {"sns.amazonaws.co", 0, 0},
        {"sns.amazonaws.com ", 0, 0},
        {" sns.amazonaws.com", 0, 0},
        {"sns.amazonaws.com.", 0, 0},
        {"SNS.amazonaws.com", 0, 0},
        {"*.amazonaws.com", 0, 0},
        {"sns-amazonaws-com", 0, 0},
        {"sns.amazonaws.com\0", 18, 0},
        {"sns.amazonaws.com\0.example.com", 30, 0},
        {"\0sns.amazonaws.com", 18, 0},
        {"\0s\0n\0s\0.\0a\0m\0a\0z\0o\0n\0a\0w\0s\0.\0c\0o\0m", 34, V_ASN1_BMPSTRING},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct odd odd = odd_new(&(struct odd_wish){.name = others[i].name,
                                                    .name_length = others[i].length,
                                                    .name_type = others[i].type,
                                                    .key = world->leaf.key,
                                                    .issuer = &world->root});
        expect_refusal(world, &odd, now, "common name");
        odd_free(&odd);
    }
    struct odd printable = odd_new(&(struct odd_wish){.name = NAME,
                                                      .name_type = V_ASN1_PRINTABLESTRING,
                                                      .key = world->leaf.key,
                                                      .issuer = &world->root});
    assert_true(is_odd_taken(world, &printable, now));
    odd_free(&printable);
}

static void one_common_name_there_must_be(void **state)
{
    struct world *world = *state;
    static const char *const names[][2] = {
        {NULL, NULL}, {NAME, NAME}, {NAME, "other"}, {"other", NAME}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct odd odd = odd_new(&(struct odd_wish){.name = names[i][0],
                                                    .second_name = names[i][1],
                                                    .key = world->leaf.key,
                                                    .issuer = &world->root});
        expect_refusal(world, &odd, now, "common name");
        odd_free(&odd);
    }
}

/* ---- chains ---- */

static void who_vouches_for_himself_must_be_listed(void **state)
{
    struct world *world = *state;
    struct odd self = odd_new(&(struct odd_wish){.name = NAME});
    expect_refusal(world, &self, now, "not to be trusted");
    struct trust *trust = trust_of(world, &self);
    assert_true(is_taken(trust, world->pem, strlen(world->pem), now));
    trust_free(trust);
    odd_free(&self);
}

/* Goal: the name of the authority is nothing, its key is everything. */
static void another_authority_of_the_same_name_is_not_believed(void **state)
{
    struct world *world = *state;
    struct odd root = odd_new(&(struct odd_wish){.name = "Root", .is_ca = true});
    struct odd leaf = odd_new(&(struct odd_wish){.name = NAME, .issuer = &root});
    const struct odd *list[] = {&leaf, &root};
    expect_refusal(world, &leaf, now, "not to be trusted");
    size_t length = odd_pem(list, 2, world->pem); /* nor when it is brought along */
    assert_false(is_taken(world->trust, world->pem, length, now));
    odd_free(&leaf);
    odd_free(&root);
}

static void an_intermediate_comes_with_the_text_or_is_listed(void **state)
{
    struct world *world = *state;
    const struct odd *list[] = {&world->deep_leaf, &world->intermediate, &world->root};
    expect_refusal(world, &world->deep_leaf, now, "not to be trusted");
    size_t length = odd_pem(list, 2, world->pem);
    assert_true(is_taken(world->trust, world->pem, length, now));
    length = odd_pem(list, 3, world->pem);
    assert_true(is_taken(world->trust, world->pem, length, now));

    struct trust *trust = trust_of(world, &world->intermediate); /* and not its root */
    length = odd_pem(list, 1, world->pem);
    assert_true(is_taken(trust, world->pem, length, now));
    const struct odd *leaf = &world->leaf; /* of the root, which this one does not know */
    length = odd_pem(&leaf, 1, world->pem);
    assert_false(is_taken(trust, world->pem, length, now));
    trust_free(trust);
}

/* Goal: whoever got a certificate of a trusted authority cannot hand out further ones. */
static void a_certificate_that_is_no_authority_vouches_for_nobody(void **state)
{
    struct world *world = *state;
    struct odd forged = odd_new(&(struct odd_wish){.name = NAME, .issuer = &world->leaf});
    const struct odd *list[] = {&forged, &world->leaf};
    size_t length = odd_pem(list, 2, world->pem);
    assert_false(is_taken(world->trust, world->pem, length, now));
    odd_free(&forged);
}

static void weak_signatures_on_certificates_are_refused(void **state)
{
    struct world *world = *state;
    struct odd leaf = odd_new(&(struct odd_wish){
        .name = NAME, .issuer = &world->root, .key = world->leaf.key, .is_signed_with_sha1 = true});
    expect_refusal(world, &leaf, now, "not to be trusted");
    odd_free(&leaf);

    struct odd small = odd_new(&(struct odd_wish){
        .name = "Small", .is_ca = true, .issuer = &world->root, .rsa_bits = 1024});
    leaf = odd_new(&(struct odd_wish){.name = NAME, .issuer = &small, .key = world->leaf.key});
    const struct odd *list[] = {&leaf, &small};
    size_t length = odd_pem(list, 2, world->pem);
    assert_false(is_taken(world->trust, world->pem, length, now));
    odd_free(&leaf);
    odd_free(&small);
}

static void the_key_is_rsa_of_a_usual_size(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *kind;
        unsigned bits;
        bool is_taken;
    } keys[] = {{"RSA", 1024, false}, {"RSA", 2040, false}, {"RSA", 2048, true},
                {"RSA", 4096, true},  {"RSA", 4104, false}, {"RSA-PSS", 2048, false}};
    struct odd elliptic =
        odd_new(&(struct odd_wish){.name = NAME, .issuer = &world->root, .is_elliptic = true});
    expect_refusal(world, &elliptic, now, "key");
    odd_free(&elliptic);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct odd odd = odd_new(&(struct odd_wish){.name = NAME,
                                                    .issuer = &world->root,
                                                    .rsa_bits = keys[i].bits,
                                                    .made_up_kind = keys[i].kind});
        if (keys[i].is_taken) {
            assert_true(is_odd_taken(world, &odd, now));
        } else {
            expect_refusal(world, &odd, now, "key");
        }
        odd_free(&odd);
    }
}

/* ---- texts ---- */

static void what_is_no_certificate_is_refused(void **state)
{
    struct world *world = *state;
    static const char *const texts[] = {
        "",
        "\n",
        "x",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        encrypted,
        "<html><body>Not found</body></html>",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (is_taken(world->trust, texts[i], strlen(texts[i]), now)) {
            fail_msg("taken as a certificate: %s", texts[i]);
        }
    }
    assert_false(is_taken(world->trust, "\0\0\0", 3, now));
}

static void a_text_that_is_cut_or_changed_is_refused(void **state)
{
    struct world *world = *state;
    const struct odd *list[] = {&world->leaf};
    size_t length = odd_pem(list, 1, world->pem);
    const char *end = strstr(world->pem, "\n-----END CERTIFICATE-----");
    assert_non_null(end);
    for (size_t cut = 0; world->pem + cut < end; cut++) {
        assert_false(is_taken(world->trust, world->pem, cut, now));
    }
    for (char *c = strchr(world->pem, '\n'); c < end; c++) {
        char kept = *c;
        if (kept == '\n' || kept == '=') {
            continue;
        }
        *c = kept == 'A' ? 'Q' : 'A';
        if (is_taken(world->trust, world->pem, length, now)) {
            fail_msg("taken with another character at %td", c - world->pem);
        }
        *c = kept;
    }
    assert_true(is_taken(world->trust, world->pem, length, now));
}

/* Goal: whoever serves the text decides how long we work on it no further than this. */
static void a_text_is_read_within_bounds(void **state)
{
    struct world *world = *state;
    const struct odd *list[CERTIFICATES_MAX + 2] = {&world->leaf};
    for (size_t i = 1; i < sizeof list / sizeof list[0]; i++) {
        list[i] = &world->intermediate;
    }
    size_t length = odd_pem(list, CERTIFICATES_MAX + 1, world->pem);
    assert_true(is_taken(world->trust, world->pem, length, now));
    length = odd_pem(list, CERTIFICATES_MAX + 2, world->pem);
    assert_false(is_taken(world->trust, world->pem, length, now));

    length = odd_pem(list, 1, world->pem);
    memset(world->pem + length, '\n', ODD_PEM_MAX - length);
    assert_true(is_taken(world->trust, world->pem, CERTIFICATE_BYTES_MAX, now));
    assert_false(is_taken(world->trust, world->pem, CERTIFICATE_BYTES_MAX + 1, now));
}

static void other_blocks_and_words_around_a_certificate_do_no_harm(void **state)
{
    struct world *world = *state;
    static const char before[] = "Certificate:\n    Data: ...\n-----BEGIN NOTHING-----\nAAAA\n"
                                 "-----END NOTHING-----\n";
    const struct odd *list[] = {&world->leaf};
    size_t length = odd_pem(list, 1, world->pem);
    memmove(world->pem + strlen(before), world->pem, length);
    memcpy(world->pem, before, strlen(before));
    length += strlen(before);
    (void)stpcpy(world->pem + length, before);
    assert_true(is_taken(world->trust, world->pem, length + strlen(before), now));
    (void)stpcpy(world->pem + length, BROKEN);
    assert_false(is_taken(world->trust, world->pem, length + strlen(BROKEN), now));
}

/* ---- whom to trust ---- */

static void a_file_without_certificates_is_told(void **state)
{
    struct world *world = *state;
    struct problem problem = {""};
    struct trust *trust = NULL;
    assert_int_equal(trust_new("/nonexistent/ca.pem", &trust, &problem), ST_INVALID);
    assert_non_null(strstr(problem.text, "/nonexistent/ca.pem"));
    assert_null(trust);
    assert_int_equal(trust_new("/tmp", &trust, &problem), ST_INVALID);
    assert_null(trust_of_text(""));
    assert_null(trust_of_text("nothing\n"));
    const struct odd *list[] = {&world->root};
    size_t length = odd_pem(list, 1, world->pem);
    (void)stpcpy(world->pem + length, BROKEN);
    assert_null(trust_of_text(world->pem));
    trust_free(NULL);
    certificate_free(NULL);
}

static void the_systems_authorities_do_not_vouch_for_a_stranger(void **state)
{
    struct world *world = *state;
    struct problem problem = {""};
    struct trust *trust = NULL;
    if (access("/etc/ssl/certs/ca-certificates.crt", R_OK) != 0) {
        skip();
    }
    assert_int_equal(trust_new(NULL, &trust, &problem), ST_OK);
    const struct odd *list[] = {&world->leaf, &world->root};
    size_t length = odd_pem(list, 2, world->pem);
    assert_false(is_taken(trust, world->pem, length, now));
    trust_free(trust);
}

/* ---- signatures ---- */

static void signatures_of_the_key_are_told_from_all_others(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *name;
        enum digest digest, other;
    } digests[] = {{"SHA1", DIGEST_SHA1, DIGEST_SHA256}, {"SHA256", DIGEST_SHA256, DIGEST_SHA1}};
    struct certificate *certificate = good_certificate(world);
    for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++) {
        enum digest digest = digests[i].digest;
        char message[] = "Message\nthe text that was signed\n";
        const size_t length = strlen(message);
        uint8_t signature[SIGNATURE_BYTES_MAX + 1] = {0};
        size_t size = odd_sign(&world->leaf, digests[i].name, message, length, signature);
        assert_int_equal(size, 256);
        assert_true(certificate_signed(certificate, digest, message, length, signature, size));
        assert_false(
            certificate_signed(certificate, digests[i].other, message, length, signature, size));
        for (size_t bit = 0; bit < 8 * length; bit++) {
            message[bit / 8] = (char)(message[bit / 8] ^ (1 << bit % 8));
            assert_false(certificate_signed(certificate, digest, message, length, signature, size));
            message[bit / 8] = (char)(message[bit / 8] ^ (1 << bit % 8));
        }
        for (size_t bit = 0; bit < 8 * size; bit += 5) {
            signature[bit / 8] = (uint8_t)(signature[bit / 8] ^ (1U << bit % 8));
            assert_false(certificate_signed(certificate, digest, message, length, signature, size));
            signature[bit / 8] = (uint8_t)(signature[bit / 8] ^ (1U << bit % 8));
        }
        for (size_t cut = 0; cut < size; cut++) {
            assert_false(certificate_signed(certificate, digest, message, length, signature, cut));
        }
        assert_false(certificate_signed(certificate, digest, message, length, signature, size + 1));
        assert_false(certificate_signed(certificate, digest, message, length - 1, signature, size));
        assert_true(certificate_signed(certificate, digest, message, length, signature, size));
        size = odd_sign(&world->deep_leaf, digests[i].name, message, length, signature);
        assert_false(certificate_signed(certificate, digest, message, length, signature, size));
    }
    certificate_free(certificate);
}

static void the_empty_message_is_a_message(void **state)
{
    struct world *world = *state;
    uint8_t signature[SIGNATURE_BYTES_MAX];
    struct certificate *certificate = good_certificate(world);
    size_t size = odd_sign(&world->leaf, "SHA256", "", 0, signature);
    assert_true(certificate_signed(certificate, DIGEST_SHA256, "", 0, signature, size));
    assert_false(certificate_signed(certificate, DIGEST_SHA256, "x", 1, signature, size));
    certificate_free(certificate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_certificate_holds_from_its_first_to_its_last_moment,
                                  no_error_is_left_behind),
        cmocka_unit_test_teardown(a_chain_holds_as_long_as_each_of_its_links,
                                  no_error_is_left_behind),
        cmocka_unit_test_teardown(only_the_exact_common_name_is_taken, no_error_is_left_behind),
        cmocka_unit_test_teardown(one_common_name_there_must_be, no_error_is_left_behind),
        cmocka_unit_test_teardown(who_vouches_for_himself_must_be_listed, no_error_is_left_behind),
        cmocka_unit_test_teardown(another_authority_of_the_same_name_is_not_believed,
                                  no_error_is_left_behind),
        cmocka_unit_test_teardown(an_intermediate_comes_with_the_text_or_is_listed,
                                  no_error_is_left_behind),
        cmocka_unit_test_teardown(a_certificate_that_is_no_authority_vouches_for_nobody,
                                  no_error_is_left_behind),
        cmocka_unit_test_teardown(weak_signatures_on_certificates_are_refused,
                                  no_error_is_left_behind),
        cmocka_unit_test_teardown(the_key_is_rsa_of_a_usual_size, no_error_is_left_behind),
        cmocka_unit_test_teardown(what_is_no_certificate_is_refused, no_error_is_left_behind),
        cmocka_unit_test_teardown(a_text_that_is_cut_or_changed_is_refused,
                                  no_error_is_left_behind),
        cmocka_unit_test_teardown(a_text_is_read_within_bounds, no_error_is_left_behind),
        cmocka_unit_test_teardown(other_blocks_and_words_around_a_certificate_do_no_harm,
                                  no_error_is_left_behind),
        cmocka_unit_test_teardown(a_file_without_certificates_is_told, no_error_is_left_behind),
        cmocka_unit_test_teardown(the_systems_authorities_do_not_vouch_for_a_stranger,
                                  no_error_is_left_behind),
        cmocka_unit_test_teardown(signatures_of_the_key_are_told_from_all_others,
                                  no_error_is_left_behind),
        cmocka_unit_test_teardown(the_empty_message_is_a_message, no_error_is_left_behind),
    };
    return cmocka_run_group_tests(tests, make_world, free_world);
}
