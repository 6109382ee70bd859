/*
 * tls_files.h - the certificates and keys of the sandbox: read from files, or made once and kept in
 * a directory.
 *
 *     ca.pem                           for clients to trust
 *     certificate.pem, key.pem         what the ports are served with
 *     names.txt                        whom certificate.pem names; older directories have none
 *     notice.pem, notice-key.pem       what notifications are signed with
 *     notice-wrong-name*, notice-expired*.pem   likewise, for the faults (signers.h)
 *
 * Keys have mode 0600. The authority's own key is thrown away: what is missing later can only be
 * made together with everything else.
 */
#ifndef MWS_SANDBOX_TLS_FILES_H
#define MWS_SANDBOX_TLS_FILES_H

#include "billing/status.h"
#include "mws/edge/certificate.h"

struct tls_files {
    char *certificate_pem; /* for free() */
    char *key_pem;         /* for tls_files_free(), which wipes it */
    /* NULL texts when they were not made together. */
    struct signing_pair notice, notice_wrong_name, notice_expired;
};

/* Reads the two files. ST_STORE with a sentence. */
MUST_USE enum status tls_files_read(const char *certificate, const char *key,
                                    struct tls_files *files, struct problem *problem);
/* Reads the directory's files; when one is missing, all are made anew (and the directory), the
 * certificate for localhost, 127.0.0.1, ::1, `address` and the hosts of Amazon SNS, from where the
 * signing certificates are said to come. ST_STORE with a sentence. */
MUST_USE enum status tls_files_keep(const char *directory, const char *address,
                                    struct tls_files *files, struct problem *problem);
void tls_files_free(struct tls_files *files);

/* Writes a file whole: to a temporary name, synced, renamed. ST_STORE with a sentence. */
MUST_USE enum status file_replace(const char *path, const char *text, unsigned mode,
                                  struct problem *problem);

#endif
