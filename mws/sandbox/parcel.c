/*
 * parcel.c - see parcel.h.
 */
#include "mws/sandbox/parcel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"
#include "mws/edge/json.h"
#include "mws/sandbox/ledger.h"
#include "mws/sandbox/world.h"

#define ACCOUNT         "291180941288"   /* the AWS account of Amazon Pay in the fixtures */
#define TOPIC_PREFIX    "A1MBU0TPLHBRSP" /* before the seller's id */
#define SUBJECT         "Amazon Pay"
#define OTHER_SELLER    "A0OTHERSELLER00"
#define OVERSIZED_BYTES ((size_t)300 * 1024) /* SNS delivers at most 256 KB */

/* MarketplaceID in the fixtures of 2015 and later. */
#define MARKETPLACE_SANDBOX "623690"
#define MARKETPLACE_LIVE    "623680"

static const char *aws_region(int region, const struct rules *rules)
{
    static const char *const of_japan[] = {
        [NOTIFY_REGION_AP_NORTHEAST_1] = "ap-northeast-1",
        [NOTIFY_REGION_US_WEST_2] = "us-west-2",
        [NOTIFY_REGION_US_EAST_1] = "us-east-1",
    };

    return region == 1   ? "us-east-1"
           : region == 2 ? "eu-west-1"
                         : of_japan[rules->notify_region_jp];
}

/* --- Message ---------------------------------------------------------------------------------- */

/* "2015-11-21T03:55:19Z" for 15:55:19: what an hour pattern of "hh" makes of it. */
static void write_half_day(struct instant at, char text[INSTANT_TEXT_MAX])
{
    char whole[INSTANT_TEXT_MAX];
    long hour;

    instant_format(at, whole);
    hour = strtol(whole + 11, NULL, 10) % 12;
    (void)snprintf(text, INSTANT_TEXT_MAX, "%.11s%02ld%.6sZ", whole, hour == 0 ? 12 : hour,
                   whole + 13);
}

static char *write_message(const struct notice *notice, const char *seller_id,
                           const struct rules *rules)
{
    bool live = notice->environment == ENVIRONMENT_LIVE;
    struct json *object = json_new_object();
    char at[INSTANT_TEXT_MAX];
    char *printed;

    if (rules->notify_clock == NOTIFY_CLOCK_12_HOURS) {
        write_half_day(notice->made_at, at);
    } else {
        instant_format(notice->made_at, at);
    }
    json_set_string(object, "ReleaseEnvironment", live ? "Live" : "Sandbox");
    json_set_string(object, "MarketplaceID", live ? MARKETPLACE_LIVE : MARKETPLACE_SANDBOX);
    json_set_string(object, "Version", MWS_API_VERSION);
    if (notice->event != NOTICE_EVENT_NONE) {
        json_set_string(object, "EventType", notice_event_name(notice->event));
    }
    json_set_string(object, "NotificationType", notice->type_name);
    json_set_string(object, "SellerId", seller_id);
    json_set_string(object, "NotificationReferenceId", notice->reference_id);
    if (notice->is_sample) {
        json_set_bool(object, "IsSample", true);
    }
    json_set_string(object, "Timestamp", at);
    json_set_string(object, "NotificationData", notice->data);
    printed = json_print(object, false);
    json_free(object);
    return printed;
}

/* Another state than was signed; where there is none, another text. */
static void tamper(struct text *message)
{
    static const char open[] = "<State>";
    char *state = strstr(message->bytes, open);
    const char *end = state != NULL ? strchr(state + sizeof open - 1, '<') : NULL;
    struct text changed = {0};

    if (state == NULL || end == NULL) {
        text_add(message, " ");
        return;
    }
    state += sizeof open - 1;
    text_add_bytes(&changed, message->bytes, (size_t)(state - message->bytes));
    text_add(&changed, strncmp(state, "Completed", 9) == 0 ? "Declined" : "Completed");
    text_add(&changed, end);
    text_free(message);
    *message = changed;
}

/* --- the envelope ----------------------------------------------------------------------------- */

static void add_signed(struct text *out, const char *name, const char *value)
{
    text_add(out, name);
    text_add(out, "\n");
    text_add(out, value);
    text_add(out, "\n");
}

void envelope_signed_text(struct text *out, const struct envelope *envelope)
{
    add_signed(out, "Message", envelope->message);
    add_signed(out, "MessageId", envelope->message_id);
    if (envelope->subject != NULL) {
        add_signed(out, "Subject", envelope->subject);
    }
    add_signed(out, "Timestamp", envelope->timestamp);
    add_signed(out, "TopicArn", envelope->topic);
    add_signed(out, "Type", "Notification");
}

static void add_member(struct text *out, const char *name, const char *value)
{
    text_format(out, "%s  \"%s\" : ", out->length > 2 ? ",\n" : "", name);
    text_add_json(out, json_new_string(value));
}

/* In the layout in which SNS prints it. */
static void write_body(struct text *out, const struct envelope *envelope, const struct rules *rules,
                       const char *signature, const char *region, const char *subscription)
{
    char unsubscribe[SUBSCRIPTION_BYTES_MAX + 100];

    (void)snprintf(unsubscribe, sizeof unsubscribe,
                   "https://sns.%s.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=%s", region,
                   subscription);
    text_add(out, "{\n");
    add_member(out, "Type", "Notification");
    add_member(out, "MessageId", envelope->message_id);
    add_member(out, "TopicArn", envelope->topic);
    if (envelope->subject != NULL) {
        add_member(out, "Subject", envelope->subject);
    }
    add_member(out, "Message", envelope->message);
    add_member(out, "Timestamp", envelope->timestamp);
    add_member(out, "SignatureVersion", rules->notify_signature == NOTIFY_SIGNATURE_2 ? "2" : "1");
    add_member(out, "Signature", signature);
    add_member(out, "SigningCertURL", envelope->certificate_url);
    add_member(out, "UnsubscribeURL", unsubscribe);
    text_add(out, "\n}\n");
}

