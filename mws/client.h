/*
 * client.h - calls to Amazon: a typed request goes out signed, a typed reply comes back.
 *
 * Does not pace, retry or interpret: pace is the scheduler's, what a reply means is classify.h's.
 */
#ifndef MWS_CLIENT_H
#define MWS_CLIENT_H

#include "billing/status.h"
#include "mws/edge/http_client.h"
#include "mws/operation.h"
#include "mws/region.h"
#include "mws/secret.h"
#include "mws/sign.h"

#define MWS_URL_MAX SIGN_URL_MAX

/* Where and as whom a seller calls. */
struct mws_seller {
    enum mws_region region;
    enum mws_environment environment;
    char endpoint[MWS_URL_MAX]; /* "https://mws.amazonservices.jp/OffAmazonPayments/2013-01-01" */
    char profile_endpoint[MWS_URL_MAX]; /* "https://api.amazon.co.jp": Login with Amazon */
    char seller_id[32];
    char access_key[64];
    char auth_token[64];         /* MWSAuthToken; "" = none */
    const struct secret *secret; /* borrowed */
};

struct mws_client;

struct mws_client *mws_client_new(struct loop *loop, const struct http_client_options *options,
                                  struct problem *problem);
/* Ends open calls with a transport failure first. */
void mws_client_free(struct mws_client *client);

/* `reply` is borrowed until the callback returns. */
typedef void mws_done(void *arg, const struct mws_reply *reply);

/* Signs and sends. `done` is called exactly once, on the loop, never before mws_call returns.
 * ST_INVALID when the request breaks a documented bound (an empty or over-long id, an amount that
 * is not positive) or is about an id of another region or environment than the seller's: nothing is
 * sent and `done` is not called. */
MUST_USE enum status mws_call(struct mws_client *client, const struct mws_seller *seller,
                              const struct mws_request *request, mws_done *done, void *arg,
                              struct problem *problem);

/* The first half of mws_call alone: the body it sends, written into `buffer` as by sign_form. For
 * what wants to look at a request, or to measure it, without a network. ST_INVALID as above. */
MUST_USE enum status mws_sign(const struct mws_seller *seller, const struct sign_endpoint *endpoint,
                              const struct mws_request *request, struct instant now, char *buffer,
                              size_t buffer_bytes, struct signed_body *body,
                              struct problem *problem);

#endif
