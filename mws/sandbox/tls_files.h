/*
 * tls_files.h - the certificate and key the sandbox serves with: read from files, or made once and
 * kept in a directory (ca.pem for clients to trust, certificate.pem, key.pem with mode 0600).
 */
#ifndef MWS_SANDBOX_TLS_FILES_H
#define MWS_SANDBOX_TLS_FILES_H

#include "billing/status.h"

struct tls_files {
    char *certificate_pem; /* for free() */
    char *key_pem;         /* for tls_files_free(), which wipes it */
};

/* Reads the two files. ST_STORE with a sentence. */
MUST_USE enum status tls_files_read(const char *certificate, const char *key,
                                    struct tls_files *files, struct problem *problem);
/* Reads the directory's files, or makes them (and the directory) when there is no certificate yet,
 * for localhost, 127.0.0.1, ::1 and `address`. ST_STORE with a sentence. */
MUST_USE enum status tls_files_keep(const char *directory, const char *address,
                                    struct tls_files *files, struct problem *problem);
void tls_files_free(struct tls_files *files);

/* Writes a file whole: to a temporary name, synced, renamed. ST_STORE with a sentence. */
MUST_USE enum status file_replace(const char *path, const char *text, unsigned mode,
                                  struct problem *problem);

#endif
