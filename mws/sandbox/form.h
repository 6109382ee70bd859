/*
 * form.h - the parameters of a request: application/x-www-form-urlencoded, decoded and sorted.
 *
 * Sorted by the bytes of the name, because that is the order of the canonical string of Signature
 * Version 2. Reusable, so that a busy sandbox allocates rarely.
 */
#ifndef MWS_SANDBOX_FORM_H
#define MWS_SANDBOX_FORM_H

#include <stddef.h>

#include "billing/status.h"

#define FORM_PARAMETERS_MAX 256

struct parameter {
    const char *name;
    const char *value;
};

struct form {
    struct parameter parameters[FORM_PARAMETERS_MAX];
    size_t count;
    char *scratch; /* the decoded bytes */
    size_t scratch_bytes;
};

/* Decodes (%XX and '+') and sorts. ST_INVALID with a sentence: bad percent-encoding, text that is
 * not UTF-8, a name twice, too many parameters. */
MUST_USE enum status form_read(struct form *form, const char *bytes, size_t length,
                               struct problem *problem);
void form_free(struct form *form);

/* The value of `name`; NULL when absent. */
const char *form_get(const struct form *form, const char *name);

#endif
