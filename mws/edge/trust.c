/*
 * trust.c - the checks of trust.h over OpenSSL's X509_STORE.
 *
 * Invariants
 *   1. Time is the caller's: the chain is judged at `now`, never by the system's clock.
 *   2. Nothing is fetched: a chain is built from the trusted certificates and those that came with
 *      the one in question. Revocation is therefore not looked at.
 *   3. What was asked of a certificate is asked of its signature, too: level 2 of libcrypto (112
 *      bits of security) refuses SHA-1 and keys below RSA 2048 in the chain. Signed messages are
 *      another matter: SNS still signs version 1 with SHA-1.
 *   4. libcrypto's queue of errors is empty when a function here returns.
 */
#include "mws/edge/trust.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include "billing/ensure.h"

#define SECURITY_LEVEL 2
#define KEY_BITS_MIN   2048
#define KEY_BITS_MAX   4096
#define S_PER_DAY      INT64_C(86400)
#define MS_PER_S       INT64_C(1000)

struct trust {
    X509_STORE *store;
};

struct certificate {
    EVP_PKEY *key;
    struct instant valid_from; /* of the whole chain, both inclusive */
    struct instant valid_until;
};

/* ---- reading ---- */

enum reading { READ_ONE, READ_END, READ_BROKEN };

/* The next certificate of a PEM text; other kinds of blocks are skipped. */
static enum reading read_certificate(BIO *bio, X509 **certificate)
{
    char no_password[] = ""; /* otherwise libcrypto would ask for one at the terminal */
    ERR_clear_error();
    *certificate = PEM_read_bio_X509(bio, NULL, NULL, no_password);
    if (*certificate != NULL) {
        return READ_ONE;
    }
    unsigned long error = ERR_peek_last_error();
    ERR_clear_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE
               ? READ_END
               : READ_BROKEN;
}

static enum status fill_store(X509_STORE *store, BIO *bio, const char *ca_file,
                              struct problem *problem)
{
    for (unsigned count = 0;; count++) {
        X509 *certificate = NULL;
        switch (read_certificate(bio, &certificate)) {
        case READ_END:
            return count > 0
                       ? ST_OK
                       : problem_set(problem, ST_INVALID, "%s has no certificate in it", ca_file);
        case READ_BROKEN:
            return problem_set(problem, ST_INVALID, "certificate %u of %s cannot be read",
                               count + 1, ca_file);
        case READ_ONE: {
            int added = X509_STORE_add_cert(store, certificate); /* holds its own reference */
            ENSURE(added == 1);
            X509_free(certificate);
            break;
        }
        }
    }
}

enum status trust_new(const char *ca_file, struct trust **trust, struct problem *problem)
{
    const char *path = ca_file != NULL ? ca_file : CA_FILE_SYSTEM;
    *trust = NULL;
    BIO *bio = BIO_new_file(path, "r");
    if (bio == NULL) {
        ERR_clear_error();
        return problem_set(problem, ST_INVALID,
                           "the file of certificate authorities %s cannot be read", path);
    }
    struct trust *made = malloc(sizeof *made);
    ENSURE(made != NULL);
    made->store = X509_STORE_new();
    ENSURE(made->store != NULL);
    enum status status = fill_store(made->store, bio, path, problem);
    BIO_free(bio);
    if (status != ST_OK) {
        trust_free(made);
        return status;
    }
    *trust = made;
    return ST_OK;
}

void trust_free(struct trust *trust)
{
    if (trust != NULL) {
        X509_STORE_free(trust->store);
        free(trust);
    }
}

static void free_certificates(STACK_OF(X509) * certificates)
{
    sk_X509_pop_free(certificates, X509_free);
}

/* Out, on success: the first, and a list of the further ones. */
static enum status read_text(const char *pem, size_t length, X509 **first, STACK_OF(X509) * further,
                             struct problem *problem)
{
    if (length > CERTIFICATE_BYTES_MAX) {
        return problem_set(problem, ST_INVALID, "a certificate of %zu bytes is too long", length);
    }
    BIO *bio = BIO_new_mem_buf(length > 0 ? pem : "", (int)length);
    ENSURE(bio != NULL);
    X509 *next = NULL;
    enum reading reading = read_certificate(bio, first);
    bool has_one = reading == READ_ONE;
    while (reading == READ_ONE && sk_X509_num(further) <= (int)CERTIFICATES_MAX) {
        reading = read_certificate(bio, &next);
        if (reading == READ_ONE) {
            int pushed = sk_X509_push(further, next);
            ENSURE(pushed > 0);
        }
    }
    BIO_free(bio);
    if (has_one && reading == READ_END) {
        return ST_OK;
    }
    X509_free(*first);
    *first = NULL;
    return problem_set(problem, ST_INVALID, "%s",
                       reading == READ_ONE   ? "there are too many certificates in the text"
                       : reading == READ_END ? "there is no certificate in the text"
                                             : "the certificate cannot be read");
}

/* ---- checking ---- */

/* Exactly one common name, and that byte for byte: a NUL in it, or another character set, makes it
 * another name. */
static bool has_common_name(const X509 *certificate, const char *common_name)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) {
        return false;
    }
    const ASN1_STRING *name = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
    size_t length = strlen(common_name);
    return (size_t)ASN1_STRING_length(name) == length &&
           memcmp(ASN1_STRING_get0_data(name), common_name, length) == 0;
}

