/*
 * ipn_envelope.c - what Amazon SNS posts: a JSON object around the notification, and which of its
 * bytes are signed.
 *
 * Nothing here is believed yet. Everything that is signed, or says who signed, must be there, be a
 * text, and fit; a Subject is signed only if it is there. Members that SNS may add are ignored,
 * because a signature says nothing about them.
 *
 * Read on in ipn_url.c and ipn_notification.c.
 */
#include "mws/ipn.h"

#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/edge/crypto.h"
#include "mws/edge/json.h"

#define TIMESTAMP_MAX     64
#define SUBJECT_MAX       1024 /* SNS: at most 100 characters */
#define TOKEN_MAX         1024
#define SUBSCRIBE_URL_MAX 2048

/* A text of 1 to `size` - 1 bytes. */
static enum status text_required(const struct json *root, const char *name, size_t size,
                                 const char **text, struct problem *problem)
{
    const struct json *value = json_get(root, name);
    *text = json_as_string(value);
    if (value == NULL) {
        return problem_set(problem, ST_INVALID, "%s is missing", name);
    }
    if (*text == NULL || (*text)[0] == '\0') {
        return problem_set(problem, ST_INVALID, "%s is not a text", name);
    }
    if (strlen(*text) >= size) {
        return problem_set(problem, ST_INVALID, "%s has %zu bytes; at most %zu are expected", name,
                           strlen(*text), size - 1);
    }
    return ST_OK;
}

static enum status type_read(struct ipn_envelope *envelope, struct problem *problem)
{
    static const struct {
        const char *name;
        enum ipn_envelope_type type;
    } types[] = {{"Notification", IPN_NOTIFICATION},
                 {"SubscriptionConfirmation", IPN_SUBSCRIPTION_CONFIRMATION},
                 {"UnsubscribeConfirmation", IPN_UNSUBSCRIBE_CONFIRMATION}};
    const char *name;
    enum status status = text_required(envelope->json, "Type", 64, &name, problem);
    for (size_t i = 0; status == ST_OK && i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, name) == 0) {
            envelope->type = types[i].type;
            return ST_OK;
        }
    }
    return status != ST_OK
               ? status
               : problem_set(problem, ST_INVALID, "Type is \"%.60s\", which is unknown", name);
}

static enum status signature_read(struct ipn_envelope *envelope, struct problem *problem)
{
    const char *version;
    const char *signature;
    enum status status = text_required(envelope->json, "SignatureVersion", 16, &version, problem);
    if (status == ST_OK) {
        status = text_required(envelope->json, "Signature", BASE64_LENGTH(SIGNATURE_BYTES_MAX) + 1,
                               &signature, problem);
    }
    if (status != ST_OK) {
        return status;
    }
    if (strcmp(version, "1") == 0) {
        envelope->digest = DIGEST_SHA1;
    } else if (strcmp(version, "2") == 0) {
        envelope->digest = DIGEST_SHA256;
    } else {
        return problem_set(problem, ST_INVALID, "SignatureVersion is \"%.15s\"; 1 and 2 are known",
                           version);
    }
    if (!base64_decode(signature, strlen(signature), envelope->signature,
                       sizeof envelope->signature, &envelope->signature_length)) {
        return problem_set(problem, ST_INVALID, "Signature is not base64");
    }
    return ST_OK;
}

/* What only a notification, or only a confirmation, has. */
static enum status others_read(struct ipn_envelope *envelope, struct problem *problem)
{
    enum status status;
    if (envelope->type == IPN_NOTIFICATION) {
        return json_get(envelope->json, "Subject") == NULL
                   ? ST_OK
                   : text_required(envelope->json, "Subject", SUBJECT_MAX, &envelope->subject,
                                   problem);
    }
    status = text_required(envelope->json, "Token", TOKEN_MAX, &envelope->token, problem);
    if (status == ST_OK) {
        status = text_required(envelope->json, "SubscribeURL", SUBSCRIBE_URL_MAX,
                               &envelope->subscribe_url, problem);
    }
    return status;
}

