/*
 * signers.c - see signers.h.
 */
#include "mws/sandbox/signers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"

#define SELF_SIGNED_DAYS 3650

void signers_init(struct signers *signers)
{
    *signers = (struct signers){0};
}

/* The name in the URL follows from the certificate, so that it stays over a restart and changes
 * with the certificate: Amazon's clients keep a certificate by its URL. */
static void write_file_name(struct signer_pair *pair)
{
    struct hmac_key *key = hmac_key_new("file", 4);
    uint8_t mac[HMAC_SHA256_BYTES];
    size_t used;

    ENSURE(key != NULL);
    hmac_sha256(key, pair->certificate_pem, strlen(pair->certificate_pem), mac);
    hmac_key_free(key);
    used = (size_t)snprintf(pair->file, sizeof pair->file, "SimpleNotificationService-");
    for (size_t i = 0; i < 16; i++) {
        used += (size_t)snprintf(pair->file + used, sizeof pair->file - used, "%02x", mac[i]);
    }
    (void)snprintf(pair->file + used, sizeof pair->file - used, ".pem");
}

static enum status set_pair(struct signer_pair *pair, const struct signing_pair *pem,
                            struct problem *problem)
{
    enum status status = signing_key_read(pem->key_pem, &pair->key, problem);

    if (status != ST_OK) {
        return status;
    }
    pair->certificate_pem = strdup(pem->certificate_pem);
    ENSURE(pair->certificate_pem != NULL);
    write_file_name(pair);
    return ST_OK;
}

enum status signers_read(struct signers *signers, const struct tls_files *files,
                         struct problem *problem)
{
    const struct signing_pair *const pairs[SIGNER_COUNT] = {
        [SIGNER_AMAZON] = &files->notice,
        [SIGNER_WRONG_NAME] = &files->notice_wrong_name,
        [SIGNER_EXPIRED] = &files->notice_expired,
    };
    enum status status = ST_OK;

    for (int who = 0; who < SIGNER_COUNT && status == ST_OK; who++) {
        if (pairs[who] != NULL && pairs[who]->key_pem != NULL) {
            status = set_pair(&signers->pairs[who], pairs[who], problem);
        }
    }
    return status;
}

void signers_free(struct signers *signers)
{
    for (int who = 0; who < SIGNER_COUNT; who++) {
        signing_key_free(signers->pairs[who].key);
        free(signers->pairs[who].certificate_pem);
    }
    *signers = (struct signers){0};
}

enum status signers_get(struct signers *signers, enum signer who, const struct signer_pair **pair,
                        struct problem *problem)
{
    struct signing_pair made;
    enum status status;

    *pair = &signers->pairs[who];
    if ((*pair)->key != NULL) {
        return ST_OK;
    }
    status = signing_pair_new(NULL, SIGNER_COMMON_NAME, SELF_SIGNED_DAYS, &made, problem);
    if (status == ST_OK) {
        status = set_pair(&signers->pairs[who], &made, problem);
        wipe(made.key_pem, strlen(made.key_pem));
        free(made.key_pem);
        free(made.certificate_pem);
    }
    return status;
}

const char *signers_certificate(const struct signers *signers, const char *path)
{
    for (int who = 0; who < SIGNER_COUNT; who++) {
        const struct signer_pair *pair = &signers->pairs[who];
        if (pair->key != NULL && path[0] == '/' && strcmp(path + 1, pair->file) == 0) {
            return pair->certificate_pem;
        }
    }
    return NULL;
}
