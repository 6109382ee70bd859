/*
 * text_file.h - a small text file, whole: certificates and keys in PEM.
 *
 * It may be a key, so the bytes are nowhere but in the text that is given out: no stream keeps a
 * copy of them, and what is refused is wiped.
 */
#ifndef MWS_EDGE_TEXT_FILE_H
#define MWS_EDGE_TEXT_FILE_H

#include "billing/status.h"

#define TEXT_FILE_BYTES_MAX 65536

/* `*text` is to be freed. ST_STORE with a sentence that names the path when the file cannot be
 * read, is empty, longer than TEXT_FILE_BYTES_MAX or has a NUL in it; *text is then NULL. */
MUST_USE enum status text_file_read(const char *path, char **text, struct problem *problem);

#endif