static bool has_usable_key(const X509 *certificate)
{
    const EVP_PKEY *key = X509_get0_pubkey(certificate);
    return key != NULL && EVP_PKEY_is_a(key, "RSA") == 1 &&
           EVP_PKEY_get_bits(key) >= KEY_BITS_MIN && EVP_PKEY_get_bits(key) <= KEY_BITS_MAX;
}

static struct instant instant_of(const ASN1_TIME *time)
{
    int days = 0;
    int seconds = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    ENSURE(epoch != NULL);
    int done = ASN1_TIME_diff(&days, &seconds, epoch, time);
    ENSURE(done == 1); /* the chain was verified: its times are readable */
    ASN1_TIME_free(epoch);
    return (struct instant){(days * S_PER_DAY + seconds) * MS_PER_S};
}

/* When every certificate of the chain is valid. libcrypto counts the second of notAfter itself as
 * past; so it is here, for one answer to one question. */
static void find_period(const STACK_OF(X509) * chain, struct instant *from, struct instant *until)
{
    for (int i = 0; i < sk_X509_num(chain); i++) {
        const X509 *link = sk_X509_value(chain, i);
        struct instant begin = instant_of(X509_get0_notBefore(link));
        struct instant end = instant_plus(instant_of(X509_get0_notAfter(link)), -1);
        *from = i == 0 || instant_before(*from, begin) ? begin : *from;
        *until = i == 0 ? end : instant_min(*until, end);
    }
}

/* Does a chain lead from `leaf` to the trusted ones, at `now`? Tells the period of that chain. */
static enum status verify_chain(const struct trust *trust, X509 *leaf, STACK_OF(X509) * further,
                                struct instant now, struct certificate *found,
                                struct problem *problem)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    ENSURE(context != NULL);
    int done = X509_STORE_CTX_init(context, trust->store, leaf, further);
    ENSURE(done == 1);
    X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(context);
    /* A trusted certificate ends the chain also when it is not a root. */
    done = X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
    ENSURE(done == 1);
    X509_VERIFY_PARAM_set_time(rules, (time_t)(now.utc_ms / MS_PER_S));
    X509_VERIFY_PARAM_set_depth(rules, (int)CERTIFICATES_MAX);
    X509_VERIFY_PARAM_set_auth_level(rules, SECURITY_LEVEL);

    enum status status = ST_OK;
    if (X509_verify_cert(context) == 1) {
        find_period(X509_STORE_CTX_get0_chain(context), &found->valid_from, &found->valid_until);
    } else {
        const char *reason = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
        status =
            problem_set(problem, ST_INVALID, "the certificate is not to be trusted: %s", reason);
    }
    X509_STORE_CTX_free(context);
    return status;
}

static enum status check_leaf(const struct trust *trust, X509 *leaf, STACK_OF(X509) * further,
                              const char *common_name, struct instant now,
                              struct certificate *found, struct problem *problem)
{
    if (!has_common_name(leaf, common_name)) {
        return problem_set(problem, ST_INVALID,
                           "the certificate's only common name is not exactly %s", common_name);
    }
    if (!has_usable_key(leaf)) {
        return problem_set(problem, ST_INVALID,
                           "the certificate's key is not RSA with %d to %d bits", KEY_BITS_MIN,
                           KEY_BITS_MAX);
    }
    return verify_chain(trust, leaf, further, now, found, problem);
}

enum status certificate_check(const struct trust *trust, const char *pem, size_t length,
                              const char *common_name, struct instant now,
                              struct certificate **certificate, struct problem *problem)
{
    X509 *leaf = NULL;
    STACK_OF(X509) *further = sk_X509_new_null();
    ENSURE(further != NULL);
    *certificate = NULL;
    enum status status = read_text(pem, length, &leaf, further, problem);
    if (status == ST_OK) {
        struct certificate found = {.key = NULL};
        status = check_leaf(trust, leaf, further, common_name, now, &found, problem);
        if (status == ST_OK) {
            found.key = X509_get_pubkey(leaf); /* our own reference */
            ENSURE(found.key != NULL);
            *certificate = malloc(sizeof **certificate);
            ENSURE(*certificate != NULL);
            **certificate = found;
        }
    }
    X509_free(leaf);
    free_certificates(further);
    ERR_clear_error();
    return status;
}

void certificate_free(struct certificate *certificate)
{
    if (certificate != NULL) {
        EVP_PKEY_free(certificate->key);
        free(certificate);
    }
}

bool certificate_is_valid_at(const struct certificate *certificate, struct instant at)
{
    return !instant_before(at, certificate->valid_from) &&
           !instant_before(certificate->valid_until, at);
}

/* ---- signatures ---- */

const char *digest_name(enum digest digest)
{
    return digest == DIGEST_SHA1 ? "SHA1" : "SHA256";
}

bool certificate_signed(const struct certificate *certificate, enum digest digest,
                        const void *bytes, size_t length, const uint8_t *signature,
                        size_t signature_length)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    ENSURE(context != NULL);
    /* PKCS #1 v1.5 is what libcrypto takes for an RSA key unless told otherwise. */
    int done = EVP_DigestVerifyInit_ex(context, NULL, digest_name(digest), NULL, NULL,
                                       certificate->key, NULL);
    ENSURE(done == 1);
    bool is_signed = EVP_DigestVerify(context, signature, signature_length, bytes, length) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return is_signed;
}
