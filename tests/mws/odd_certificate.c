/*
 * odd_certificate.c - see odd_certificate.h.
 */
#include "tests/mws/odd_certificate.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "billing/ensure.h"

static void add_name(X509_NAME *subject, int type, const char *name, size_t length)
{
    int done = X509_NAME_add_entry_by_NID(subject, NID_commonName, type,
                                          (const unsigned char *)name, (int)length, -1, 0);
    ENSURE(done == 1);
}

static void add_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    ENSURE(extension != NULL);
    int done = X509_add_ext(certificate, extension, -1);
    ENSURE(done == 1);
    X509_EXTENSION_free(extension);
}

/* A public key that nobody has the other half of: quick, whatever its size. */
static EVP_PKEY *made_up_key(const char *kind, unsigned bits)
{
    BIGNUM *modulus = BN_new();
    BIGNUM *exponent = BN_new();
    OSSL_PARAM_BLD *parts = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    EVP_PKEY *key = NULL;
    ENSURE(modulus != NULL && exponent != NULL && parts != NULL && context != NULL);
    int done = BN_rand(modulus, (int)bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD) &
               BN_set_word(exponent, 65537) &
               OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_RSA_N, modulus) &
               OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_RSA_E, exponent);
    ENSURE(done == 1);
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(parts);
    done = EVP_PKEY_fromdata_init(context);
    ENSURE(done == 1);
    done = EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
    ENSURE(done == 1);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(parts);
    EVP_PKEY_CTX_free(context);
    BN_free(modulus);
    BN_free(exponent);
    return key;
}

static EVP_PKEY *key_of(const struct odd_wish *wish)
{
    unsigned bits = wish->rsa_bits != 0 ? wish->rsa_bits : 2048U;
    if (wish->key != NULL) {
        int done = EVP_PKEY_up_ref(wish->key);
        ENSURE(done == 1);
        return wish->key;
    }
    if (wish->is_elliptic) {
        return EVP_EC_gen("P-256");
    }
    return wish->made_up_kind != NULL ? made_up_key(wish->made_up_kind, bits) : EVP_RSA_gen(bits);
}

struct odd odd_new(const struct odd_wish *wish)
{
    struct odd odd = {.certificate = X509_new()};
    ENSURE(odd.certificate != NULL);
    odd.key = key_of(wish);
    ENSURE(odd.key != NULL);
    X509_NAME *subject = X509_get_subject_name(odd.certificate);
    int type = wish->name_type != 0 ? wish->name_type : V_ASN1_UTF8STRING;
    if (wish->name != NULL) {
        add_name(subject, type, wish->name,
                 wish->name_length != 0 ? wish->name_length : strlen(wish->name));
    }
    if (wish->second_name != NULL) {
        add_name(subject, type, wish->second_name, strlen(wish->second_name));
    }
    const struct odd *issuer = wish->issuer != NULL ? wish->issuer : &odd;
    bool has_period = wish->until_s != 0;
    int64_t from_s = has_period ? wish->from_s : ODD_FROM_S;
    int64_t until_s = has_period ? wish->until_s : ODD_UNTIL_S;
    ENSURE(ASN1_TIME_set(X509_getm_notBefore(odd.certificate), from_s) != NULL);
    ENSURE(ASN1_TIME_set(X509_getm_notAfter(odd.certificate), until_s) != NULL);
    int done = X509_set_version(odd.certificate, X509_VERSION_3) &
               X509_set_issuer_name(odd.certificate, X509_get_subject_name(issuer->certificate)) &
               X509_set_pubkey(odd.certificate, odd.key) &
               ASN1_INTEGER_set(X509_get_serialNumber(odd.certificate), 7);
    ENSURE(done == 1);
    add_extension(odd.certificate, NID_basic_constraints,
                  wish->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    int size = X509_sign(odd.certificate, issuer->key,
                         wish->is_signed_with_sha1 ? EVP_sha1() : EVP_sha256());
    ENSURE(size > 0);
    return odd;
}

void odd_free(struct odd *odd)
{
    X509_free(odd->certificate);
    EVP_PKEY_free(odd->key);
    *odd = (struct odd){.certificate = NULL};
}

size_t odd_pem(const struct odd *const *list, size_t count, char text[static ODD_PEM_MAX])
{
    BIO *bio = BIO_new(BIO_s_mem());
    ENSURE(bio != NULL);
    for (size_t i = 0; i < count; i++) {
        int done = PEM_write_bio_X509(bio, list[i]->certificate);
        ENSURE(done == 1);
    }
    int length = BIO_read(bio, text, (int)ODD_PEM_MAX - 1);
    ENSURE(length > 0);
    text[length] = '\0';
    BIO_free(bio);
    return (size_t)length;
}

size_t odd_sign(const struct odd *odd, const char *digest, const void *bytes, size_t length,
                uint8_t signature[static 512])
{
    size_t written = 512;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    ENSURE(context != NULL);
    int done = EVP_DigestSignInit_ex(context, NULL, digest, NULL, NULL, odd->key, NULL);
    ENSURE(done == 1);
    done = EVP_DigestSign(context, signature, &written, bytes, length);
    ENSURE(done == 1);
    EVP_MD_CTX_free(context);
    return written;
}
