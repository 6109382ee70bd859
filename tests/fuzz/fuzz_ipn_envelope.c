/*
 * fuzz_ipn_envelope.c - bodies that anybody may post: the envelope, what of it is signed, and the
 * URL in it.
 *
 * What holds for all of them: an envelope that is taken has every text that is needed, none too
 * long, and its signed text begins with its message and ends with its type; a URL that is allowed
 * is https and its host is below amazonaws.com, whoever reads it.
 */
#include <stdlib.h>
#include <string.h>

#include "billing/ensure.h"
#include "mws/ipn.h"
#include "tests/fuzz/fuzz.h"

static void check_url(const char *url)
{
    struct problem problem = {""};
    if (ipn_certificate_url_check(url, &problem) != ST_OK) {
        ENSURE(problem.text[0] != '\0');
        return;
    }
    static const char beginning[] = "https://sns.";
    size_t length = strlen(url);
    ENSURE(length < IPN_URL_MAX);
    ENSURE(strncmp(url, beginning, sizeof beginning - 1) == 0);
    ENSURE(strpbrk(url, "@?#%\\ \"<>") == NULL);
    const char *host = url + strlen("https://");
    size_t host_length = strcspn(host, ":/");
    const char *amazon = strstr(host, ".amazonaws.com");
    ENSURE(amazon != NULL);
    size_t rest = (size_t)(host + host_length - amazon);
    ENSURE(rest == strlen(".amazonaws.com") || rest == strlen(".amazonaws.com.cn"));
    ENSURE(strcmp(url + length - 4, ".pem") == 0);
}

static void check_envelope(const struct ipn_envelope *envelope)
{
    size_t length = 0;
    char *text = ipn_signed_text(envelope, &length);
    ENSURE(strlen(text) == length);
    ENSURE(strncmp(text, "Message\n", 8) == 0);
    ENSURE(strncmp(text + 8, envelope->message, envelope->message_length) == 0);
    ENSURE(text[length - 1] == '\n');
    free(text);
    ENSURE(envelope->message[0] != '\0');
    ENSURE(envelope->message_id[0] != '\0');
    ENSURE(strlen(envelope->message_id) < IPN_MESSAGE_ID_MAX);
    ENSURE(strlen(envelope->topic_arn) < IPN_TOPIC_MAX);
    ENSURE(envelope->signature_length <= SIGNATURE_BYTES_MAX);
    ENSURE(envelope->digest == DIGEST_SHA1 || envelope->digest == DIGEST_SHA256);
    ENSURE((envelope->type == IPN_NOTIFICATION) == (envelope->token == NULL));
    ENSURE((envelope->type == IPN_NOTIFICATION) == (envelope->subscribe_url == NULL));
    check_url(envelope->signing_cert_url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ipn_envelope envelope;
    struct problem problem = {""};
    char *text = fuzz_text(data, size);
    check_url(text);
    if (ipn_envelope_read(text, size, &envelope, &problem) == ST_OK) {
        check_envelope(&envelope);
        ipn_envelope_free(&envelope);
    } else {
        ENSURE(problem.text[0] != '\0');
        ENSURE(envelope.json == NULL);
    }
    free(text);
    return 0;
}
