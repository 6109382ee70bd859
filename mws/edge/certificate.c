/*
 * certificate.c - a small certificate authority that lives as long as its key is kept: whoever
 * throws ca_key_pem away makes sure that nobody can later sign another certificate that its CA
 * vouches for.
 *
 * Every step either works or ends the whole with one sentence; which one failed does not help the
 * person who reads it. libcrypto's queue of errors is empty when a public function returns.
 */
#include "mws/edge/certificate.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"

#define NAMES_TEXT_MAX   1024
#define DAY_S            (24 * 60 * 60)
#define SIGNING_KEY_BITS 2048U

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;
    bool good;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    good = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return good;
}

static bool set_serial(X509 *certificate)
{
    unsigned char bytes[8];
    uint64_t serial;

    if (RAND_bytes(bytes, sizeof bytes) != 1) {
        return false;
    }
    memcpy(&serial, bytes, sizeof serial);
    return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1;
}

/* Version 3, valid from a day ago (clocks differ), named `common_name`, with `key`, unsigned. */
static X509 *new_certificate(EVP_PKEY *key, const char *common_name, int days)
{
    X509 *certificate = X509_new();
    X509_NAME *name = certificate != NULL ? X509_get_subject_name(certificate) : NULL;

    if (name != NULL && X509_set_version(certificate, X509_VERSION_3) == 1 &&
        set_serial(certificate) &&
        X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY_S) != NULL &&
        X509_time_adj_ex(X509_getm_notAfter(certificate), days, 0, NULL) != NULL &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name,
                                   -1, -1, 0) == 1 &&
        X509_set_pubkey(certificate, key) == 1) {
        return certificate;
    }
    X509_free(certificate);
    return NULL;
}

static X509 *new_ca(EVP_PKEY *key, int days)
{
    X509 *ca = new_certificate(key, "mws-sandbox CA", days);

    if (ca != NULL && X509_set_issuer_name(ca, X509_get_subject_name(ca)) == 1 &&
        add_extension(ca, ca, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
        add_extension(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign") &&
        add_extension(ca, ca, NID_subject_key_identifier, "hash") &&
        X509_sign(ca, key, EVP_sha256()) > 0) {
        return ca;
    }
    X509_free(ca);
    return NULL;
}

/* "DNS:localhost,IP:127.0.0.1" */
static bool list_names(const char *const *names, size_t count, char text[NAMES_TEXT_MAX])
{
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        unsigned char address[16];
        bool is_address = inet_pton(AF_INET, names[i], address) == 1 ||
                          inet_pton(AF_INET6, names[i], address) == 1;
        int length;
        if (strpbrk(names[i], ",:") != NULL && !is_address) {
            return false; /* would be read as something else */
        }
        length = snprintf(text + used, NAMES_TEXT_MAX - used, "%s%s:%s", i > 0 ? "," : "",
                          is_address ? "IP" : "DNS", names[i]);
        if (length < 0 || (size_t)length >= NAMES_TEXT_MAX - used) {
            return false;
        }
        used += (size_t)length;
    }
    return count > 0;
}

static X509 *new_server(EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key, const char *const *names,
                        size_t count, int days)
{
    char text[NAMES_TEXT_MAX];
    X509 *server = new_certificate(key, "mws-sandbox", days);

    if (server != NULL && list_names(names, count, text) &&
        X509_set_issuer_name(server, X509_get_subject_name(ca)) == 1 &&
        add_extension(server, ca, NID_basic_constraints, "critical,CA:FALSE") &&
        add_extension(server, ca, NID_key_usage, "critical,digitalSignature") &&
        add_extension(server, ca, NID_ext_key_usage, "serverAuth") &&
        add_extension(server, ca, NID_authority_key_identifier, "keyid") &&
        add_extension(server, ca, NID_subject_alt_name, text) &&
        X509_sign(server, ca_key, EVP_sha256()) > 0) {
        return server;
    }
    X509_free(server);
    return NULL;
}

/* The text written to a memory BIO, for free(). */
static char *take_text(BIO *bio)
{
    char *bytes = NULL;
    long length = BIO_get_mem_data(bio, &bytes);
    char *text = length > 0 ? malloc((size_t)length + 1) : NULL;

    if (text != NULL) {
        memcpy(text, bytes, (size_t)length);
        text[length] = '\0';
    }
    return text;
}

static char *pem_of_certificates(X509 *first, X509 *second)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;

    if (bio != NULL && PEM_write_bio_X509(bio, first) == 1 &&
        (second == NULL || PEM_write_bio_X509(bio, second) == 1)) {
        text = take_text(bio);
    }
    BIO_free(bio);
    return text;
}

static char *pem_of_key(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;

    if (bio != NULL && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1) {
        text = take_text(bio);
    }
    BIO_free(bio);
    return text;
}

static void free_text(char *text)
{
    if (text != NULL) {
        wipe(text, strlen(text)); /* it may be a key */
        free(text);
    }
}

static void clear_set(struct certificate_set *set)
{
    free_text(set->ca_pem);
    free_text(set->ca_key_pem);
    free_text(set->certificate_pem);
    free_text(set->key_pem);
    *set = (struct certificate_set){0};
}

