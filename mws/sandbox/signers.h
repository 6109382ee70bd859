/*
 * signers.h - who signs the notifications: the key of the fake Amazon SNS and its certificate, and
 * three impostors for the faults. The certificates are to be fetched from the sandbox itself.
 *
 * Amazon's pair comes from the files of --tls-dir (tls_files.h), and so do those that only a
 * certificate authority can make. Without such files everybody is self-signed.
 */
#ifndef MWS_SANDBOX_SIGNERS_H
#define MWS_SANDBOX_SIGNERS_H

#include "billing/status.h"
#include "mws/edge/certificate.h"
#include "mws/sandbox/tls_files.h"

#define SIGNER_COMMON_NAME "sns.amazonaws.com"

enum signer {
    SIGNER_AMAZON,      /* as it should be */
    SIGNER_SELF_SIGNED, /* the right name, signed by nobody else */
    SIGNER_WRONG_NAME,  /* signed by the right authority for another name */
    SIGNER_EXPIRED,     /* signed by the right authority, not valid any more */
    SIGNER_COUNT
};

/* "SimpleNotificationService-" and 32 hexadecimal digits and ".pem" */
#define SIGNER_FILE_BYTES 64

struct signer_pair {
    char *certificate_pem;
    struct signing_key *key;
    char file[SIGNER_FILE_BYTES]; /* where the certificate is served, without the slash */
};

struct signers {
    struct signer_pair pairs[SIGNER_COUNT]; /* key NULL = not made yet */
};

/* Nobody signs yet. */
void signers_init(struct signers *signers);
/* Takes the pairs of the files over (copied). ST_INVALID with a sentence. */
MUST_USE enum status signers_read(struct signers *signers, const struct tls_files *files,
                                  struct problem *problem);
void signers_free(struct signers *signers);

/* The pair, made and self-signed when there is none. */
MUST_USE enum status signers_get(struct signers *signers, enum signer who,
                                 const struct signer_pair **pair, struct problem *problem);
/* The certificate that is served at that path of a URL, or NULL. */
const char *signers_certificate(const struct signers *signers, const char *path);

#endif
