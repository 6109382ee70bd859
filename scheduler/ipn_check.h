/*
 * ipn_check.h - is what was posted a notification of Amazon's, for one of our sellers?
 *
 * The order of the checks, cheapest first, so that a flood of rubbish costs little: method and
 * path, headers, the envelope's JSON, when it was signed, whom it is for, where its certificate is
 * to come from; then, with the certificate (scheduler/ipn_certificates.h), the signature; and only
 * then the XML inside.
 *
 * What a signature proves is that Amazon SNS sent it, and SNS sends whatever its customers publish.
 * Hence the topic: it must be the configured one; of a sandbox seller without one it must at least
 * look like Amazon Pay's for the seller. A notification that passes all checks and lies can make us
 * ask Amazon, and no more.
 *
 * Pure; nothing is fetched, kept or logged here.
 */
#ifndef SCHEDULER_IPN_CHECK_H
#define SCHEDULER_IPN_CHECK_H

#include "mws/ipn.h"
#include "scheduler/config.h"

/* How old a notification may be when it arrives. SNS repeats one for 14 days and forgets it then;
 * what is older is somebody's repetition, and may be older than our own memory of it. Not for the
 * future: a clock of ours that is slow would refuse for ever what SNS would have repeated. */
#define IPN_AGE_MAX_MS (INT64_C(15) * 86400 * 1000)

/* How a request ended. SNS repeats what is answered with a 5xx, and not what is answered with a
 * 4xx: so 503 says "we could not judge or keep it", 4xx "judged, and it will never be taken". */
enum ipn_verdict {
    IPN_FITS = 0,        /* no objection so far */
    IPN_CONFIRMATION,    /* 200: Amazon owns the subscription, there is nothing to confirm     */
    IPN_BAD_PATH,        /* 404 */
    IPN_BAD_METHOD,      /* 405 */
    IPN_BAD_HEADER,      /* 400: not of SNS, or header and body disagree                       */
    IPN_BAD_ENVELOPE,    /* 400: not an envelope of SNS                                        */
    IPN_STALE,           /* 400: signed more than IPN_AGE_MAX_MS ago                           */
    IPN_BAD_MESSAGE,     /* 400: not a notification of Amazon Pay                              */
    IPN_BAD_SELLER,      /* 403: not a seller of ours                                          */
    IPN_BAD_ENVIRONMENT, /* 403: Live for a sandbox seller, or the other way round             */
    IPN_BAD_TOPIC,       /* 403 */
    IPN_BAD_URL,         /* 403: the certificate's; nothing is fetched from there              */
    IPN_BAD_SIGNATURE,   /* 403 */
    IPN_TOPIC_UNSET,     /* 503: signed, but which topic is a live seller's is not configured  */
    IPN_NO_CERTIFICATE,  /* 503: not to be had or not trusted; ours to mend, perhaps           */
    IPN_BUSY,            /* 503: too many wait                                                 */
    IPN_NOT_KEPT,        /* 503: the store cannot take it                                      */
};
#define IPN_VERDICT_COUNT 17

/* "bad_topic", and the HTTP status it is answered with. */
const char *ipn_verdict_name(enum ipn_verdict verdict);
int ipn_verdict_http_status(enum ipn_verdict verdict);

/* What was posted; headers NULL when absent. */
struct ipn_post {
    const char *method;
    const char *path;
    const char *message_type; /* x-amz-sns-message-type */
    const char *message_id;   /* x-amz-sns-message-id   */
    const char *topic_arn;    /* x-amz-sns-topic-arn    */
    const char *body;
    size_t length;
};

/* All checks before the certificate. After IPN_FITS `envelope` is to be freed; otherwise `problem`
 * says why, and there is nothing to free. */
enum ipn_verdict ipn_check_post(const struct ipn_post *post, const struct config *config,
                                struct instant now, struct ipn_envelope *envelope,
                                struct problem *problem);

/* IPN_FITS or IPN_BAD_SIGNATURE. */
enum ipn_verdict ipn_check_signature(const struct ipn_envelope *envelope,
                                     const struct certificate *certificate,
                                     struct problem *problem);

/* After the signature: IPN_FITS or IPN_TOPIC_UNSET. Last, so that `problem` names a topic from
 * which SNS itself has sent, and not what a stranger wrote. */
enum ipn_verdict ipn_check_pinned(const struct ipn_envelope *envelope, const struct config *config,
                                  const struct ipn_notification *notification,
                                  struct problem *problem);

#endif