static enum status envelope_fill(struct ipn_envelope *envelope, struct problem *problem)
{
    const struct {
        const char *name;
        size_t size;
        const char **text;
    } texts[] = {{"MessageId", IPN_MESSAGE_ID_MAX, &envelope->message_id},
                 {"TopicArn", IPN_TOPIC_MAX, &envelope->topic_arn},
                 {"Message", IPN_BODY_BYTES_MAX, &envelope->message},
                 {"Timestamp", TIMESTAMP_MAX, &envelope->timestamp},
                 {"SigningCertURL", IPN_URL_MAX, &envelope->signing_cert_url}};
    enum status status = type_read(envelope, problem);
    for (size_t i = 0; status == ST_OK && i < sizeof texts / sizeof texts[0]; i++) {
        status =
            text_required(envelope->json, texts[i].name, texts[i].size, texts[i].text, problem);
    }
    if (status == ST_OK) {
        envelope->message_length = strlen(envelope->message);
        status = others_read(envelope, problem);
    }
    return status == ST_OK ? signature_read(envelope, problem) : status;
}

enum status ipn_envelope_read(const char *body, size_t length, struct ipn_envelope *envelope,
                              struct problem *problem)
{
    memset(envelope, 0, sizeof *envelope);
    if (length > IPN_BODY_BYTES_MAX) {
        return problem_set(problem, ST_INVALID, "the body has %zu bytes; at most %zu are read",
                           length, IPN_BODY_BYTES_MAX);
    }
    enum status status = json_parse(body, length, &envelope->json, problem);
    if (status != ST_OK) {
        envelope->json = NULL;
        return status;
    }
    status = json_kind(envelope->json) == JSON_KIND_OBJECT
                 ? envelope_fill(envelope, problem)
                 : problem_set(problem, ST_INVALID, "the body is not a JSON object");
    if (status != ST_OK) {
        ipn_envelope_free(envelope);
    }
    return status;
}

void ipn_envelope_free(struct ipn_envelope *envelope)
{
    json_free(envelope->json);
    memset(envelope, 0, sizeof *envelope);
}

/* ---- what is signed ---- */

struct signed_element {
    const char *name;
    const char *value; /* NULL = not signed in this envelope */
};

static char *lines_join(const struct signed_element *elements, size_t count, size_t *length)
{
    size_t size = 1;
    for (size_t i = 0; i < count; i++) {
        if (elements[i].value != NULL) {
            size += strlen(elements[i].name) + strlen(elements[i].value) + 2;
        }
    }
    char *text = malloc(size);
    ENSURE(text != NULL);
    char *end = text;
    for (size_t i = 0; i < count; i++) {
        if (elements[i].value != NULL) {
            end = stpcpy(end, elements[i].name);
            *end++ = '\n';
            end = stpcpy(end, elements[i].value);
            *end++ = '\n';
        }
    }
    *end = '\0';
    *length = (size_t)(end - text);
    ENSURE(*length == size - 1);
    return text;
}

static const char *type_word(enum ipn_envelope_type type)
{
    switch (type) {
    case IPN_NOTIFICATION:
        return "Notification";
    case IPN_SUBSCRIPTION_CONFIRMATION:
        return "SubscriptionConfirmation";
    case IPN_UNSUBSCRIBE_CONFIRMATION:
        return "UnsubscribeConfirmation";
    }
    ensure_failed("a known type of envelope", __FILE__, __LINE__);
}

char *ipn_signed_text(const struct ipn_envelope *envelope, size_t *length)
{
    /* In byte order of the names. A notification has no Token and no SubscribeURL, a confirmation
     * no Subject. */
    const struct signed_element elements[] = {
        {"Message", envelope->message},     {"MessageId", envelope->message_id},
        {"Subject", envelope->subject},     {"SubscribeURL", envelope->subscribe_url},
        {"Timestamp", envelope->timestamp}, {"Token", envelope->token},
        {"TopicArn", envelope->topic_arn},  {"Type", type_word(envelope->type)}};
    return lines_join(elements, sizeof elements / sizeof elements[0], length);
}
