/*
 * sandbox.h - the fake Amazon as one value: a request in, an answer out. No sockets and no clock
 * here; server.c brings them.
 *
 * A request passes, in this order: the path, the common parameters, the access key and seller, the
 * time stamp, the signature, a fault rule, the quota, the operation.
 */
#ifndef MWS_SANDBOX_SANDBOX_H
#define MWS_SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/instant.h"
#include "billing/status.h"
#include "mws/sandbox/dispatch.h"
#include "mws/sandbox/fault.h"
#include "mws/sandbox/form.h"
#include "mws/sandbox/login.h"
#include "mws/sandbox/signature.h"
#include "mws/sandbox/text.h"
#include "mws/sandbox/throttle.h"
#include "mws/sandbox/world.h"
#include "mws/vocab.h"

#define PATH_SANDBOX "/OffAmazonPayments_Sandbox/2013-01-01"
#define PATH_LIVE    "/OffAmazonPayments/2013-01-01"

struct credential; /* a seller's access key and its secret */

struct statistics {
    uint64_t requests;
    uint64_t results[MWS_ACTION_COUNT][MWS_ERROR_COUNT]; /* by action and error; 0 = success */
    uint64_t throttled;
};

struct sandbox {
    struct world world;
    struct fault_rules faults;
    struct logins logins;
    struct dispatch dispatch; /* of what is in world.notices */
    struct statistics statistics;
    enum quota quota;
    struct table credentials;            /* by access key */
    struct signing_keys any_seller_keys; /* NULLs: only the sellers that were named */
    uint64_t request_id_seed, request_count;
    struct form form;      /* scratch of one request */
    struct text canonical; /* scratch of one request */
    struct text result;    /* scratch of one request */
    struct text asked;     /* scratch of one request */
};

struct sandbox_options {
    enum quota quota;
    struct rules rules;
    const char *any_seller; /* the secret of every seller and access key not named; NULL = none */
};

/* The quota off, and the rules as Amazon documents them. */
struct sandbox_options sandbox_defaults(void);
void sandbox_init(struct sandbox *sandbox, const struct sandbox_options *options);
void sandbox_free(struct sandbox *sandbox);

/* A seller that may call, by "SELLERID:ACCESSKEY:SECRET" (copied). ST_INVALID for another shape or
 * an access key that is already there. */
MUST_USE enum status sandbox_add_seller(struct sandbox *sandbox, const char *line,
                                        struct problem *problem);

struct sandbox_request {
    const char *method, *host, *path; /* path as sent, without the query */
    const char *form;                 /* body of a POST, query of a GET */
    size_t form_length;
    struct instant now; /* of the real clock: the world's own may be ahead of it */
    struct ticks ticks;
};

struct sandbox_answer {
    int status; /* of HTTP */
    const char *content_type;
    char request_id[REQUEST_ID_MAX];
    struct instant at; /* of the sandbox's own clock */
    struct text body;
    bool drop;        /* close the connection instead */
    int64_t delay_ms; /* wait before answering */
    enum mws_action action;
    enum mws_error error;
    struct fault fault;
    const char *seller_id; /* for the log; "" until known. Borrowed from the sandbox */
};

/* `answer->body` is reused: the caller frees it once, at the end. */
void sandbox_handle(struct sandbox *sandbox, const struct sandbox_request *request,
                    struct sandbox_answer *answer);

#endif