enum status certificate_set_new(const char *const *names, size_t name_count, int days,
                                struct certificate_set *set, struct problem *problem)
{
    EVP_PKEY *ca_key = EVP_EC_gen("P-256");
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *ca = ca_key != NULL ? new_ca(ca_key, days) : NULL;
    X509 *server =
        ca != NULL && key != NULL ? new_server(key, ca, ca_key, names, name_count, days) : NULL;

    *set = (struct certificate_set){0};
    if (server != NULL) {
        set->ca_pem = pem_of_certificates(ca, NULL);
        set->ca_key_pem = pem_of_key(ca_key);
        set->certificate_pem = pem_of_certificates(server, ca);
        set->key_pem = pem_of_key(key);
    }
    X509_free(server);
    X509_free(ca);
    EVP_PKEY_free(key);
    EVP_PKEY_free(ca_key);
    ERR_clear_error();
    if (set->ca_pem == NULL || set->ca_key_pem == NULL || set->certificate_pem == NULL ||
        set->key_pem == NULL) {
        clear_set(set);
        return problem_set(
            problem, ST_INVALID,
            "cannot make a certificate for these names; give DNS names or addresses");
    }
    return ST_OK;
}

/* ---- signing messages ---- */

static X509 *certificate_of_pem(const char *pem)
{
    char no_password[] = ""; /* otherwise libcrypto would ask for one at the terminal */
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *certificate = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, no_password) : NULL;
    BIO_free(bio);
    return certificate;
}

static EVP_PKEY *key_of_pem(const char *pem)
{
    char no_password[] = "";
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, NULL, no_password) : NULL;
    BIO_free(bio);
    return key;
}

/* Signed by `ca`, or by itself when that is NULL. */
static X509 *new_signer(EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key, const char *name, int days)
{
    X509 *signer = new_certificate(key, name, days);
    X509 *issuer = ca != NULL ? ca : signer;

    if (signer != NULL && X509_set_issuer_name(signer, X509_get_subject_name(issuer)) == 1 &&
        add_extension(signer, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
        add_extension(signer, issuer, NID_key_usage, "critical,digitalSignature") &&
        add_extension(signer, issuer, NID_subject_key_identifier, "hash") &&
        add_extension(signer, issuer, NID_authority_key_identifier, "keyid") &&
        X509_sign(signer, ca != NULL ? ca_key : key, EVP_sha256()) > 0) {
        return signer;
    }
    X509_free(signer);
    return NULL;
}

enum status signing_pair_new(const struct certificate_set *set, const char *name, int days,
                             struct signing_pair *pair, struct problem *problem)
{
    ENSURE(set == NULL || set->ca_key_pem != NULL);
    X509 *ca = set != NULL ? certificate_of_pem(set->ca_pem) : NULL;
    EVP_PKEY *ca_key = set != NULL ? key_of_pem(set->ca_key_pem) : NULL;
    bool has_issuer = set == NULL || (ca != NULL && ca_key != NULL);
    EVP_PKEY *key = has_issuer ? EVP_RSA_gen(SIGNING_KEY_BITS) : NULL;
    X509 *signer = key != NULL ? new_signer(key, ca, ca_key, name, days) : NULL;

    *pair = (struct signing_pair){0};
    if (signer != NULL) {
        pair->certificate_pem = pem_of_certificates(signer, ca);
        pair->key_pem = pem_of_key(key);
    }
    X509_free(signer);
    EVP_PKEY_free(key);
    EVP_PKEY_free(ca_key);
    X509_free(ca);
    ERR_clear_error();
    if (pair->certificate_pem == NULL || pair->key_pem == NULL) {
        free_text(pair->certificate_pem);
        free_text(pair->key_pem);
        *pair = (struct signing_pair){0};
        return problem_set(problem, ST_INVALID, "cannot make a certificate named %s", name);
    }
    return ST_OK;
}

struct signing_key {
    EVP_PKEY *key;
};

enum status signing_key_read(const char *key_pem, struct signing_key **key, struct problem *problem)
{
    EVP_PKEY *read = key_of_pem(key_pem);

    ERR_clear_error();
    *key = NULL;
    if (read == NULL || EVP_PKEY_is_a(read, "RSA") != 1 ||
        EVP_PKEY_get_size(read) > SIGNATURE_BYTES_MAX) {
        EVP_PKEY_free(read);
        return problem_set(problem, ST_INVALID,
                           "this is not an RSA key of at most %d bits without a password",
                           SIGNATURE_BYTES_MAX * 8);
    }
    *key = malloc(sizeof **key);
    ENSURE(*key != NULL);
    (*key)->key = read;
    return ST_OK;
}

void signing_key_free(struct signing_key *key)
{
    if (key != NULL) {
        EVP_PKEY_free(key->key);
        free(key);
    }
}

size_t signing_key_sign(const struct signing_key *key, enum digest digest, const void *bytes,
                        size_t length, uint8_t *signature)
{
    size_t written = SIGNATURE_BYTES_MAX;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    ENSURE(context != NULL);
    int done =
        EVP_DigestSignInit_ex(context, NULL, digest_name(digest), NULL, NULL, key->key, NULL);
    ENSURE(done == 1);
    done = EVP_DigestSign(context, signature, &written, bytes, length);
    ENSURE(done == 1);
    EVP_MD_CTX_free(context);
    return written;
}