static void sign(const struct envelope *envelope, const struct rules *rules,
                 const struct signing_key *key, char *signature)
{
    uint8_t bytes[SIGNATURE_BYTES_MAX];
    struct text text = {0};
    size_t length;

    envelope_signed_text(&text, envelope);
    length = signing_key_sign(
        key, rules->notify_signature == NOTIFY_SIGNATURE_2 ? DIGEST_SHA256 : DIGEST_SHA1,
        text.bytes, text.length, bytes);
    base64_encode(bytes, length, signature);
    text_free(&text);
}

/* One subscription for each topic: its id looks random and stays. */
static void write_addresses(struct parcel *parcel, const char *region, const char *seller)
{
    struct hmac_key *key = hmac_key_new("subscription", 12);
    uint8_t b[HMAC_SHA256_BYTES];

    ENSURE(key != NULL);
    (void)snprintf(parcel->topic, sizeof parcel->topic,
                   "arn:aws:sns:%s:" ACCOUNT ":" TOPIC_PREFIX "%.64s", region, seller);
    hmac_sha256(key, parcel->topic, strlen(parcel->topic), b);
    hmac_key_free(key);
    (void)snprintf(parcel->subscription, sizeof parcel->subscription,
                   "%s:%02x%02x%02x%02x-%02x%02x-4%01x%02x-8%01x%02x-%02x%02x%02x%02x%02x%02x",
                   parcel->topic, b[0], b[1], b[2], b[3], b[4], b[5], b[6] & 15U, b[7], b[8] & 15U,
                   b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

/* --- all together ------------------------------------------------------------------------------
 */

static enum signer signer_of(const struct notice_fault *fault)
{
    if (fault->kind != NOTICE_FAULT_WRONG_CERTIFICATE) {
        return SIGNER_AMAZON;
    }
    switch (fault->certificate) {
    case WRONG_SELF_SIGNED:
    case WRONG_KEY:
        return SIGNER_SELF_SIGNED;
    case WRONG_NAME:
        return SIGNER_WRONG_NAME;
    case WRONG_EXPIRED:
        return SIGNER_EXPIRED;
    case WRONG_COUNT:
        break;
    }
    return SIGNER_AMAZON;
}

static void write_certificate_url(struct text *out, const struct notice_fault *fault,
                                  const char *file, const char *region)
{
    if (fault->kind == NOTICE_FAULT_FOREIGN_URL) {
        foreign_url_write(out, fault->url, file, region);
    } else {
        text_format(out, "https://sns.%s.amazonaws.com/%s", region, file);
    }
}

static const char *pad(struct text *message)
{
    static const char padding[] =
        "                                                                ";

    while (message->length < OVERSIZED_BYTES) {
        text_add(message, padding);
    }
    return message->bytes;
}

enum status parcel_pack(struct parcel *parcel, const struct notice *notice,
                        const struct notice_fault *fault, const struct rules *rules,
                        struct signers *signers, struct instant now, struct problem *problem)
{
    const char *region = aws_region(notice->region, rules);
    const char *own = notice->seller->id;
    const struct signer_pair *pair = NULL;
    const struct signer_pair *shown = NULL;
    char at[INSTANT_TEXT_MAX];
    char signature[BASE64_LENGTH(SIGNATURE_BYTES_MAX) + 1];
    struct text message = {0};
    struct text url = {0};
    char *printed;
    enum status status = signers_get(signers, signer_of(fault), &pair, problem);

    if (status == ST_OK) {
        bool other_key =
            fault->kind == NOTICE_FAULT_WRONG_CERTIFICATE && fault->certificate == WRONG_KEY;
        status =
            signers_get(signers, other_key ? SIGNER_AMAZON : signer_of(fault), &shown, problem);
    }
    if (status != ST_OK) {
        return status;
    }
    printed =
        write_message(notice, fault->kind == NOTICE_FAULT_OTHER_SELLER ? OTHER_SELLER : own, rules);
    text_add(&message, printed);
    free(printed);
    instant_format(now, at);
    write_addresses(parcel, region, fault->kind == NOTICE_FAULT_OTHER_TOPIC ? OTHER_SELLER : own);
    write_certificate_url(&url, fault, shown->file, region);
    struct envelope envelope = {
        .message = fault->kind == NOTICE_FAULT_OVERSIZED ? pad(&message) : message.bytes,
        .message_id = parcel->message_id,
        .subject = rules->notify_subject == NOTIFY_SUBJECT_PRESENT ? SUBJECT : NULL,
        .timestamp = at,
        .topic = parcel->topic,
        .certificate_url = url.bytes,
    };
    sign(&envelope, rules, pair->key, signature);
    if (fault->kind == NOTICE_FAULT_TAMPER) {
        tamper(&message);
        envelope.message = message.bytes;
    }
    text_clear(&parcel->body);
    if (fault->kind == NOTICE_FAULT_NOT_JSON) {
        text_add(&parcel->body, "<<html>\x01 this is not the JSON you are looking for");
    } else {
        write_body(&parcel->body, &envelope, rules, signature, region, parcel->subscription);
    }
    text_fit(&parcel->body);
    text_free(&message);
    text_free(&url);
    return ST_OK;
}

void parcel_copy(struct parcel *to, const struct parcel *from)
{
    text_free(&to->body);
    *to = *from;
    to->body = (struct text){0};
    text_add_bytes(&to->body, from->body.bytes, from->body.length);
}

void parcel_free(struct parcel *parcel)
{
    text_free(&parcel->body);
}
