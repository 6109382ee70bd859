/* ipn_check.c - see ipn_check.h. */
#include "scheduler/ipn_check.h"

#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"

static const struct {
    const char *name;
    int http_status;
} verdicts[IPN_VERDICT_COUNT] = {
    [IPN_FITS] = {"fits", 200},
    [IPN_CONFIRMATION] = {"confirmation", 200},
    [IPN_BAD_PATH] = {"bad_path", 404},
    [IPN_BAD_METHOD] = {"bad_method", 405},
    [IPN_BAD_HEADER] = {"bad_header", 400},
    [IPN_BAD_ENVELOPE] = {"bad_envelope", 400},
    [IPN_STALE] = {"stale", 400},
    [IPN_BAD_MESSAGE] = {"bad_message", 400},
    [IPN_BAD_SELLER] = {"bad_seller", 403},
    [IPN_BAD_ENVIRONMENT] = {"bad_environment", 403},
    [IPN_BAD_TOPIC] = {"bad_topic", 403},
    [IPN_BAD_URL] = {"bad_url", 403},
    [IPN_BAD_SIGNATURE] = {"bad_signature", 403},
    [IPN_TOPIC_UNSET] = {"topic_unset", 503},
    [IPN_NO_CERTIFICATE] = {"no_certificate", 503},
    [IPN_BUSY] = {"busy", 503},
    [IPN_NOT_KEPT] = {"not_kept", 503},
};

const char *ipn_verdict_name(enum ipn_verdict verdict)
{
    ENSURE((unsigned)verdict < IPN_VERDICT_COUNT);
    return verdicts[verdict].name;
}

int ipn_verdict_http_status(enum ipn_verdict verdict)
{
    ENSURE((unsigned)verdict < IPN_VERDICT_COUNT);
    return verdicts[verdict].http_status;
}

static enum ipn_verdict refuse(enum ipn_verdict verdict, struct problem *problem,
                               const char *sentence)
{
    (void)problem_set(problem, ST_INVALID, "%s", sentence);
    return verdict;
}

static enum ipn_verdict headers_check(const struct ipn_post *post, const struct config *config,
                                      struct problem *problem)
{
    if (strcmp(post->path, config->ipn_path) != 0) {
        return refuse(IPN_BAD_PATH, problem, "there is nothing at this path");
    }
    if (strcmp(post->method, "POST") != 0) {
        return refuse(IPN_BAD_METHOD, problem, "only POST is allowed here");
    }
    const char *type = post->message_type;
    if (type != NULL && (strcmp(type, "SubscriptionConfirmation") == 0 ||
                         strcmp(type, "UnsubscribeConfirmation") == 0)) {
        return refuse(IPN_CONFIRMATION, problem, "nothing is confirmed");
    }
    if (type == NULL || strcmp(type, "Notification") != 0) {
        return refuse(IPN_BAD_HEADER, problem, "x-amz-sns-message-type is not Notification");
    }
    return IPN_FITS;
}

/* Header and body were written by one sender, or somebody has put them together. */
static enum ipn_verdict envelope_check(const struct ipn_post *post,
                                       const struct ipn_envelope *envelope, struct instant now,
                                       struct problem *problem)
{
    struct instant signed_at;
    if (envelope->type != IPN_NOTIFICATION) {
        return refuse(IPN_BAD_HEADER, problem, "Type differs from x-amz-sns-message-type");
    }
    if (post->message_id != NULL && strcmp(post->message_id, envelope->message_id) != 0) {
        return refuse(IPN_BAD_HEADER, problem, "MessageId differs from x-amz-sns-message-id");
    }
    if (post->topic_arn != NULL && strcmp(post->topic_arn, envelope->topic_arn) != 0) {
        return refuse(IPN_BAD_HEADER, problem, "TopicArn differs from x-amz-sns-topic-arn");
    }
    if (!instant_parse(envelope->timestamp, &signed_at)) {
        return refuse(IPN_BAD_ENVELOPE, problem, "Timestamp is not a time in UTC");
    }
    if (instant_before(instant_plus(signed_at, IPN_AGE_MAX_MS), now)) {
        return refuse(IPN_STALE, problem, "it was signed more than 15 days ago");
    }
    return IPN_FITS;
}

/* Where Amazon Pay publishes for sellers of a region, as its samples show; of Japan there are none:
 * NULL, any. */
static const char *topic_region(enum mws_region region)
{
    switch (region) {
    case MWS_REGION_JP:
        return NULL;
    case MWS_REGION_NA:
        return "us-east-1";
    case MWS_REGION_EU:
    case MWS_REGION_UK:
        return "eu-west-1";
    }
    ensure_failed("a known region", __FILE__, __LINE__);
}

