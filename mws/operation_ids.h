/*
 * operation_ids.h - the ids of Amazon's that a request and a reply name, held against the region
 * and environment of the seller who calls.
 *
 * A live id in a sandbox call, or the other way round, is a mix-up of configuration or database: it
 * is stopped here, before a byte is sent, and believed of no answer.
 */
#ifndef MWS_OPERATION_IDS_H
#define MWS_OPERATION_IDS_H

#include "billing/status.h"
#include "mws/operation.h"
#include "mws/region.h"

/* ST_INVALID with a sentence when the id that the request is about belongs elsewhere, or is none
 * (mws_id_check). A request without an id is ST_OK. */
MUST_USE enum status mws_request_ids_check(const struct mws_request *request,
                                           enum mws_region region, enum mws_environment environment,
                                           struct problem *problem);

/* ST_INVALID when any id in the reply's result belongs elsewhere. Of an answer an id of another
 * shape is not judged: Amazon may have kinds of ids that we have not seen. */
MUST_USE enum status mws_reply_ids_check(const struct mws_reply *reply, enum mws_region region,
                                         enum mws_environment environment, struct problem *problem);

#endif