/* The configured topic; else "arn:aws:sns:<region>:<account>:<marketplace><merchant id>". */
static bool topic_fits(const struct seller_config *seller, const char *topic)
{
    static const char beginning[] = "arn:aws:sns:";
    const char *wanted = topic_region(seller->mws.region);
    size_t id_length = strlen(seller->mws.seller_id);
    if (seller->ipn_topic_arn[0] != '\0') {
        return strcmp(topic, seller->ipn_topic_arn) == 0;
    }
    if (strncmp(topic, beginning, sizeof beginning - 1) != 0) {
        return false;
    }
    const char *region = topic + sizeof beginning - 1;
    size_t region_length = strcspn(region, ":");
    if (region[region_length] != ':' ||
        (wanted != NULL &&
         (strlen(wanted) != region_length || strncmp(region, wanted, region_length) != 0))) {
        return false;
    }
    const char *account = region + region_length + 1;
    if (strspn(account, "0123456789") != 12 || account[12] != ':') { /* as any of AWS */
        return false;
    }
    const char *name = account + 12 + 1;
    size_t length = strlen(name);
    return length > id_length && strchr(name, ':') == NULL &&
           strcmp(name + length - id_length, seller->mws.seller_id) == 0;
}

static enum ipn_verdict addressee_check(const struct ipn_envelope *envelope,
                                        const struct config *config, struct problem *problem)
{
    struct ipn_notification notification;
    if (ipn_notification_read(envelope->message, envelope->message_length, NULL, &notification,
                              problem) != ST_OK) {
        return IPN_BAD_MESSAGE;
    }
    const struct seller_config *seller = config_seller(config, notification.seller_id);
    if (seller == NULL) {
        (void)problem_set(problem, ST_INVALID, "seller %s is not configured",
                          notification.seller_id);
        return IPN_BAD_SELLER;
    }
    if (notification.is_live != (seller->mws.environment == MWS_LIVE)) {
        (void)problem_set(problem, ST_INVALID, "%s is configured for the other environment",
                          notification.seller_id);
        return IPN_BAD_ENVIRONMENT;
    }
    if (!topic_fits(seller, envelope->topic_arn)) {
        (void)problem_set(problem, ST_INVALID, "%s is not a topic of %s", envelope->topic_arn,
                          notification.seller_id);
        return IPN_BAD_TOPIC;
    }
    if (ipn_certificate_url_check(envelope->signing_cert_url, problem) != ST_OK) {
        return IPN_BAD_URL;
    }
    return IPN_FITS;
}

enum ipn_verdict ipn_check_post(const struct ipn_post *post, const struct config *config,
                                struct instant now, struct ipn_envelope *envelope,
                                struct problem *problem)
{
    enum ipn_verdict verdict = headers_check(post, config, problem);
    if (verdict != IPN_FITS) {
        return verdict;
    }
    if (ipn_envelope_read(post->body, post->length, envelope, problem) != ST_OK) {
        return IPN_BAD_ENVELOPE;
    }
    verdict = envelope_check(post, envelope, now, problem);
    if (verdict == IPN_FITS) {
        verdict = addressee_check(envelope, config, problem);
    }
    if (verdict != IPN_FITS) {
        ipn_envelope_free(envelope);
    }
    return verdict;
}

enum ipn_verdict ipn_check_signature(const struct ipn_envelope *envelope,
                                     const struct certificate *certificate, struct problem *problem)
{
    size_t length;
    char *text = ipn_signed_text(envelope, &length);
    bool is_signed = certificate_signed(certificate, envelope->digest, text, length,
                                        envelope->signature, envelope->signature_length);
    free(text);
    return is_signed ? IPN_FITS
                     : refuse(IPN_BAD_SIGNATURE, problem, "the signature is not of these bytes");
}

enum ipn_verdict ipn_check_pinned(const struct ipn_envelope *envelope, const struct config *config,
                                  const struct ipn_notification *notification,
                                  struct problem *problem)
{
    const struct seller_config *seller = config_seller(config, notification->seller_id);
    if (seller == NULL || seller->mws.environment != MWS_LIVE || seller->ipn_topic_arn[0] != '\0') {
        return IPN_FITS;
    }
    (void)problem_set(problem, ST_INVALID,
                      "set ipn_topic_arn of seller %s to Amazon's topic; it came from %s",
                      notification->seller_id, envelope->topic_arn);
    return IPN_TOPIC_UNSET;
}
